import { expect, test } from '@jest/globals'
import { type Sabotage, sabotages } from './faults/sabotage.ts'
import { simulate } from './simulation.ts'

/** Those that show within few events; `npm run chaos -- --sabotage KIND` has the others. */
const quick: readonly Sabotage[] = ['claim', 'schedule', 'late-listing', 'squash', 'settle']

test.each(quick)('The simulation sees that the defence "%s" is missing.', async (sabotage) => {
  const result = await simulate({ seed: 5, events: 120, sabotage })
  expect(result[sabotages[sabotage]]).not.toEqual([])
})
