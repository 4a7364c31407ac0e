import { describe, expect, test } from '@jest/globals'
import { createHider } from '../../src/http/hide-secret.ts'
import { findSecrets } from '../e2e/stage/text/secret-forms.ts'

const secret = 'hf_with "quotes", +/& and \\ é'

describe('A hider', () => {
  const bytes = Buffer.from(secret)
  test.each([
    ['as it is', secret],
    ['twice', `${secret} and ${secret}`],
    ['in base64', bytes.toString('base64')],
    ['in base64 after one byte', Buffer.from(`x${secret}y`).toString('base64')],
    ['in base64 after two bytes', Buffer.from(`me${secret}`).toString('base64')],
    ['in base64 for URLs', bytes.toString('base64url')],
    ['as Basic authorization', Buffer.from(`user:${secret}`).toString('base64')],
    ['in hex', bytes.toString('hex')],
    ['in hex in capitals', bytes.toString('hex').toUpperCase()],
    ['percent-encoded', encodeURIComponent(secret)],
    ['in JSON', JSON.stringify({ token: secret })],
  ])('It replaces a secret %s.', (_, text) => {
    const shown = createHider([secret])(`You sent ${text}, thank you.`)
    expect(findSecrets(shown, { secret })).toEqual([])
    expect(shown).toMatch(/^You sent .*\*\*\*.*, thank you\.$/)
  })
})

test('A hider replaces every secret of its list.', () => {
  const hide = createHider(['first-secret', 'second-secret'])
  expect(hide('second-secret, then first-secret')).toBe('***, then ***')
})

test('A hider replaces a secret that contains another one as a whole.', () => {
  expect(createHider(['password', 'password-and-more'])('a password-and-more b')).toBe('a *** b')
})

test('A hider takes the special characters of regular expressions literally.', () => {
  const hide = createHider(['.*[a-z]+(x|y)?$^{2}\\d'])
  expect(hide('innocent text')).toBe('innocent text')
  expect(hide('a .*[a-z]+(x|y)?$^{2}\\d b')).toBe('a *** b')
})

test('A hider changes nothing in a text without the secret.', () => {
  expect(createHider([secret])('{"error":"hf_ is missing"}')).toBe('{"error":"hf_ is missing"}')
})

test.each(['', 'short'])('A hider ignores a secret that is too short to be one: %j.', (short) => {
  expect(createHider([short])(`a short text`)).toBe('a short text')
})

test('A hider without secrets changes nothing.', () => {
  expect(createHider([])('any text')).toBe('any text')
})
