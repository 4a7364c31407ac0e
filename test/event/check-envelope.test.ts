import { describe, expect, test } from '@jest/globals'
import { defaultRef } from '../../src/domain/revision.ts'
import { Refused } from '../../src/domain/verdict.ts'
import { type Envelope, sealEnvelope } from '../../src/event/envelope.ts'
import { openEnvelope } from '../../src/event/open-envelope.ts'
import { isReconcile, reconcileEvent, reconcileId } from '../../src/event/reconcile.ts'
import { createSign } from '../../src/event/signature.ts'
import { shaOf } from './hub-payload.ts'

const secret = 'f3a9c1d27b604e58a1b2c3d4e5f60718'
const now = 1_790_000_000_000
const hour = 3_600_000
const seen = { dataset: 'acme/digits', ref: defaultRef, revision: shaOf('b') }

/** The envelope of a check of the relay, with changes that are signed. */
async function sealed(change: Partial<Envelope> = {}): Promise<Envelope> {
  const event = reconcileEvent({ ...seen, id: '621ffdc036468d709f174328', isPrivate: true })
  const { ref, revision } = seen
  const sign = createSign(secret)
  const good = await sealEnvelope({ event, ref, revision, id: await reconcileId(seen, now), sign, now })
  const changed = { ...good, ...change }
  return { ...changed, signature: await sign(changed) }
}

const open = (envelope: unknown, later = 0) =>
  openEnvelope(envelope, {
    secrets: [secret],
    now: now + later,
    maxAgeMs: 24 * hour,
    allowPlainSecret: false,
  })

describe("The envelope of the relay's own check", () => {
  test('It is opened with its dataset, branch and revision, and without fields that only the Hub has.', async () => {
    const { event, id, plainSecret } = await open(await sealed())
    expect([isReconcile(event), plainSecret]).toEqual([true, false])
    expect(id).toMatch(/^rec_[0-9a-f]{32}$/)
    expect(event).toEqual({
      event: { action: 'reconcile', scope: 'repo.content' },
      repo: {
        type: 'dataset',
        name: 'acme/digits',
        id: '621ffdc036468d709f174328',
        private: true,
        headSha: null,
      },
      updatedRefs: [{ ref: defaultRef, oldSha: null, newSha: shaOf('b') }],
    })
  })

  test.each<[string, (good: Envelope) => Partial<Envelope>, RegExp]>([
    [
      'a body that was changed',
      ({ body }) => ({ body: body.replace('acme/digits', 'acme/mine') }),
      /not signed/,
    ],
    [
      'another action in its body',
      ({ body }) => ({ body: body.replace('reconcile', 'update') }),
      /not signed/,
    ],
    ['another id', () => ({ id: 'rec_00000000000000000000000000000000' }), /not signed/],
    ['a new date', ({ timestamp }) => ({ timestamp: timestamp + 1 }), /not signed/],
  ])('It is refused with %s.', async (_what, change, sentence) => {
    const good = await sealed()
    await expect(open({ ...good, ...change(good) })).rejects.toThrow(sentence)
  })

  test.each([
    ['dataset', { dataset: 'acme/other' }],
    ['sha', { sha: shaOf('f') }],
  ])(
    'It is refused where its %s is not that of the signed body, and nothing is to be replayed.',
    async (key, change) => {
      const sentence = `The envelope's "${key}" does not match its signed body: it was changed on the way. The relay's next check sends another.`
      await expect(open(await sealed(change))).rejects.toThrow(new Refused(sentence))
    },
  )

  test('It is refused once it is older than max-age, and the next check is one of the ways out.', async () => {
    const old = await sealed()
    await expect(open(old, 24 * hour)).resolves.toBeDefined()
    await expect(open(old, 24 * hour + 1000)).rejects.toThrow(
      new Refused(
        'The envelope is 86401 seconds old (max-age allows 86400): start the workflow by hand, ' +
          "wait for the relay's next check, or raise max-age.",
      ),
    )
  })
})
