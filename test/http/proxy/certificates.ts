import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'

/** A CA made for one test, and the certificate that it signed. All PEM; valid for a day. */
export interface TestCertificates {
  readonly ca: string
  readonly cert: string
  readonly key: string
}

/**
 * Makes a CA and a server certificate signed by it. https://www.rfc-editor.org/rfc/rfc5280#section-4.1
 *
 * @param hosts the DNS names that the certificate is for
 */
export function createCertificates(hosts: readonly string[]): TestCertificates {
  const authority = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const server = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const issuer = { name: 'auto-retrain test CA', key: authority.privateKey }
  const isCa = extension({ oid: oids.basicConstraints, critical: true, value: sequence(boolean(true)) })
  const names = sequence(...hosts.map((host) => der(0x82, Buffer.from(host))))
  const forHosts = extension({ oid: oids.subjectAltName, critical: false, value: names })
  return {
    ca: certificate({ issuer, subject: issuer.name, publicKey: authority.publicKey, extensions: isCa }),
    cert: certificate({ issuer, subject: 'test server', publicKey: server.publicKey, extensions: forHosts }),
    key: server.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}

/** Object identifiers in their DER form. */
const oids = {
  ecdsaWithSha256: '06082a8648ce3d040302',
  commonName: '0603550403',
  basicConstraints: '0603551d13',
  subjectAltName: '0603551d11',
}

function certificate(options: {
  issuer: { name: string; key: KeyObject }
  subject: string
  publicKey: KeyObject
  extensions: Buffer
}): string {
  const { issuer, subject, publicKey, extensions } = options
  const algorithm = sequence(Buffer.from(oids.ecdsaWithSha256, 'hex'))
  const now = Date.now()
  const hour = 3_600_000
  const body = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    algorithm,
    distinguishedName(issuer.name),
    sequence(utcTime(now - hour), utcTime(now + 24 * hour)),
    distinguishedName(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(extensions)),
  )
  const signature = der(0x03, Buffer.concat([Buffer.from([0]), sign('sha256', body, issuer.key)]))
  const lines = sequence(body, algorithm, signature).toString('base64').replace(/.{64}/g, '$&\n')
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`
}

function extension(options: { oid: string; critical: boolean; value: Buffer }): Buffer {
  const { oid, critical, value } = options
  return sequence(Buffer.from(oid, 'hex'), ...(critical ? [boolean(true)] : []), der(0x04, value))
}

function distinguishedName(name: string): Buffer {
  const commonName = sequence(Buffer.from(oids.commonName, 'hex'), der(0x0c, Buffer.from(name)))
  return sequence(der(0x31, commonName))
}

function utcTime(ms: number): Buffer {
  const text = new Date(ms).toISOString().replaceAll(/[-:T]|\.\d+/g, '')
  return der(0x17, Buffer.from(text.slice(2)))
}

function boolean(value: boolean): Buffer {
  return der(0x01, Buffer.from([value ? 0xff : 0]))
}

function sequence(...parts: Buffer[]): Buffer {
  return der(0x30, Buffer.concat(parts))
}

function der(tag: number, content: Buffer): Buffer {
  const { length } = content
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...size]), content])
}
