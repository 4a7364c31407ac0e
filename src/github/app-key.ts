import { cleanText, unquoted } from '../domain/text/clean.ts'
import { Refused } from '../domain/verdict.ts'

/** How GitHub signs in an App. https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app */
const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }

const setting = 'GITHUB_APP_PRIVATE_KEY'
const newKey = "generate a key in the App's settings and set it to the text of the .pem file"

/** The labels of the keys that GitHub gives out, and of what they are converted to. */
const usableLabels = ['RSA PRIVATE KEY', 'PRIVATE KEY']

/**
 * Reads the private key of an App in any form in which it survives a variable: with line ends of any system, written as
 * `\n` or replaced by spaces, in quotes, after a byte-order mark, or as base64 of the whole file.
 *
 * @returns PEM with 64 characters on each line
 * @throws Refused with what the text is instead
 */
export function readAppKey(text: string): string {
  const plain = withLineEnds(text)
  const pem = plain.includes('-----BEGIN') ? plain : withLineEnds(fromBase64(plain) ?? plain)
  const [, label] = /-----BEGIN ([A-Z0-9 ]{1,40})-----/.exec(pem) ?? []
  if (label === undefined) throw new Refused(noKey(plain))
  const begin = `-----BEGIN ${label}-----`
  const end = `-----END ${label}-----`
  const from = pem.indexOf(begin) + begin.length
  const to = pem.indexOf(end, from)
  if (!usableLabels.includes(label)) throw new Refused(otherKind(label))
  if (to === -1)
    throw new Refused(`${setting} is cut off: it has no line "${end}". Set it to the whole file.`)
  const body = pem.slice(from, to)
  if (body.includes('ENCRYPTED')) throw new Refused(otherKind('ENCRYPTED PRIVATE KEY'))
  const base64 = Array.from(body.matchAll(/[^\s\u200b-\u200f\u2060\ufeff]+/g), ([part]) => part).join('')
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) {
    throw new Refused(
      `${setting} is damaged: between its first and last line are characters that no key has.`,
    )
  }
  return [begin, ...(base64.match(/.{1,64}/g) ?? []), end].join('\n')
}

/**
 * Signs with a key once, and checks the signature: what cannot sign must not wait for the first event.
 *
 * @param pem as `readAppKey` returns it
 * @throws Refused when it cannot
 */
export async function trySigning(pem: string): Promise<void> {
  const { subtle } = crypto
  const message = new TextEncoder().encode('auto-retrain')
  let isRight = false
  try {
    const key = await subtle.importKey('pkcs8', pkcs8Of(pem), algorithm, true, ['sign'])
    const { n = '', e = '' } = await subtle.exportKey('jwk', key)
    const publicKey = await subtle.importKey('jwk', { kty: 'RSA', n, e }, algorithm, false, ['verify'])
    isRight = await subtle.verify(algorithm, publicKey, await subtle.sign(algorithm, key, message), message)
  } catch (cause) {
    throw new Refused(`${setting} is not a key that can sign: it is damaged or not RSA; ${newKey}.`, {
      cause,
    })
  }
  if (!isRight) throw new Refused(`${setting} is not a key that can sign: it is damaged; ${newKey}.`)
}

/**
 * Converts a key to PKCS#8, the one form that WebCrypto reads on every platform. GitHub gives out PKCS#1.
 *
 * @param pem as `readAppKey` returns it
 */
export function toPkcs8(pem: string): string {
  const base64 = btoa(Array.from(pkcs8Of(pem), (byte) => String.fromCharCode(byte)).join(''))
  return [
    '-----BEGIN PRIVATE KEY-----',
    ...(base64.match(/.{1,64}/g) ?? []),
    '-----END PRIVATE KEY-----',
    '',
  ].join('\n')
}

/** `INTEGER 0` and the algorithm rsaEncryption. https://www.rfc-editor.org/rfc/rfc5208#section-5 */
const rsaPreamble = [2, 1, 0, 0x30, 13, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 13, 1, 1, 1, 5, 0]

const tags = { sequence: 0x30, octets: 4 }

/** The label need not be right: what follows the version tells the two forms apart. */
function pkcs8Of(pem: string): Uint8Array<ArrayBuffer> {
  const binary = atob(pem.replaceAll(/-----[^-]+-----|\s/g, ''))
  const der = Uint8Array.from(binary, (character) => character.charCodeAt(0))
  const length = der[1] ?? 0
  const versionAt = length < 0x80 ? 2 : 2 + (length & 0x7f)
  const isPkcs8 = der[versionAt + 3] === tags.sequence
  return isPkcs8 ? der : element(tags.sequence, [...rsaPreamble, ...element(tags.octets, [...der])])
}

/** One element of DER: its tag, its length and its content. https://luca.ntop.org/Teaching/Appunti/asn1.html */
function element(tag: number, content: readonly number[]): Uint8Array<ArrayBuffer> {
  const { length } = content
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Uint8Array.from([tag, ...size, ...content])
}

/** Variables that hold one line have the line ends as two characters, some of them escaped twice. */
function withLineEnds(text: string): string {
  return unquoted(text)
    .replaceAll(/\\{1,4}r(?=\\{1,4}n)/g, '')
    .replaceAll(/\\{1,4}n/g, '\n')
}

function fromBase64(text: string): string | null {
  const compact = text.replaceAll(/\s+/g, '').replaceAll('-', '+').replaceAll('_', '/')
  try {
    const decoded = cleanText(atob(compact))
    return decoded.includes('-----BEGIN') ? decoded : null
  } catch {
    return null
  }
}

function noKey(text: string): string {
  const isPath = /^[\w./~:\\-]{1,200}\.(?:pem|key)$/i.test(text) || /^(?:\/|~|file:).{0,500}$/.test(text)
  if (isPath) return `${setting} must be the text of the .pem file, not its path.`
  if (/^SHA256:/i.test(text)) return `${setting} is the fingerprint of a key, not the key: ${newKey}.`
  return `${setting} must be the text of the .pem file, from its BEGIN line to its END line (line ends may be written as \\n).`
}

function otherKind(label: string): string {
  const what = label.startsWith('ENCRYPTED') ? 'a key with a passphrase' : `a key of another kind (${label})`
  return `${setting} is ${what}, not the private key of an App: ${newKey}.`
}
