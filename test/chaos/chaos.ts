// A simulated month in which everything goes wrong, and a check that nothing was lost, doubled or unneeded.
// Usage: npm run chaos -- [--events 1000] [--seed N] [--sabotage claim|schedule] [--about 0123abc]
// --about tells how each run of the action ended that was about a revision, or has the text in its line.
import { parseArgs } from 'node:util'
import { simulate } from './simulation.ts'
import type { Sabotage } from './workflows.ts'

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    sabotage: { type: 'string' },
    about: { type: 'string' },
  },
})

function readCount(name: string, value: string): number {
  if (/^\d{1,9}$/.test(value)) return Number(value)
  throw new Error(`--${name} must be a whole number.`)
}

function readSabotage(value: string | undefined): Sabotage {
  if (value === undefined || value === 'claim' || value === 'schedule') return value ?? null
  throw new Error('--sabotage must be claim or schedule.')
}

const started = performance.now()
const result = await simulate({
  seed: readCount('seed', values.seed),
  events: readCount('events', values.events),
  sabotage: readSabotage(values.sabotage),
  tell: (line) => values.about !== undefined && line.includes(values.about) && console.log(line),
})
const { counts, lost, doubled, unneeded, paid, inLedger } = result
for (const [kind, count] of Object.entries(counts).sort())
  console.log(`${String(count).padStart(7)}  ${kind}`)
for (const [name, all] of Object.entries({ lost, doubled, unneeded }))
  for (const one of all.slice(0, 5)) console.log(`${name}: ${one}`)
console.log(`\ncommits to main ${result.commits}, paid starts ${paid}, runs in the ledger ${inLedger}`)
console.log(
  `lost = ${lost.length}, doubled = ${doubled.length}, unneeded = ${unneeded.length}   (seed ${result.seed})`,
)
console.log(`${((performance.now() - started) / 1000).toFixed(0)} s`)
const isGood = lost.length + doubled.length + unneeded.length === 0 && paid === inLedger
process.exit(isGood ? 0 : 1)
