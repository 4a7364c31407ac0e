import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { UnclearStart } from '../../src/domain/verdict.ts'
import { runOf, succeeded } from '../run/provider.ts'
import { digits, type Rig, startRig } from '../run/rig.ts'
import { minute } from '../run/workflow-repository.ts'

let rig: Rig
const hour = 60 * minute
beforeEach(async () => {
  rig = await startRig()
})
afterEach(() => rig.close())

/** The answer to the first order is lost, and its run is shown by nothing until it is revealed. */
function loseFirst() {
  const { start, find, list } = rig.provider.trainer()
  let hidden: string | null = null
  rig.provider.does({
    start: async (order, context) => {
      await start(order, context)
      if (hidden !== null) return runOf(order)
      hidden = order.nonce
      throw new UnclearStart('The Hub gave no clear answer when creating the Job.')
    },
    find: async (order, signal) => (order.nonce === hidden ? null : ((await find?.(order, signal)) ?? null)),
    list: async (order, signal) => ((await list?.(order, signal)) ?? []).filter(({ nonce }) => nonce !== hidden),
  })
  return {
    revealInFind: () => rig.provider.does({ find }),
    revealInList: () => rig.provider.does({ list }),
  }
}

describe('H an earlier run that has ended already when it is listed', () => {
  test('wins before the order as a live one does', async () => {
    const { revealInList } = loseFirst()
    const recipes = [digits({ maxCost: 99 })]
    await rig.run({ recipes })
    rig.provider.endAll(succeeded)
    rig.home.clock.advance(11 * minute)
    revealInList()
    await rig.run({ recipes })
    expect(rig.provider.paid).toHaveLength(1)
  })

  test('and whose claim was closed as never begun is not paid for again', async () => {
    const { revealInFind, revealInList } = loseFirst()
    const recipes = [digits({ maxCost: 99 })]
    await rig.run({ recipes })
    const { start } = rig.provider.trainer()
    rig.provider.does({ start: async () => { throw new Error('off') } , plan: async () => { throw new Error('The Hub answered 503 to the plan.') } })
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
