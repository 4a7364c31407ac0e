// A simulated month in which everything goes wrong, then some rounds of the packaged action in real time, and a check
// that nothing was lost, doubled or unneeded.
// Usage: npm run chaos -- [--events 1000] [--seed N] [--rounds 18] [--sabotage claim|schedule] [--about 0123abc]
// --rounds 0 leaves the packaged part out, as a sabotage does. --about tells how each run of the action ended that
// has the text in its line, for example a revision.
import { parseArgs } from 'node:util'
import { runPackaged } from './actors/packaged.ts'
import type { Sabotage } from './actors/workflows.ts'
import type { Judgement } from './oracle.ts'
import { simulate } from './simulation.ts'

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    rounds: { type: 'string', default: '18' },
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

function showCounts(title: string, counts: Readonly<Record<string, number>>): void {
  console.log(`${title}\n`)
  for (const [kind, count] of Object.entries(counts).sort())
    console.log(`${String(count).padStart(7)}  ${kind}`)
}

function showJudgement({ lost, doubled, unneeded }: Judgement): boolean {
  for (const [name, all] of Object.entries({ lost, doubled, unneeded }))
    for (const one of all.slice(0, 10)) console.log(`${name}: ${one}`)
  console.log(
    `lost = ${lost.length}, doubled = ${doubled.length}, unneeded = ${unneeded.length}   (seed ${seed})`,
  )
  return lost.length + doubled.length + unneeded.length === 0
}

function tell(line: string): void {
  if (values.about !== undefined && line.includes(values.about)) console.log(line)
}

/** A long simulation shows that it goes on. */
function onDay(day: number): void {
  if (events > 1000) console.error(`day ${day}`)
}

const seed = readCount('seed', values.seed)
const events = readCount('events', values.events)
const sabotage = readSabotage(values.sabotage)
const rounds = sabotage === null ? readCount('rounds', values.rounds) : 0
const started = performance.now()

const month = await simulate({ seed, events, sabotage, tell, onDay })
const { paid, inLedger } = month
showCounts('Simulated', month.counts)
console.log(`\ncommits to main ${month.commits}, paid starts ${paid}, runs in the ledger ${inLedger}`)
let isGood = showJudgement(month) && paid === inLedger

if (rounds > 0) {
  const packaged = await runPackaged({ seed, rounds })
  packaged.story.forEach(tell)
  showCounts('\nThe packaged action and relay', packaged.counts)
  console.log(
    `\ncommits to main ${packaged.commits}, runs of the action ${packaged.actions}, paid starts ${packaged.paid}`,
  )
  isGood = showJudgement(packaged) && isGood
}

console.log(`${((performance.now() - started) / 1000).toFixed(0)} s`)
process.exit(isGood ? 0 : 1)
