import { expect, test } from '@jest/globals'
import { simulate } from './simulation.ts'

const small = { seed: 5, events: 40 }

test('A month in which everything goes wrong loses no commit, doubles no training and starts none in vain.', async () => {
  const result = await simulate({ ...small, sabotage: null })
  expect(result).toMatchObject({ lost: [], doubled: [], unneeded: [], inLedger: result.paid })
  expect(result.paid).toBeGreaterThan(20)
})

test('The simulation sees doubled trainings when claims do not hold.', async () => {
  const { doubled } = await simulate({ ...small, sabotage: 'claim' })
  expect(doubled).not.toEqual([])
})

test('The simulation sees lost commits when the schedule does not start the workflow.', async () => {
  const { lost } = await simulate({ ...small, sabotage: 'schedule' })
  expect(lost).not.toEqual([])
})
