import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { UnclearStart } from '../../src/domain/verdict.ts'
import type { TrainingEnd } from '../../src/domain/training.ts'
import { leaveRecord, revisionOf } from '../run/left-record.ts'
import { failed, lostMachine, runOf, succeeded } from '../run/provider.ts'
import { digits, type Rig, startRig } from '../run/rig.ts'
import { minute } from '../run/workflow-repository.ts'

let rig: Rig
const hour = 60 * minute
beforeEach(async () => {
  rig = await startRig()
})
afterEach(() => rig.close())

const byPerson: TrainingEnd = { ...failed, verdict: 'cancelled', cause: 'person', reason: 'The Job was cancelled on the Hub.' }
const states = async () => (await rig.records()).map(({ attempt, state, cause }) => `${attempt} ${state} ${cause}`)

describe('F1 what a person cancelled', () => {
  test('on the Hub after 10 minutes of training (wait: false) does not come back at the next daily check', async () => {
    const recipes = [digits({ wait: false })]
    await rig.run({ recipes })
    rig.home.clock.advance(10 * minute)
    rig.provider.endAll(byPerson)
    rig.home.clock.advance(24 * hour)
    const { outcome } = await rig.run({ recipes })
    expect([outcome.verdict, rig.provider.paid.length, await states()]).toEqual(['skipped', 1, ['1 cancelled person']])
  })

  test('on the Hub while it was queued (wait: false) does not come back at the next hourly check', async () => {
    const recipes = [digits({ wait: false, timeout: hour })]
    await rig.run({ recipes })
    rig.home.clock.advance(10 * minute)
    rig.provider.endAll({ ...byPerson, began: false, cost: 0, trainedMs: 0 })
    rig.home.clock.advance(55 * minute)
    const { outcome } = await rig.run({ recipes })
    expect([outcome.verdict, rig.provider.paid.length]).toEqual(['skipped', 1])
  })

  test('with the workflow, while GitHub was down, does not come back at the next daily check', async () => {
    const cancelled = new AbortController()
    const outages: { lift(): void }[] = []
    rig.provider.does({
      follow: async () => {
        outages.push(rig.home.github.fault({ path: /./, status: 500, times: Number.POSITIVE_INFINITY }))
        cancelled.abort(new Error('The workflow was cancelled.'))
        throw new Error('aborted')
      },
    })
    const first = await rig.run({ signal: cancelled.signal })
    expect(first.outcome.verdict).toBe('cancelled')
    expect([rig.provider.alive(), first.pending.trainings]).toEqual([[], []])
    for (const outage of outages) outage.lift()
    rig.provider.does({ follow: async () => (rig.provider.endAll(succeeded), succeeded) })
    rig.home.clock.advance(24 * hour)
    const { outcome } = await rig.run()
    expect([outcome.verdict, rig.provider.paid.length, await states()]).toEqual(['skipped', 1, ['1 cancelled workflow']])
  })
})

