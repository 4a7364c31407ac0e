import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { UnclearStart } from '../../src/domain/verdict.ts'
import { succeeded } from '../run/provider.ts'
import { dataset, digits, type Rig, startRig } from '../run/rig.ts'
import { minute } from '../run/workflow-repository.ts'

let rig: Rig
const hour = 60 * minute
beforeEach(async () => {
  rig = await startRig()
})
afterEach(() => rig.close())

test('I1 A run whose dataset is gone is still closed by the checks', async () => {
  const recipes = [digits({ wait: false })]
  await rig.run({ recipes })
  rig.hub.deleteRepository(dataset)
  rig.provider.endAll(succeeded)
  for (let day = 0; day < 3; day += 1) {
    rig.home.clock.advance(24 * hour)
    await rig.run({ recipes })
  }
  expect(await rig.records()).toMatchObject([{ state: 'succeeded' }])
})

test('I2 “Re-run jobs” asks the ledger before the head: a success is reported although the dataset is gone', async () => {
  await rig.run({ runId: '7' })
  rig.hub.deleteRepository(dataset)
  const { outcome } = await rig.run({ runId: '7', runAttempt: 2 })
  expect(outcome.verdict).toBe('succeeded')
})

test('I3 An unclear order is looked for although the dataset is gone', async () => {
  const { start } = rig.provider.trainer()
  rig.provider.does({
    start: async (order, context) => {
      await start(order, context)
      throw new UnclearStart('A Job may be running and billed. Every check looks for it until its deadline.')
    },
  })
  await rig.run()
  rig.hub.deleteRepository(dataset)
  rig.home.clock.advance(11 * minute)
  await rig.run()
  expect(await rig.records()).not.toMatchObject([{ state: 'claimed' }])
})
