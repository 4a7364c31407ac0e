import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Envelope } from '../../../src/event/envelope.ts'
import { createSign } from '../../../src/event/signature.ts'
import { names } from '../../sandbox/world.ts'
import type { ActionRun } from '../stage/action-run.ts'
import { envelopeFor } from '../stage/dispatches.ts'
import { ledgerLines } from '../stage/ledger-records.ts'
import { type Case, type Stage, startStage } from '../stage/stage.ts'
import { type Together, together } from '../stage/together.ts'

const hour = 3_600_000
const previousSecret = 'feedface00feedface00feedface0004'
const otherSecret = 'deadbeef00deadbeef00deadbeef0005'

interface Refusal {
  title: string
  /** What was done to a good envelope; undefined values are taken out. */
  payload: (good: Envelope) => object | Promise<object>
  inputs?: Record<string, string>
  reason: RegExp
}

const plain = (good: Envelope, secret: string) => ({ ...good, signature: undefined, secret })
/** Signed by somebody who knows the secret. */
const resigned = async (good: Envelope, change: Partial<Envelope>) => {
  const changed = { ...good, ...change }
  return { ...changed, signature: await createSign(names.webhookSecret)(changed) }
}
const aged = (good: Envelope, ms: number) =>
  resigned(good, { timestamp: good.timestamp - Math.floor(ms / 1000) })

const notSigned =
  /^The envelope was not signed with webhook-secret: set the same secret in the relay .*\(webhook-secret\)\.$/
const incomplete = (fields: string) =>
  new RegExp(
    `^The repository_dispatch has no valid envelope \\(missing or wrong: ${fields}\\): send events through`,
  )