describe('F2 an attempt that was stopped because an older run goes on', () => {
  test('does not hide that the older one failed for the training itself', async () => {
    const { start, find, list } = rig.provider.trainer()
    let hidden: string | null = null
    rig.provider.does({
      start: async (order, context) => {
        await start(order, context)
        if (hidden !== null) return runOf(order)
        hidden = runOf(order).id
        throw new UnclearStart('The Hub gave no clear answer when creating the Job.')
      },
      find: async (order, signal) => (order.nonce === hidden ? null : ((await find?.(order, signal)) ?? null)),
      list: async (order, signal) => ((await list?.(order, signal)) ?? []).filter(({ nonce }) => nonce !== hidden),
    })
    const recipes = [digits({ wait: false, maxCost: 99 })]
    await rig.run({ recipes })
    rig.home.clock.advance(11 * minute)
    await rig.run({ recipes })
    expect(rig.provider.paid).toHaveLength(2)
    rig.provider.does({ find, list })
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

  test('does not hide that a person cancelled the older one', async () => {
    const { start, find, list } = rig.provider.trainer()
    let hidden: string | null = null
    rig.provider.does({
      start: async (order, context) => {
        await start(order, context)
        if (hidden !== null) {
          hidden = 'none'
          return runOf(order)
        }
        hidden = runOf(order).id
        throw new UnclearStart('unclear')
      },
      find: async (order, signal) => (order.nonce === hidden ? null : ((await find?.(order, signal)) ?? null)),
      list: async (order, signal) => ((await list?.(order, signal)) ?? []).filter(({ nonce }) => nonce !== hidden),
    })
    const recipes = [digits({ wait: false, maxCost: 99 })]
    await rig.run({ recipes })
    const first = rig.provider.runs[0]
    rig.home.clock.advance(11 * minute)
    await rig.run({ recipes })
    if (first) first.end = byPerson
    rig.home.clock.advance(20 * minute)
    const { outcome } = await rig.run({ recipes })
    expect([outcome.verdict, rig.provider.paid.length, await states()]).toEqual(['skipped', 2, ['1 cancelled person', '2 cancelled infrastructure']])
  })
})

describe('F3 the last attempt at this data', () => {
  test('that failed is not trained again because other data never began in between', async () => {
    // data D1 fails; D2 is never ordered; then a commit brings D1 back.
    rig.provider.does({ follow: async () => (rig.provider.endAll(failed), failed) })
    await rig.run()
    const { start } = rig.provider.trainer()
    rig.hub.commit('ann/digits', { files: { 'train/1/b.txt': 'more' } })
    rig.home.clock.advance(hour)
    rig.provider.does({ start: async () => { throw new UnclearStart('unclear') } })
    await rig.run()
    rig.home.clock.advance(5 * hour)
    rig.provider.does({ start })
    rig.hub.commit('ann/digits', { deletions: ['train/1/b.txt'] })
    const { outcome } = await rig.run()
    expect([outcome.verdict, rig.provider.paid.length, await states()]).toEqual(['skipped', 1, expect.anything()])
  })

  test('counts, not the last at this very revision', async () => {
    // A: lost its machine. B (card commit, same data): failed for the training. A is head again by a force-push.
    const a = rig.head()
    rig.provider.does({ follow: async () => (rig.provider.endAll({ ...lostMachine, trainedMs: 60_000 }), { ...lostMachine, trainedMs: 60_000 }) })
    await rig.run({ recipes: [digits({ maxCost: 99 })] })
    rig.commitCard()
    rig.home.clock.advance(2 * hour)
    rig.provider.does({ follow: async () => (rig.provider.endAll({ ...failed, trainedMs: 60_000 }), { ...failed, trainedMs: 60_000 }) })
    await rig.run({ recipes: [digits({ maxCost: 99 })] })
    expect(rig.provider.paid).toHaveLength(2)
    rig.hub.repository('ann/digits').refs.set('refs/heads/main', a)
    rig.home.clock.advance(2 * hour)
    const { outcome } = await rig.run({ recipes: [digits({ maxCost: 99 })] })
    expect([outcome.verdict, rig.provider.paid.length]).toEqual(['skipped', 2])
  })
})

describe('F4 a run that a person started for a revision', () => {
  test('is recorded by the schedule although nothing is left to do about the head', async () => {
    const old = rig.head()
    rig.commit()
    await rig.run()
    const recipes = [digits({ wait: false })]
    await rig.run({ recipes, request: { byPerson: true, revision: old } })
    expect(rig.provider.alive()).toHaveLength(1)
    rig.provider.endAll(succeeded)
    for (let day = 0; day < 3; day += 1) {
      rig.home.clock.advance(24 * hour)
      await rig.run({ recipes })
    }
    const record = (await rig.records()).find(({ revision }) => revision === old)
    expect(record?.state).toBe('succeeded')
  })

  test('and whose order had no answer is looked up by the schedule', async () => {
    const old = rig.head()
    rig.commit()
    await rig.run()
    const { start } = rig.provider.trainer()
    rig.provider.does({
      start: async (order, context) => {
        await start(order, context)
        throw new UnclearStart('The Hub gave no clear answer when creating the Job.')
      },
    })
    await rig.run({ request: { byPerson: true, revision: old } })
    expect(rig.provider.alive()).toHaveLength(1)
    for (let check = 0; check < 10; check += 1) {
      rig.home.clock.advance(11 * minute)
      await rig.run()
    }
    const record = (await rig.records()).find(({ revision }) => revision === old)
    expect(record?.state).not.toBe('claimed')
  })
})

test('F6 Re-run jobs does not order again within 10 minutes of an order that may have been sent', async () => {
  const { start, find, list } = rig.provider.trainer()
  rig.provider.does({
    start: async (order, context) => {
      await start(order, context)
      throw new UnclearStart('unclear')
    },
  })
  await rig.run({ runId: '7' })
  const shownAt = rig.home.clock.now() + 5 * minute
  rig.provider.does({
    start,
    find: async (order, signal) => (rig.home.clock.now() < shownAt ? null : ((await find?.(order, signal)) ?? null)),
    list: async (order, signal) => (rig.home.clock.now() < shownAt ? [] : ((await list?.(order, signal)) ?? [])),
  })
  rig.home.clock.advance(minute)
  await rig.run({ runId: '7', runAttempt: 2 })
  expect(rig.provider.paid).toHaveLength(1)
})

test('F7 A command that succeeded while GitHub could not record it is not run again', async () => {
  const judged: TrainingEnd = { ...lostMachine, reason: 'Its runner was lost before its end was seen, and the recipe expects no model that could prove it' }
  rig.provider.does({
    find: undefined,
    list: undefined,
    inspect: undefined,
    processOf: () => ({ pid: 77, startTime: '1' }),
    endProcess: async () => false,
    judgeByModel: async () => judged,
    follow: async () => {
      rig.home.github.fault({ method: 'PATCH', path: /ann-auto/, status: 500, times: 6 })
      rig.provider.endAll(succeeded)
      return succeeded
    },
  })
  const { outcome, pending } = await rig.run({ recipes: [digits({ expectModel: false })] })
  expect(outcome.verdict).toBe('succeeded')
  const left = pending.trainings.length
  rig.home.clock.advance(24 * hour)
  await rig.run({ recipes: [digits({ expectModel: false })] })
  expect([left, rig.provider.paid.length]).toEqual([1, 1])
})

test('F8 Nothing is ordered on the data of an unclear order that this check had no turn to ask about', async () => {
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
    await leaveRecord(rig, { revision: revisionOf(`other-${n}`), claim: { deadline: new Date(rig.home.clock.now() + 20 * hour).toISOString(), atHead: false } })
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

test('F9 The last look before the order sees every run on the same data, not only the newest attempt', async () => {
  const twin = await startRig()
  await twin.run()
  const data = (await twin.records())[0]?.data ?? null
  await twin.close()
  const { plan } = rig.provider.trainer()
  rig.provider.does({
    plan: async (order, signal) => {
      // Meanwhile two other workflow runs start: one on the same data, then one on other data.
      const claims = [
        { revision: revisionOf('x'), claim: { data } },
        { revision: revisionOf('y'), claim: { data: data && { ...data, digest: '0'.repeat(64) } } },
      ]
      for (const claim of claims) {
        await leaveRecord(rig, { ...claim, state: 'started' })
        rig.home.clock.advance(1000)
      }
      return plan(order, signal)
    },
  })
  const { outcome } = await rig.run()
  expect([outcome.verdict, rig.provider.paid.length]).toEqual(['skipped', 0])
})
