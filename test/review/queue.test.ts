import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { failed } from '../run/provider.ts'
import { digits, type Rig, startRig } from '../run/rig.ts'
import { minute } from '../run/workflow-repository.ts'

describe('J2 the order of attempts', () => {
  let rig: Rig
  beforeEach(async () => {
    rig = await startRig()
  })
  afterEach(() => rig.close())

  test('The record of a run that was out of sight until its deadline counts as one that trained long', async () => {
    const recipes = [digits({ maxCost: 99 })]
    const lost = { ...failed, cause: 'infrastructure' as const, trainedMs: null, cost: null }
    for (let n = 0; n < 3; n += 1) {
      rig.provider.does({ follow: async () => (rig.provider.endAll(lost), lost) })
      await rig.run({ recipes })
      rig.home.clock.advance(5 * 60 * minute)
    }
    // Each may have trained up to its timeout: unknown counts as the most.
    expect(rig.provider.paid).toHaveLength(2)
  })
})
