import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { type Rig, startRig } from '../rig.ts'
import { minute } from '../workflow-repository.ts'

let rig: Rig

beforeEach(async () => {
  rig = await startRig()
})
afterEach(() => rig.close())

describe('A replica of GitHub that is behind', () => {
  test.each([
    ['three seconds', 3_000],
    ['twenty seconds', 20_000],
  ])('A training is followed to its end and recorded although it is %s behind.', async (_what, ms) => {
    rig.home.github.lag({ get: ms, list: ms, tag: ms, graphql: ms })
    const { outcome } = await rig.run()
    expect(outcome).toMatchObject({ verdict: 'succeeded' })
    rig.home.clock.advance(minute)
    expect(await rig.records()).toMatchObject([{ state: 'succeeded', cost: 0.1 }])
    expect(rig.provider.paid).toHaveLength(1)
  })

  test('A training is kept, with a warning, when it stays behind, and the next check records its end.', async () => {
    const lag = rig.home.github.lag({ get: 10 * minute, tag: 10 * minute })
    const { outcome, lines } = await rig.run()
    expect(outcome).toMatchObject({ verdict: 'succeeded' })
    expect(lines).toContainEqual(expect.stringMatching(/^warning: The ledger could not be updated/))
    lag.lift()
    rig.home.clock.advance(11 * minute)
    await rig.run()
    expect(await rig.records()).toMatchObject([{ state: 'succeeded' }])
    expect(rig.provider.paid).toHaveLength(1)
  })
})

test('A workflow run that lost the race for a claim asks again later, although the other died.', async () => {
  const { plan } = rig.provider.trainer()
  let planned = false
  rig.provider.does({
    plan: async (order, signal) => {
      if (!planned) {
        planned = true
        // The other claims while this one plans, and dies after its order.
        rig.provider.does({ follow: () => Promise.reject(new Error('The runner was lost.')) })
        await rig.run()
      }
      return plan(order, signal)
    },
  })
  expect((await rig.run()).outcome).toMatchObject({ verdict: 'skipped' })
  rig.provider.endAll()
  rig.home.clock.advance(61 * minute)
  await rig.run()
  expect(await rig.records()).toMatchObject([{ state: 'succeeded' }])
  expect(rig.provider.paid).toHaveLength(1)
})
