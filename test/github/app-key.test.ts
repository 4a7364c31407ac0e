import { createPublicKey, createSign, createVerify, generateKeyPairSync } from 'node:crypto'
import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { Refused } from '../../src/domain/verdict.ts'
import { readAppKey, toPkcs8, trySigning } from '../../src/github/app-key.ts'
import { refusalOf } from '../recipe/refusal.ts'

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const pkcs1 = privateKey.export({ type: 'pkcs1', format: 'pem' }).toString()
const pkcs8 = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()

/** What a variable makes of a .pem file. */
const forms: [what: string, write: (pem: string) => string][] = [
  ['as it is', (pem) => pem],
  ['with the line ends of Windows', (pem) => pem.replaceAll('\n', '\r\n')],
  ['with line ends written as \\n', (pem) => pem.replaceAll('\n', '\\n')],
  ['with line ends written as \\r\\n', (pem) => pem.replaceAll('\n', '\\r\\n')],
  ['with line ends escaped twice', (pem) => pem.replaceAll('\n', '\\\\n')],
  ['on one line', (pem) => pem.replaceAll('\n', ' ')],
  ['in quotes', (pem) => `"${pem.replaceAll('\n', '\\n')}"`],
  ['after a byte-order mark', (pem) => `\ufeff${pem}`],
  ['with non-breaking and zero-width spaces', (pem) => pem.replaceAll('\n', '\u00a0\u200b\n')],
  ['indented', (pem) => pem.replaceAll('\n', '\n    ')],
  ['as base64', (pem) => Buffer.from(pem).toString('base64')],
  ['as base64 on several lines', (pem) => Buffer.from(pem).toString('base64').replaceAll(/.{76}/g, '$&\r\n')],
  ['as base64 for URLs', (pem) => Buffer.from(pem).toString('base64url')],
  [
    'as base64 of a file from Windows',
    (pem) => Buffer.from(`\ufeff${pem.replaceAll('\n', '\r\n')}`).toString('base64'),
  ],
]

describe.each(forms)('A key %s', (_what, write) => {
  test.each([
    ['PKCS#1', pkcs1],
    ['PKCS#8', pkcs8],
  ])('It is read as the same %s key, which signs.', async (_form, pem) => {
    const read = readAppKey(write(pem))
    expect(read).toBe(pem.trim())
    await trySigning(read)
    expect(toPkcs8(read)).toBe(pkcs8)
  })
})

test('A key whose label names the other form is read by its content.', async () => {
  const mislabelled = pkcs8.replaceAll('PRIVATE KEY', 'RSA PRIVATE KEY')
  expect(toPkcs8(readAppKey(mislabelled))).toBe(pkcs8)
})

test.each([1024, 2048, 4096])('A converted key of %i bits signs like the original.', (modulusLength) => {
  const pair = generateKeyPairSync('rsa', { modulusLength })
  const converted = toPkcs8(readAppKey(pair.privateKey.export({ type: 'pkcs1', format: 'pem' }).toString()))
  const signature = createSign('RSA-SHA256').update('x').sign(converted)
  expect(createVerify('RSA-SHA256').update('x').verify(pair.publicKey, signature)).toBe(true)
})

const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
const pem = (label: string) => `-----BEGIN ${label}-----\nMIIE\n-----END ${label}-----`

test.each([
  ['a word', 'key', /must be the text of the \.pem file, from its BEGIN line to its END line/],
  ['a path', '/run/secrets/app.pem', /must be the text of the \.pem file, not its path/],
  ['a path of Windows', 'C:\\keys\\app.pem', /must be the text of the \.pem file, not its path/],
  ['the fingerprint', 'SHA256:3n3nLkXv0yQ8N9nU0mCMiH2yRZQ=', /is the fingerprint of a key/],
  [
    'the beginning of a key',
    pkcs1.slice(0, 200),
    /is cut off: it has no line "-----END RSA PRIVATE KEY-----"/,
  ],
  [
    'a public key',
    createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }).toString(),
    /another kind \(PUBLIC KEY\)/,
  ],
  ['a key of SSH', pem('OPENSSH PRIVATE KEY'), /another kind \(OPENSSH PRIVATE KEY\)/],
  ['a certificate', pem('CERTIFICATE'), /another kind \(CERTIFICATE\)/],
  ['a key with a passphrase', pem('ENCRYPTED PRIVATE KEY'), /a key with a passphrase/],
  [
    'an older key with a passphrase',
    pkcs1.replace('\n', '\nProc-Type: 4,ENCRYPTED\n'),
    /a key with a passphrase/,
  ],
  ['a key with other text in it', pkcs1.replace('MII', '...'), /is damaged: between its first and last line/],
])('What is %s is refused, with what to do, and not shown.', (_what, text, sentence) => {
  const message = refusalOf(() => readAppKey(text))
  expect(message).toMatch(/^GITHUB_APP_PRIVATE_KEY .*\.$/)
  expect(message).toMatch(sentence)
  expect(message).not.toContain(pkcs1.slice(40, 80))
})

test.each([
  ['of another kind', ec.export({ type: 'pkcs8', format: 'pem' }).toString()],
  ['with a piece missing', pkcs1.replace(/\n[^\n]{64}\n/, '\n')],
  ['that is no key', pem('RSA PRIVATE KEY')],
])('A key %s is refused when it is tried.', async (_what, text) => {
  await expect(trySigning(readAppKey(text))).rejects.toThrow(
    /^GITHUB_APP_PRIVATE_KEY is not a key that can sign/,
  )
})

test('Any text is read, or refused with one sentence.', () => {
  const piece = fc.constantFrom(
    '-----BEGIN ',
    'RSA PRIVATE KEY',
    '-----',
    '\n',
    '-----END ',
    'MIIE',
    '\\n',
    '=',
    '😀',
  )
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.array(piece).map((all) => all.join('')),
      ),
      (text) => {
        try {
          readAppKey(text)
        } catch (error) {
          expect(error).toBeInstanceOf(Refused)
          expect((error as Refused).message).toMatch(/^GITHUB_APP_PRIVATE_KEY [^\n]+\.$/)
        }
      },
    ),
  )
})
