import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { Webhook } from 'standardwebhooks'
import { createSign, verify } from '../../src/event/signature.ts'

const secret = 'f3a9c1d27b604e58a1b2c3d4e5f60718'
const content = { id: 'msg_1', timestamp: 1_790_000_000, body: '{"event":{}}' }

describe('A signature of Standard Webhooks', () => {
  // Its verifier reads the clock of the machine, so the time signed is the present one.
  const now = Math.floor(Date.now() / 1000)
  const official = new Webhook(new TextEncoder().encode(secret), { format: 'raw' })

  test('The official package accepts our signature.', async () => {
    const signature = await createSign(secret)({ ...content, timestamp: now })
    const headers = {
      'webhook-id': content.id,
      'webhook-timestamp': String(now),
      'webhook-signature': signature,
    }
    expect(official.verify(content.body, headers)).toEqual({ event: {} })
  })

  test('We accept the signature of the official package.', async () => {
    const signature = official.sign(content.id, new Date(content.timestamp * 1000), content.body)
    expect(await verify(content, signature, [secret])).toBe(true)
  })

  test('The signature equals that of the official package for any content and secret, on Workers and on Node.', async () => {
    const text = fc.string({ unit: 'grapheme' })
    const key = fc.string({ unit: 'grapheme', minLength: 1 })
    await fc.assert(
      fc.asyncProperty(text, fc.nat(), text, key, async (id, timestamp, body, anySecret) => {
        const webhook = new Webhook(new TextEncoder().encode(anySecret), { format: 'raw' })
        const theirs = webhook.sign(id, new Date(timestamp * 1000), body)
        expect(await createSign(anySecret)({ id, timestamp, body })).toBe(theirs)
      }),
    )
  })
})

describe('A list of signatures', () => {
  test('One good signature among wrong ones and unknown versions is enough.', async () => {
    const good = await createSign(secret)(content)
    const wrong = await createSign('another secret of ours')(content)
    for (const list of [
      `${wrong} ${good}`,
      `${good} ${wrong}`,
      `v2,abc v1a,def ${good}`,
      `v1, ${good}`,
      ` ${good} `,
    ]) {
      expect(await verify(content, list, [secret])).toBe(true)
    }
  })

  test('A good signature under the name of another version does not count.', async () => {
    const good = await createSign(secret)(content)
    for (const list of [
      good.replace('v1', 'v2'),
      good.replace('v1', 'v1a'),
      good.slice(3),
      good.replace('v1', 'V1'),
    ]) {
      expect(await verify(content, list, [secret])).toBe(false)
    }
  })

  test('Only the first ten signatures of a list are checked.', async () => {
    const good = await createSign(secret)(content)
    expect(await verify(content, `${'v1,AAAA '.repeat(9)}${good}`, [secret])).toBe(true)
    expect(await verify(content, `${'v1,AAAA '.repeat(10)}${good}`, [secret])).toBe(false)
  })

  test.each(['', ' ', 'v1', 'v1,', 'v1,=', 'v1,***', 'v1,AAAA', 'garbage', `v1,${'A'.repeat(44)}`])(
    '%j is not a valid signature and does not throw.',
    async (list) => {
      expect(await verify(content, list, [secret])).toBe(false)
    },
  )
})

describe('The secret of a signature', () => {
  test('Either of two secrets may have signed during a rotation.', async () => {
    const signature = await createSign('previous-0123456')(content)
    expect(await verify(content, signature, [secret, 'previous-0123456'])).toBe(true)
    expect(await verify(content, signature, [secret])).toBe(false)
  })

  test('Without a secret no signature is valid.', async () => {
    expect(await verify(content, await createSign(secret)(content), [])).toBe(false)
  })

  test('An empty secret is ignored and does not throw.', async () => {
    expect(await verify(content, await createSign(secret)(content), [''])).toBe(false)
    expect(await verify(content, await createSign(secret)(content), ['', secret])).toBe(true)
  })
})

test('Any change of id, time, body or signature makes the signature invalid.', async () => {
  const good = await createSign(secret)(content)
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('id', 'timestamp', 'body', 'signature'),
      fc.nat(),
      fc.integer({ min: 1, max: 127 }),
      async (part, place, flip) => {
        const change = (text: string) => {
          const at = place % text.length
          const code = text.charCodeAt(at) ^ flip
          return text.slice(0, at) + String.fromCharCode(code) + text.slice(at + 1)
        }
        const changed = { ...content, signature: good }
        if (part === 'timestamp') changed.timestamp += flip
        else changed[part as 'id'] = change(changed[part as 'id'])
        expect(await verify(changed, changed.signature, [secret])).toBe(false)
      },
    ),
  )
})
