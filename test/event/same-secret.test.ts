import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { createSecretCheck } from '../../src/event/same-secret.ts'

const secret = 'f3a9c1d27b604e58'
const previous = 'previous-0123456'

test('The right secret is accepted each time.', async () => {
  const isOurs = createSecretCheck([secret])
  expect(await isOurs(secret)).toBe(true)
  expect(await isOurs(secret)).toBe(true)
})

test('The previous secret is accepted beside the new one, in either order.', async () => {
  expect(await createSecretCheck([secret, previous])(previous)).toBe(true)
  expect(await createSecretCheck([previous, secret])(previous)).toBe(true)
})

describe('A wrong secret is rejected', () => {
  test.each([
    ['nothing', ''],
    ['one character less', secret.slice(0, -1)],
    ['one character more', `${secret}0`],
    ['another first character', `0${secret.slice(1)}`],
    ['another last character', `${secret.slice(0, -1)}0`],
    ['upper case', secret.toUpperCase()],
    ['a space before it', ` ${secret}`],
    ['a line break after it', `${secret}\n`],
    ['the secret twice', secret + secret],
    ['both secrets in a list', `${secret},${previous}`],
    ['a zero byte after it', `${secret}\0`],
  ])('%s', async (_, given) => {
    expect(await createSecretCheck([secret, previous])(given)).toBe(false)
  })
})

test('A secret of letters beyond ASCII is compared by its UTF-8 bytes.', async () => {
  const isOurs = createSecretCheck(['Schlüssel-für-alle'])
  expect(await isOurs('Schlüssel-für-alle')).toBe(true)
  expect(await isOurs('Schlussel-fur-alle')).toBe(false)
})

test('An empty configured secret matches nothing, not even an empty text.', async () => {
  expect(await createSecretCheck([''])('')).toBe(false)
  expect(await createSecretCheck([])('')).toBe(false)
})

test('The check never throws, and only equal texts match.', async () => {
  const isOurs = createSecretCheck([secret])
  for (let length = 0; length <= 300; length++) expect(await isOurs('x'.repeat(length))).toBe(false)
  await fc.assert(
    fc.asyncProperty(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: 'binary', minLength: 1 }),
      async (given, ours) => {
        expect(await createSecretCheck([ours])(given)).toBe(toBytes(given) === toBytes(ours))
      },
    ),
  )
})

/** What goes over the wire: half a surrogate pair becomes U+FFFD there. */
const toBytes = (text: string) => new TextEncoder().encode(text).join()
