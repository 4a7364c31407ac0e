import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { leaveRecord, revisionOf } from '../left-record.ts'
import { loseFirst } from '../lost-answer.ts'
import { succeeded } from '../provider.ts'
import { digits, type Rig, startRig } from '../rig.ts'
import { minute } from '../workflow-repository.ts'

let rig: Rig
const hour = 60 * minute

beforeEach(async () => {
  rig = await startRig()
})
afterEach(() => rig.close())

describe('An earlier run that has ended already when it is listed', () => {
  test('It wins before the order, as a live one does.', async () => {
    const { revealInList } = loseFirst(rig)
    const recipes = [digits({ maxCost: 99 })]
    await rig.run({ recipes })
    rig.provider.endAll(succeeded)
    rig.home.clock.advance(11 * minute)
    revealInList()
    await rig.run({ recipes })
    expect(rig.provider.paid).toHaveLength(1)
  })

  test('It is not paid for again where its claim was closed as never begun.', async () => {
    const { revealInFind, revealInList } = loseFirst(rig)
    const recipes = [digits({ maxCost: 99 })]
    await rig.run({ recipes })
    const { start } = rig.provider.trainer()
    rig.provider.does({
      start: async () => {
        throw new Error('off')
      },
      plan: async () => {
        throw new Error('The Hub answered 503 to the plan.')
      },
    })
    rig.provider.endAll(succeeded)
    rig.home.clock.advance(5 * hour)
    await rig.run({ recipes })
    expect(await rig.records()).toMatchObject([{ state: 'failed', began: false }])
    const fresh = await startRig()
    rig.provider.does({ start, plan: fresh.provider.trainer().plan })
    await fresh.close()
    revealInFind()
    revealInList()
    rig.home.clock.advance(2 * hour)
    await rig.run({ recipes })
    expect([rig.provider.paid.length, (await rig.records())[0]?.state]).toEqual([1, 'succeeded'])
  })
})

test('The last look before the order sees every run on the same data, not only the newest attempt', async () => {
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

test('A run of this ledger whose record is gone is not called a run of another copy', async () => {
  const recipes = [digits({ wait: false })]
  await rig.run({ recipes })
  for (const ref of rig.home.refs()) rig.home.git.refs.delete(ref)
  rig.home.clock.advance(hour)
  const { outcome } = await rig.run({ recipes })
  expect(rig.provider.paid).toHaveLength(1)
  expect(outcome.reason).not.toContain('Another copy of this repository')
})
