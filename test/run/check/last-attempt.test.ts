import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { TrainingEnd } from '../../../src/domain/training.ts'
import { UnclearStart } from '../../../src/domain/verdict.ts'
import { leaveRecord, revisionOf } from '../left-record.ts'
import { loseFirst } from '../lost-answer.ts'
import { cancelledRun, failed, lostMachine } from '../provider.ts'
import { digits, type Rig, startRig } from '../rig.ts'
import { minute } from '../workflow-repository.ts'

let rig: Rig
const hour = 60 * minute

beforeEach(async () => {
  rig = await startRig()
})
afterEach(() => rig.close())

const states = async () =>
  (await rig.records()).map(({ attempt, state, cause }) => `${attempt} ${state} ${cause}`)

describe('An attempt that was stopped because an older run goes on', () => {
  test('It does not hide that the older one failed for the training itself.', async () => {
    const { revealInFind, revealInList } = loseFirst(rig)
    const recipes = [digits({ wait: false, maxCost: 99 })]
    await rig.run({ recipes })
    rig.home.clock.advance(11 * minute)
    await rig.run({ recipes })
    expect(rig.provider.paid).toHaveLength(2)
    revealInFind()
    revealInList()
    rig.home.clock.advance(61 * minute)
    await rig.run({ recipes })
    expect(await states()).toEqual(['1 started null', '2 cancelled infrastructure'])
    rig.provider.endAll({ ...failed, trainedMs: 60_000 })
    rig.home.clock.advance(61 * minute)
    const { outcome } = await rig.run({ recipes })
    expect([outcome.verdict, rig.provider.paid.length, await states()]).toEqual([
      'skipped',
      2,
      ['1 failed training', '2 cancelled infrastructure'],
    ])
  })

  test('It does not hide that a person cancelled the older one.', async () => {
    loseFirst(rig, { isShownByNextOrder: true })
    const recipes = [digits({ wait: false, maxCost: 99 })]
    await rig.run({ recipes })
    const first = rig.provider.runs[0]
    rig.home.clock.advance(11 * minute)
    await rig.run({ recipes })
    if (first) first.end = cancelledRun
    rig.home.clock.advance(20 * minute)
    const { outcome } = await rig.run({ recipes })
    expect([outcome.verdict, rig.provider.paid.length, await states()]).toEqual([
      'skipped',
      2,
      ['1 cancelled person', '2 cancelled infrastructure'],
    ])
  })
})

describe('A training that was cancelled with its workflow run while it was queued', () => {
  test('It does not come back with a commit that changes no data.', async () => {
    const queued: TrainingEnd = { ...cancelledRun, began: false, cost: 0, trainedMs: 0 }
    const cancelled = new AbortController()
    rig.provider.does({
      follow: async () => {
        cancelled.abort(new Error('The workflow was cancelled.'))
        throw new Error('aborted')
      },
      inspect: async () => queued,
    })
    await rig.run({ signal: cancelled.signal })
    rig.commitCard()
    rig.home.clock.advance(hour)
    const { outcome } = await rig.run()
    expect(outcome).toMatchObject({ verdict: 'skipped', isWarning: true })
    expect(rig.provider.paid).toHaveLength(1)
  })
})

describe('The last attempt at this data', () => {
  test('It is not trained again although other data, which never began, came in between.', async () => {
    rig.provider.endsIn(failed)
    await rig.run()
    const { start } = rig.provider.trainer()
    rig.hub.commit('ann/digits', { files: { 'train/1/b.txt': 'more' } })
    rig.home.clock.advance(hour)
    rig.provider.does({
      start: async () => {
        throw new UnclearStart('unclear')
      },
    })
    await rig.run()
    rig.home.clock.advance(5 * hour)
    rig.provider.does({ start })
    rig.hub.commit('ann/digits', { deletions: ['train/1/b.txt'] })
    const { outcome } = await rig.run()
    expect([outcome.verdict, rig.provider.paid.length, await states()]).toEqual([
      'skipped',
      1,
      expect.anything(),
    ])
  })

  test('It counts, also where the head is an older revision with an attempt of its own.', async () => {
    // A: lost its machine. B (card commit, same data): failed for the training. A is head again by a force-push.
    const a = rig.head()
    rig.provider.endsIn({ ...lostMachine, trainedMs: 60_000 })
    await rig.run({ recipes: [digits({ maxCost: 99 })] })
    rig.commitCard()
    rig.home.clock.advance(2 * hour)
    rig.provider.endsIn({ ...failed, trainedMs: 60_000 })
    await rig.run({ recipes: [digits({ maxCost: 99 })] })
    expect(rig.provider.paid).toHaveLength(2)
    rig.hub.repository('ann/digits').refs.set('refs/heads/main', a)
    rig.home.clock.advance(2 * hour)
    const { outcome } = await rig.run({ recipes: [digits({ maxCost: 99 })] })
    expect([outcome.verdict, rig.provider.paid.length]).toEqual(['skipped', 2])
  })
})

test('Nothing is ordered on the data of an unclear order that this check had no turn to ask about', async () => {
  const { start, find } = rig.provider.trainer()
  let lost: string | null = null
  // An unclear order on the head's data, then ten more on other data.
  rig.provider.does({
    start: async (order, context) => {
      await start(order, context)
      lost ??= order.nonce
      throw new UnclearStart('unclear')
    },
  })
  const recipes = [digits({ maxCost: 99, timeout: 12 * hour, wait: false })]
  await rig.run({ recipes })
  for (let n = 0; n < 16; n += 1) {
    await leaveRecord(rig, {
      revision: revisionOf(`other-${n}`),
      claim: { deadline: new Date(rig.home.clock.now() + 20 * hour).toISOString(), atHead: false },
    })
    rig.home.clock.advance(1000)
  }
  rig.home.clock.advance(11 * minute)
  rig.provider.does({
    start,
    find: async (order, signal) => (order.nonce === lost ? ((await find?.(order, signal)) ?? null) : null),
  })
  rig.commitCard()
  const asked: string[] = []
  const paid: number[] = []
  for (let check = 0; check < 3; check += 1) {
    const { outcome } = await rig.run({ recipes })
    asked.push(outcome.verdict)
    paid.push(rig.provider.paid.length)
    rig.home.clock.advance(1)
  }
  expect([asked, paid.at(-1)]).toEqual([expect.anything(), 1])
})
