import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Request } from '../../../src/run/work.ts'
import { type Rig, startRig } from '../rig.ts'

let rig: Rig

beforeEach(async () => {
  rig = await startRig()
})
afterEach(() => rig.close())

const second = 1000
const died = new Error('It is unknown whether the training was started.')

/** The ways to request a training by hand; `revision` is the head. */
const asked = {
  'without inputs': () => ({}),
  'with force': () => ({ force: true }),
  'with a revision': () => ({
    revision: rig.hub.repository('ann/digits').refs.get('refs/heads/main') ?? null,
  }),
} satisfies Record<string, () => Partial<Request>>
const ways = Object.keys(asked) as (keyof typeof asked)[]

/** Runs a first attempt whose runner dies some time after its claim, before or after it ordered a training. */
async function die(options: { after: number; request: Partial<Request>; ordered: boolean }): Promise<void> {
  const { start } = rig.provider.trainer()
  rig.provider.does({
    start: async (order, context) => {
      rig.home.clock.advance(options.after)
      if (options.ordered) await start(order, context)
      throw died
    },
  })
  await rig.run({ runId: '7', request: options.request })
  rig.provider.does({ start })
}

/** The provider lists no run until some time has passed. */
function showAfter(wait: number): void {
  const { find } = rig.provider.trainer()
  const from = rig.home.clock.now() + wait
  rig.provider.does({
    find: async (order, signal) =>
      rig.home.clock.now() < from ? null : ((await find?.(order, signal)) ?? null),
  })
}

describe('“Re-run jobs” after a runner died right after it ordered a training', () => {
  test.each(ways)('It follows that training although the provider lists it late: %s.', async (way) => {
    const request = asked[way]()
    await die({ after: 150 * second, request, ordered: true })
    showAfter(400 * second)
    rig.home.clock.advance(10 * second)
    const { outcome } = await rig.run({ runId: '7', runAttempt: 2, request })
    expect(outcome).toMatchObject({ verdict: 'succeeded', attempt: 1 })
    expect(rig.provider.paid).toHaveLength(1)
    expect(await rig.records()).toMatchObject([{ attempt: 1, state: 'succeeded' }])
  })
})

describe('“Re-run jobs” after a runner died before it ordered a training', () => {
  test.each(ways)('It starts a new training ten minutes after the claim: %s.', async (way) => {
    const request = asked[way]()
    await die({ after: 10 * second, request, ordered: false })
    const since = rig.home.clock.now()
    const { outcome } = await rig.run({ runId: '7', runAttempt: 2, request })
    expect(outcome).toMatchObject({ verdict: 'succeeded', attempt: 2 })
    expect(rig.provider.paid).toHaveLength(1)
    expect(rig.home.clock.now() - since).toBeLessThanOrEqual(600 * second)
  })

  test('It does not wait for a training that would have been listed long ago.', async () => {
    await die({ after: 10 * second, request: {}, ordered: false })
    rig.home.clock.advance(13 * 60 * second)
    const since = rig.home.clock.now()
    expect((await rig.run({ runId: '7', runAttempt: 2 })).outcome).toMatchObject({ verdict: 'succeeded' })
    expect(rig.home.clock.now() - since).toBeLessThan(10 * second)
  })
})