const refusals: Refusal[] = [
  {
    title: 'a body that was changed',
    payload: (good) => ({ ...good, body: good.body.replace('refs/heads/main', 'refs/heads/mine') }),
    reason: notSigned,
  },
  { title: 'another id', payload: (good) => ({ ...good, id: 'msg_other' }), reason: notSigned },
  {
    title: 'another timestamp',
    payload: (good) => ({ ...good, timestamp: good.timestamp + 1 }),
    reason: notSigned,
  },
  {
    title: 'a dataset that is not the one of the signed body',
    payload: (good) => ({ ...good, dataset: 'acme/other' }),
    reason: /^The envelope's "dataset" does not match its signed body/,
  },
  {
    title: 'a sha that is not one of the signed body',
    payload: (good) => ({ ...good, sha: 'f'.repeat(40) }),
    reason: /^The envelope's "sha" does not match its signed body/,
  },
  {
    title: "yesterday's envelope",
    payload: (good) => aged(good, 25 * hour),
    reason:
      /^The envelope is 9\d{4} seconds old \(max-age allows 86400\): start the workflow by hand, replay/,
  },
  {
    title: 'an envelope older than max-age',
    payload: (good) => aged(good, 120_000),
    inputs: { 'max-age': '1m' },
    reason: /^The envelope is \d{3} seconds old \(max-age allows 60\)/,
  },
  {
    title: 'an envelope from more than ten minutes in the future',
    payload: (good) => aged(good, -hour),
    reason: /^The envelope is dated 3[56]\d\d seconds in the future .* correct the clock/,
  },
  ...(['dataset', 'sha', 'id', 'timestamp', 'body'] as const).map((key) => ({
    title: `an envelope without ${key}`,
    payload: (good: Envelope) => ({ ...good, [key]: undefined }),
    reason: incomplete(key),
  })),
  {
    title: 'an envelope without a signature',
    payload: (good) => ({ ...good, signature: undefined }),
    reason:
      /^The envelope has no signature: send events through the relay of auto-retrain, which signs them\.$/,
  },
  {
    title: 'a dispatch without a payload',
    payload: () => ({}),
    reason: incomplete('dataset, sha, id, timestamp, body'),
  },
  {
    title: 'keys of the wrong type',
    payload: (good) => ({ ...good, timestamp: `${good.timestamp}`, body: JSON.parse(good.body) }),
    reason: incomplete('timestamp, body'),
  },
  {
    title: 'a signature of another version only',
    payload: (good) => ({ ...good, signature: good.signature.replace('v1,', 'v2,') }),
    reason: notSigned,
  },
  {
    title: 'an invalid delivery id',
    payload: (good) => resigned(good, { id: 'a"; id > /tmp/p; #' }),
    reason: /^The id of the envelope must be 1 to 128 letters/,
  },
  {
    title: 'a signed body that is not an event',
    payload: (good) => resigned(good, { body: '{"event":{}}' }),
    reason: /^The signed body of the envelope is not a Hub event \(missing or wrong: event\.action/,
  },
  {
    title: 'a signature with an unknown secret',
    payload: async (good) => ({ ...good, signature: await createSign(otherSecret)(good) }),
    reason: notSigned,
  },
  {
    title: 'the previous secret after it was removed',
    payload: async (good) => ({ ...good, signature: await createSign(previousSecret)(good) }),
    reason: notSigned,
  },
  {
    title: 'the secret itself, unless that is allowed',
    payload: (good) => plain(good, names.webhookSecret),
    reason: /^The envelope contains the secret itself .* allow-plain-secret: true\.$/,
  },
  {
    title: 'a wrong secret where the secret itself is allowed',
    payload: (good) => plain(good, otherSecret),
    inputs: { 'allow-plain-secret': 'true' },
    reason: /^The secret in the envelope differs from webhook-secret/,
  },
  {
    title: 'a bad signature beside the right secret',
    payload: (good) => ({ ...good, signature: 'v1,AAAA', secret: names.webhookSecret }),
    inputs: { 'allow-plain-secret': 'true' },
    reason: notSigned,
  },
  {
    title: 'an envelope that cannot be checked because webhook-secret is empty',
    payload: (good) => good,
    inputs: { 'webhook-secret': '' },
    reason: /^webhook-secret is empty: set it to the secret of the webhook and the relay/,
  },
  {
    title: 'an envelope signed with the empty secret where webhook-secret is empty',
    payload: (good) => ({ ...good, signature: 'v1,', secret: '' }),
    inputs: { 'webhook-secret': '', 'allow-plain-secret': 'true' },
    reason: /^webhook-secret is empty/,
  },
]

describe('A refused envelope', () => {
  let stage: Stage
  let runs: Together<Refusal, ActionRun>

  beforeAll(async () => {
    stage = await startStage()
    runs = together(refusals, async ({ payload, inputs = {} }) => {
      const subject = stage.case()
      subject.workflow(inputs)
      const good = await envelopeFor({ dataset: subject.dataset, sha: subject.head() })
      return subject.dispatchRaw(await payload(good))
    })
  })
  afterAll(() => stage.close())

  test.each(refusals)('The run is refused, and no service is called: $title.', async (row) => {
    const run = await runs.of(row)
    expect(run).toMatchObject({ verdict: 'refused', exitCode: 1, outputs: { processed: 'false' } })
    expect(run.reason).toMatch(row.reason)
    expect(run.errors).toEqual([run.reason])
    expect(run.post).toMatchObject({ outcome: 'success', annotations: [] })
  })

  test('No refused envelope leads to a call to the Hub, AutoTrain or GitHub.', async () => {
    await Promise.all(refusals.map((row) => runs.of(row)))
    expect(stage.hub.requests).toEqual([])
    expect(stage.autotrain.requests).toEqual([])
    expect(stage.github.requests).toEqual([])
    expect(ledgerLines(stage)).toEqual([])
  })
})

describe('An accepted envelope', () => {
  let stage: Stage
  const good = (of: Case) => envelopeFor({ dataset: of.dataset, sha: of.head() })

  beforeAll(async () => {
    stage = await startStage()
  })
  afterAll(() => stage.close())

  test.concurrent('An envelope signed with the previous secret is accepted while the secret is rotated.', async () => {
    const taken = stage.case()
    taken.workflow({ 'webhook-secret-previous': previousSecret })
    const envelope = await envelopeFor({ dataset: taken.dataset, sha: taken.head(), secret: previousSecret })
    expect(await taken.dispatchRaw(envelope)).toMatchObject({ verdict: 'started', exitCode: 0, warnings: [] })
  })

  test.concurrent('One valid signature among invalid ones is enough.', async () => {
    const taken = stage.case()
    const envelope = await good(taken)
    const signature = `v1a,AAAA v2,BBBB v1,CCCC ${envelope.signature}`
    expect(await taken.dispatchRaw({ ...envelope, signature })).toMatchObject({ verdict: 'started' })
  })

  test.concurrent('The secret itself is accepted where that is allowed, with a warning to change it.', async () => {
    const taken = stage.case()
    taken.workflow({ 'allow-plain-secret': 'true' })
    const run = await taken.dispatchRaw(plain(await good(taken), names.webhookSecret))
    expect(run).toMatchObject({ verdict: 'started', exitCode: 0 })
    expect(run.warnings).toEqual([
      expect.stringMatching(/contains the webhook secret itself.*change the secret/),
    ])
  })

  test.concurrent('An envelope from nine minutes in the future is accepted, since clocks differ.', async () => {
    const taken = stage.case()
    const run = await taken.dispatchRaw(await aged(await good(taken), -540_000))
    expect(run).toMatchObject({ verdict: 'started' })
  })

  test.concurrent('An old envelope is accepted when a person re-runs the workflow, and its signature is still checked.', async () => {
    const taken = stage.case()
    const old = await aged(await good(taken), 48 * hour)
    const first = await taken.dispatchRaw(old)
    expect(first).toMatchObject({ verdict: 'refused', exitCode: 1 })
    expect(await taken.rerun(first)).toMatchObject({ verdict: 'started', exitCode: 0 })

    const forged = await taken.dispatchRaw({ ...old, id: 'msg_forged' })
    expect(await taken.rerun(forged)).toMatchObject({
      verdict: 'refused',
      reason: expect.stringMatching(notSigned),
    })
  })
})
