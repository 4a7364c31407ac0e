import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { Webhook } from 'standardwebhooks'
import { defaultRef } from '../../src/domain/revision.ts'
import { Refused } from '../../src/domain/verdict.ts'
import { type Envelope, sealEnvelope } from '../../src/event/envelope.ts'
import { type OpenOptions, openEnvelope } from '../../src/event/open-envelope.ts'
import { createSign } from '../../src/event/signature.ts'
import { eventOf, type Payload, pushPayload, shaOf, withValue } from './hub-payload.ts'

const secret = 'f3a9c1d27b604e58a1b2c3d4e5f60718'
const now = 1_790_000_000_000
const hour = 3_600_000
const day = 24 * hour

const seal = (payload: Payload = pushPayload(), change: Partial<Parameters<typeof sealEnvelope>[0]> = {}) =>
  sealEnvelope({
    event: eventOf(payload),
    ref: defaultRef,
    revision: shaOf('b'),
    id: 'msg_1',
    sign: createSign(secret),
    now,
    ...change,
  })

const open = (envelope: unknown, change: Partial<OpenOptions> = {}) =>
  openEnvelope(envelope, { secrets: [secret], now, maxAgeMs: day, allowPlainSecret: false, ...change })

/** A good envelope after changes, signed anew when the changes are not what is to be noticed. */
async function resealed(change: Partial<Envelope>): Promise<Envelope> {
  const envelope = { ...(await seal()), ...change }
  return { ...envelope, signature: await createSign(secret)(envelope) }
}

