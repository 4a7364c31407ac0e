import { describe, expect, test } from '@jest/globals'
import { createHider } from '../../src/http/hide-secret.ts'
import { findSecrets } from '../e2e/stage/secret-forms.ts'

const secret = 'hf_with "quotes", +/& and \\ é'

describe('A secret that a service sends back is hidden', () => {
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
  ])('%s.', (_, text) => {
    const shown = createHider(secret)(`You sent ${text}, thank you.`)
    expect(findSecrets(shown, { secret })).toEqual([])
    expect(shown).toMatch(/^You sent .*\*\*\*.*, thank you\.$/)
  })
})

describe('Nothing is hidden', () => {
  test('of a text without the secret.', () => {
    expect(createHider(secret)('{"error":"hf_ is missing"}')).toBe('{"error":"hf_ is missing"}')
  })

  test.each(['', 'short'])('for a secret that is too short to be one: %j.', (short) => {
    expect(createHider(short)(`a short text`)).toBe('a short text')
  })
})
