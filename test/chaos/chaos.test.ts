import { expect, test } from '@jest/globals'
import { simulate } from './simulation.ts'

test('Days in which everything goes wrong: the action loses no commit, doubles no training, and forgets no run.', async () => {
  const result = await simulate({ seed: 5, events: 100, sabotage: null })
  expect(result).toMatchObject({
    lost: [],
    doubled: [],
    unneeded: [],
    orphaned: [],
    stuck: [],
    inLedger: result.paid,
  })
  expect(result.paid).toBeGreaterThan(50)
})
