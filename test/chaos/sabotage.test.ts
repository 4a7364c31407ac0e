import { expect, test } from '@jest/globals'
import { type Sabotage, sabotages } from './faults/sabotage.ts'
import { simulate } from './simulation.ts'

/** Those that show within few events; `npm run chaos -- --sabotage KIND` has the others. */
const quick: readonly Sabotage[] = [
  'claim',
  'schedule',
  'late-listing',
  'squash',
  'settle',
  'reconcile',
  'entries',
  'publish',
  'publish-lock',
]

test.each(quick)('The simulation sees that the defence "%s" is missing.', async (sabotage) => {
  const clockKind = sabotage === 'reconcile' || sabotage === 'entries' ? 'reconcile' : 'schedule'
  // Histories are squashed rarely: not in the first weeks of each seed.
  const seed = sabotage === 'squash' ? 6 : 5
  const result = await simulate({ seed, events: 120, sabotage, clockKind })
  expect(result[sabotages[sabotage]]).not.toEqual([])
})
