import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { TrainingEnd } from '../../src/domain/training.ts'
import { leaveRecord } from '../run/left-record.ts'
import { failed, runOf, succeeded } from '../run/provider.ts'
import { digits, type Rig, startRig } from '../run/rig.ts'
import { minute } from '../run/workflow-repository.ts'

let rig: Rig
const hour = 60 * minute
beforeEach(async () => {
  rig = await startRig()
})
afterEach(() => rig.close())
const byPerson: TrainingEnd = { ...failed, verdict: 'cancelled', cause: 'person', reason: 'The Job was cancelled on the Hub.' }

test('G1 A Job of this ledger whose record is gone is not said to be another copy’s', async () => {
  const recipes = [digits({ wait: false })]
  await rig.run({ recipes })
  for (const ref of rig.home.refs()) rig.home.git.refs.delete(ref)
  rig.home.clock.advance(hour)
  const { outcome } = await rig.run({ recipes })
  expect(rig.provider.paid).toHaveLength(1)
  expect(outcome.reason).not.toContain('Another copy of this repository')
})

test('G3 What the end of the job stopped before its start was recorded was not cancelled by a person', async () => {
  const revision = rig.head()
  const { record } = await leaveRecord(rig, { revision })
  rig.provider.does({
    find: async (order) => (order.nonce === record.nonce ? runOf(order) : null),
    inspect: async () => byPerson,
  })
  rig.home.clock.advance(11 * minute)
  const { outcome } = await rig.run()
  expect([outcome.verdict, outcome.isWarning, outcome.reason.includes('A person cancelled')]).toEqual(['skipped', true, false])
})

describe('G7 the bounds count what a person started', () => {
  const end = (trainedMs: number, cost: number): TrainingEnd => ({ ...failed, cause: 'infrastructure', reason: 'The Job lost its machine.', trainedMs, cost })

  test('Nothing comes back by itself beyond max-cost after a person’s run spent it', async () => {
    rig.provider.does({ follow: async () => (rig.provider.endAll(end(60_000, 4.5)), end(60_000, 4.5)) })
    const recipes = [digits({ maxCost: 5 })]
    await rig.run({ recipes, request: { byPerson: true } })
    rig.home.clock.advance(2 * hour)
    const { outcome } = await rig.run({ recipes })
    expect([outcome.verdict, rig.provider.paid.length]).toEqual(['skipped', 1])
  })

  test('At most one more comes back after a person’s run that had trained for more than 10 minutes', async () => {
    const recipes = [digits({ maxCost: 99 })]
    for (const [trained, byPerson] of [[3 * hour, true], [minute, false], [minute, false]] as const) {
      rig.provider.does({ follow: async () => (rig.provider.endAll(end(trained, 0.1)), end(trained, 0.1)) })
      await rig.run({ recipes, request: { byPerson } })
      rig.home.clock.advance(5 * hour)
    }
    expect(rig.provider.paid).toHaveLength(2)
  })
})

describe('G9 a seen entry that cannot be written', () => {
  test('does not hide a forced run from the schedule', async () => {
    const recipes = [digits({ wait: false })]
    await rig.run()
    const outage = rig.home.github.fault({ method: 'PATCH', path: /seen/, status: 500, times: Number.POSITIVE_INFINITY })
    const { outcome } = await rig.run({ recipes, request: { byPerson: true, force: true } })
    expect([outcome.verdict, outage.hits > 0]).toEqual(['started', true])
    outage.lift()
    rig.provider.endAll(succeeded)
    for (let day = 0; day < 3; day += 1) {
      rig.home.clock.advance(24 * hour)
      await rig.run({ recipes })
    }
    expect(rig.provider.paid).toHaveLength(2)
    expect((await rig.records()).map(({ attempt, state }) => `${attempt} ${state}`)).toEqual(['1 succeeded', '2 succeeded'])
  })
})
