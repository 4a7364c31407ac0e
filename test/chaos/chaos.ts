// A simulated month in which everything goes wrong, and a check that nothing was lost, doubled or unneeded.
// Usage: npm run chaos -- [--events 1000] [--seed N] [--sabotage claim|schedule]
import { parseArgs } from 'node:util'
import { simulate } from './simulation.ts'
import type { Sabotage } from './workflows.ts'

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    sabotage: { type: 'string' },
  },
})

function readSabotage(value: string | undefined): Sabotage {
  if (value === undefined || value === 'claim' || value === 'schedule') return value ?? null
  throw new Error('--sabotage must be claim or schedule.')
}

const started = performance.now()
const result = await simulate({
  seed: Number(values.seed),
  events: Number(values.events),
  sabotage: readSabotage(values.sabotage),
})
const { counts, lost, doubled, unneeded, paid, inLedger } = result
for (const [kind, count] of Object.entries(counts).sort())
  console.log(`${String(count).padStart(7)}  ${kind}`)
console.log(`\ncommits to main ${result.commits}, paid starts ${paid}, runs in the ledger ${inLedger}`)
console.log(`lost = ${lost}, doubled = ${doubled}, unneeded = ${unneeded}   (seed ${result.seed})`)
console.log(`${((performance.now() - started) / 1000).toFixed(0)} s`)
const isGood = lost === 0 && doubled === 0 && unneeded === 0 && paid === inLedger
process.exit(isGood ? 0 : 1)