/** The sentence with which an envelope is refused. */
async function refusal(envelope: unknown, change: Partial<OpenOptions> = {}): Promise<string> {
  const error = await open(envelope, change).then(
    () => new Error('it was accepted'),
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(Refused)
  return (error as Refused).message
}

test("The action opens the relay's envelope and gets the event and the delivery id.", async () => {
  expect(await open(await seal())).toEqual({
    event: {
      event: { action: 'update', scope: 'repo.content' },
      repo: {
        type: 'dataset',
        name: 'acme/digits',
        id: '621ffdc036468d709f174328',
        private: false,
        headSha: shaOf('b'),
      },
      updatedRefs: [{ ref: defaultRef, oldSha: shaOf('a'), newSha: shaOf('b') }],
      webhook: { id: '6390e855e30d9209411de93b', version: 3 },
    },
    id: 'msg_1',
    plainSecret: false,
  })
})

describe('A new envelope', () => {
  test('It has six keys, and only the allowed fields of the event.', async () => {
    const envelope = await seal(
      pushPayload({ comment: { content: 'private words' }, updatedConfig: {}, movedTo: { name: 'x/y' } }),
    )
    expect(Object.keys(envelope).sort()).toEqual(['body', 'dataset', 'id', 'sha', 'signature', 'timestamp'])
    expect(JSON.parse(envelope.body)).toEqual({
      event: { action: 'update', scope: 'repo.content' },
      repo: {
        type: 'dataset',
        name: 'acme/digits',
        id: '621ffdc036468d709f174328',
        private: false,
        headSha: shaOf('b'),
      },
      updatedRefs: [{ ref: defaultRef, oldSha: shaOf('a'), newSha: shaOf('b') }],
      webhook: { id: '6390e855e30d9209411de93b', version: 3 },
    })
  })

  test('It does not contain the secret in any encoding.', async () => {
    const text = JSON.stringify(await seal())
    const bytes = Buffer.from(secret)
    for (const form of [secret, bytes.toString('base64'), bytes.toString('hex')])
      expect(text).not.toContain(form)
  })

  test('Of many updated refs it contains only the one that passed, so that it stays below 64 KB.', async () => {
    const others = Array.from({ length: 5000 }, (_, n) => ({
      ref: `refs/pr/${n}`,
      oldSha: null,
      newSha: shaOf('c'),
    }))
    const main = { ref: defaultRef, oldSha: shaOf('a'), newSha: shaOf('b') }
    const envelope = await seal(pushPayload({ updatedRefs: [...others, main] }))
    expect(JSON.parse(envelope.body).updatedRefs).toEqual([main])
    expect(JSON.stringify(envelope).length).toBeLessThan(2000)
  })

  test('It can be opened when the event lists no refs.', async () => {
    const envelope = await seal(withValue(pushPayload(), 'updatedRefs', undefined))
    expect(JSON.parse(envelope.body)).not.toHaveProperty('updatedRefs')
    expect((await open(envelope)).event.repo.headSha).toBe(shaOf('b'))
  })

  test('Its timestamp is in whole seconds and never ahead of the clock.', async () => {
    expect((await seal(pushPayload(), { now: 1_790_000_000_999 })).timestamp).toBe(1_790_000_000)
  })

  test('The official Standard Webhooks package accepts its signature.', async () => {
    const { id, timestamp, body, signature } = await seal()
    const official = new Webhook(new TextEncoder().encode(secret), { format: 'raw' })
    expect(signature).toBe(official.sign(id, new Date(timestamp * 1000), body))
  })

  test('It can be opened when the official Standard Webhooks package signed it.', async () => {
    const envelope = await seal()
    const official = new Webhook(new TextEncoder().encode(secret), { format: 'raw' })
    const signature = official.sign(envelope.id, new Date(envelope.timestamp * 1000), envelope.body)
    expect(await open({ ...envelope, signature })).toMatchObject({ id: 'msg_1' })
  })
})

const notOurs = /^The envelope was not signed with webhook-secret: .+\.$/

describe('An envelope that was changed on the way is refused', () => {
  test('An envelope with a changed body is refused.', async () => {
    const envelope = await seal()
    expect(await refusal({ ...envelope, body: envelope.body.replace('digits', 'letters') })).toMatch(notOurs)
  })

  test('An envelope with changed white space in its body is refused.', async () => {
    const envelope = await seal()
    expect(await refusal({ ...envelope, body: `${envelope.body} ` })).toMatch(notOurs)
  })

  test('An envelope with a changed id is refused.', async () => {
    expect(await refusal({ ...(await seal()), id: 'msg_2' })).toMatch(notOurs)
  })

  test('An envelope with a changed timestamp is refused.', async () => {
    expect(await refusal({ ...(await seal()), timestamp: now / 1000 + 1 })).toMatch(notOurs)
  })

  test('An envelope whose dataset differs from its body is refused.', async () => {
    expect(await refusal({ ...(await seal()), dataset: 'acme/letters' })).toMatch(
      /^The envelope's "dataset" does not match/,
    )
  })

  test('An envelope whose dataset differs from its body in case only is refused.', async () => {
    expect(await refusal({ ...(await seal()), dataset: 'Acme/digits' })).toMatch(
      /^The envelope's "dataset" does not match/,
    )
  })

  test.each([
    ['another revision', shaOf('9')],
    ['the old revision', shaOf('a')],
    ['nothing', ''],
    ['a short form of the revision', shaOf('b').slice(0, 7)],
  ])('An envelope whose sha was changed to %s is refused.', async (_, sha) => {
    expect(await refusal({ ...(await seal()), sha })).toMatch(/^The envelope's "sha" does not match/)
  })

  test('An envelope with a part of another one is refused.', async () => {
    const later = await seal(pushPayload(), { now: now + 1000, id: 'msg_2' })
    for (const key of ['id', 'timestamp', 'signature'] as const) {
      expect(await refusal({ ...(await seal()), [key]: later[key] })).toMatch(notOurs)
    }
  })
})

describe('The revision of an envelope', () => {
  test('It may be the head revision.', async () => {
    const updatedRefs = [{ ref: 'refs/heads/dev', oldSha: null, newSha: shaOf('d') }]
    const change = { ref: 'refs/heads/dev', revision: shaOf('d') }
    const envelope = await seal(pushPayload({ updatedRefs }), change)
    expect(envelope.sha).toBe(shaOf('d'))
    expect(await open({ ...envelope, sha: shaOf('b') })).toMatchObject({ id: 'msg_1' })
  })

  test('It may be the new revision of another branch than main.', async () => {
    const updatedRefs = [{ ref: 'refs/heads/dev', oldSha: null, newSha: shaOf('d') }]
    const envelope = await seal(pushPayload({ updatedRefs }), { ref: 'refs/heads/dev', revision: shaOf('d') })
    expect((await open(envelope)).event.updatedRefs).toEqual(updatedRefs)
  })
})

describe('The age of an envelope', () => {
  const atAge = (ms: number, maxAgeMs: number | null = day) => ({ now: now + ms, maxAgeMs })

  test('An envelope that is exactly max-age old is accepted.', async () => {
    expect(await open(await seal(), atAge(day))).toMatchObject({ id: 'msg_1' })
  })

  test('An envelope that is a second older is refused, with both ages and what to do.', async () => {
    expect(await refusal(await seal(), atAge(day + 1000))).toBe(
      'The envelope is 86401 seconds old (max-age allows 86400): ' +
        'start the workflow by hand, replay the event on the Hub, or raise max-age.',
    )
  })

  test('A re-run accepts any age.', async () => {
    expect(await open(await seal(), atAge(1000 * day, null))).toMatchObject({ id: 'msg_1' })
  })

  test('An envelope from exactly ten minutes in the future is accepted, because clocks differ.', async () => {
    expect(await open(await seal(), atAge(-600_000))).toMatchObject({ id: 'msg_1' })
  })

  test('An envelope from ten minutes and a second in the future is refused, with the difference.', async () => {
    expect(await refusal(await seal(), atAge(-601_000))).toBe(
      'The envelope is dated 601 seconds in the future (at most 600 are allowed): ' +
        'correct the clock of the relay or the runner.',
    )
  })

  test('A re-run does not accept an envelope from the future.', async () => {
    expect(await refusal(await seal(), atAge(-601_000, null))).toMatch(/601 seconds in the future/)
  })

  test('max-age: 0s accepts only an envelope of the same second.', async () => {
    expect(await open(await seal(), atAge(999, 0))).toMatchObject({ id: 'msg_1' })
    expect(await refusal(await seal(), atAge(1000, 0))).toMatch(/1 seconds old \(max-age allows 0\)/)
  })

  test('An envelope that is forged and old is refused for its signature.', async () => {
    expect(await refusal({ ...(await seal()), id: 'msg_2' }, atAge(10 * day))).toMatch(notOurs)
  })
})

describe('An incomplete or invalid envelope', () => {
  test.each(['dataset', 'sha', 'id', 'timestamp', 'body'])(
    'An envelope without %s is refused, and the error names the key.',
    async (key) => {
      const envelope: Record<string, unknown> = { ...(await seal()) }
      delete envelope[key]
      expect(await refusal(envelope)).toBe(
        `The repository_dispatch has no valid envelope (missing or wrong: ${key}): ` +
          'send events through the relay, or start the workflow by hand.',
      )
    },
  )

  test.each([
    ['dataset', 5],
    ['sha', null],
    ['id', ['msg_1']],
    ['timestamp', String(now / 1000)],
    ['timestamp', 1.5],
    ['timestamp', null],
    ['signature', 7],
    ['secret', true],
    ['body', { event: {} }],
  ])('An envelope with %s = %j is refused by that name.', async (key, value) => {
    expect(await refusal({ ...(await seal()), [key]: value })).toContain(`(missing or wrong: ${key})`)
  })

  test.each([undefined, null, 'text', 5, []])('%j in place of an envelope is refused.', async (payload) => {
    expect(await refusal(payload)).toContain('(missing or wrong: client_payload)')
  })

  test('Everything that is missing is named at once.', async () => {
    expect(await refusal({ id: 'msg_1' })).toContain('(missing or wrong: dataset, sha, timestamp, body)')
  })

  test.each(['', 'a b', '::warning::x', 'a.b', 'x'.repeat(129), 'a\n'])(
    'The delivery id %j is refused.',
    async (id) => {
      expect(await refusal(await resealed({ id }))).toMatch(
        /^The id of the envelope must be 1 to 128 letters/,
      )
    },
  )

  test.each(['', 'no JSON', '[]', '{}', '{"event":{"action":"update","scope":"repo.content"}}'])(
    'A signed body that is no event, %j, is refused.',
    async (body) => {
      expect(await refusal(await resealed({ body }))).toMatch(
        /^The signed body of the envelope is not a Hub event/,
      )
    },
  )

  test('Keys that are not known are accepted: a newer relay may send more.', async () => {
    expect(await open({ ...(await seal()), more: true })).toMatchObject({ id: 'msg_1' })
  })
})

describe('Signatures and secrets', () => {
  test('An envelope without a signature is refused.', async () => {
    const { signature: _, ...unsigned } = await seal()
    expect(await refusal(unsigned)).toMatch(/^The envelope has no signature: send events through the relay/)
  })

  test('An envelope signed with another secret is refused, and the error names the two settings.', async () => {
    const message = await refusal(
      await seal(pushPayload(), { sign: createSign('another secret of 27 chars') }),
    )
    expect(message).toContain('WEBHOOK_SECRET')
    expect(message).toContain('webhook-secret')
  })

  test('An envelope signed with the previous secret opens while that is configured.', async () => {
    const envelope = await seal(pushPayload(), { sign: createSign('previous-0123456') })
    expect(await open(envelope, { secrets: [secret, 'previous-0123456'] })).toMatchObject({ id: 'msg_1' })
    expect(await refusal(envelope)).toMatch(notOurs)
  })

  test('Signatures of unknown versions beside a good one are ignored.', async () => {
    const envelope = await seal()
    expect(await open({ ...envelope, signature: `v3,xyz ${envelope.signature} v1a,abc` })).toMatchObject({
      id: 'msg_1',
    })
  })

  test('Signatures of unknown versions alone are refused.', async () => {
    expect(await refusal({ ...(await seal()), signature: 'v3,xyz v1a,abc' })).toMatch(notOurs)
  })

  test.each([[[]], [['']]])(
    'Without a configured secret (%j) every envelope is refused.',
    async (secrets) => {
      await refusal(await seal(), { secrets })
    },
  )
})

describe('An envelope with the secret itself', () => {
  const plain = async (given: string) => {
    const { signature: _, ...unsigned } = await seal()
    return { ...unsigned, secret: given }
  }

  test('It is refused unless allowed, and the error names allow-plain-secret.', async () => {
    const message = await refusal(await plain(secret))
    expect(message).toContain('allow-plain-secret: true')
    expect(message).not.toContain(secret)
  })

  test('It is accepted with allow-plain-secret, and reported as such.', async () => {
    expect(await open(await plain(secret), { allowPlainSecret: true })).toMatchObject({
      plainSecret: true,
      id: 'msg_1',
    })
  })

  test('The previous secret is accepted too.', async () => {
    const options = { allowPlainSecret: true, secrets: ['a new secret of 18', secret] }
    expect(await open(await plain(secret), options)).toMatchObject({ plainSecret: true })
  })

  test.each(['', 'wrong', secret.slice(1), `${secret}0`])(
    'The wrong secret %j is refused and not repeated in the error.',
    async (given) => {
      const message = await refusal(await plain(given), { allowPlainSecret: true })
      expect(message).toBe(
        'The secret in the envelope differs from webhook-secret: set the same one in the relay and the workflow.',
      )
    },
  )

  test('An empty secret does not match an empty configured one.', async () => {
    await refusal(await plain(''), { allowPlainSecret: true, secrets: [''] })
  })

  test('A wrong signature is refused even with the right secret beside it.', async () => {
    const envelope = { ...(await plain(secret)), signature: 'v1,AAAA' }
    expect(await refusal(envelope, { allowPlainSecret: true })).toMatch(notOurs)
  })

  test('It is refused when it is too old.', async () => {
    const options = { allowPlainSecret: true, now: now + 2 * day }
    expect(await refusal(await plain(secret), options)).toMatch(/seconds old/)
  })

  test('It is refused when dataset or sha differ from its body.', async () => {
    const options = { allowPlainSecret: true }
    expect(await refusal({ ...(await plain(secret)), dataset: 'x/y' }, options)).toMatch(/"dataset"/)
    expect(await refusal({ ...(await plain(secret)), sha: shaOf('9') }, options)).toMatch(/"sha"/)
  })
})

test('Any payload from outside is refused with an error that repeats nothing of it.', async () => {
  const hostile = fc.oneof(fc.jsonValue(), fc.constant('::error::X<b>'))
  const keys = ['dataset', 'sha', 'id', 'timestamp', 'signature', 'secret', 'body']
  await fc.assert(
    fc.asyncProperty(fc.dictionary(fc.constantFrom(...keys), hostile), async (payload) => {
      const message = await refusal(payload)
      expect(message).toMatch(/^The [\w ,():"'_.-]+\.$/)
    }),
  )
})
