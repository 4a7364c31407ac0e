// Simulated weeks in which everything goes wrong, then some rounds of the packaged action in real time, and a check
// that nothing was lost, doubled, unneeded, orphaned or stuck, and that each model was published by the rules.
// Usage: npm run chaos -- [--events 1000] [--seed N] [--rounds 18] [--threads 2] [--clock reconcile] [--sabotage KIND]
//   [--about 0123abc]
// --clock reconcile: GitHub's schedule never fires, and the relay reconciles each quarter of an hour instead.
// --rounds 0 leaves the packaged part out, as a sabotage does. --about shows how each run of the action ended that
// has the text in its line, for example a revision.
import { parseArgs } from 'node:util'
import { runPackaged } from './actors/packaged.ts'
import { type Sabotage, sabotages } from './faults/sabotage.ts'

import type { ClockKind, SimulationResult } from './simulation.ts'
import { simulateStretches, stretchesOf } from './stretches.ts'

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    rounds: { type: 'string', default: '18' },
    threads: { type: 'string', default: '2' },
    clock: { type: 'string', default: 'schedule' },
    sabotage: { type: 'string' },
    about: { type: 'string' },
  },
})

function readCount(name: string, value: string): number {
  if (/^\d{1,9}$/.test(value)) return Number(value)
  throw new Error(`--${name} must be a whole number.`)
}

function readSabotage(value: string | undefined): Sabotage | null {
  if (value === undefined) return null
  const known = Object.keys(sabotages).find((name): name is Sabotage => name === value)
  if (known !== undefined) return known
  throw new Error(`--sabotage must be one of ${Object.keys(sabotages).join(', ')}.`)
}

function readClock(value: string): ClockKind {
  if (value === 'schedule' || value === 'reconcile') return value
  throw new Error('--clock must be schedule or reconcile.')
}

function showCounts(title: string, counts: Readonly<Record<string, number>>): void {
  console.log(`${title}\n`)
  for (const [kind, count] of Object.entries(counts).sort())
    console.log(`${String(count).padStart(7)}  ${kind}`)
}

type Found = Readonly<Record<string, readonly string[]>>

function showFound(found: Found): boolean {
  const all = Object.entries(found)
  for (const [name, entries] of all) for (const one of entries.slice(0, 10)) console.log(`${name}: ${one}`)
  console.log(`${all.map(([name, { length }]) => `${name} = ${length}`).join(', ')}   (seed ${seed})`)
  return all.every(([name, { length }]) => name === 'overlaps' || length === 0)
}

const kinds = [
  ...(['lost', 'doubled', 'unneeded', 'orphaned', 'stuck', 'idle'] as const),
  ...(['unpublished', 'mixed', 'wrong', 'overlaps'] as const),
]

/** The stretches together: an entry says the seed of its own. */
function together(stretches: readonly SimulationResult[], seeds: readonly number[]) {
  const counts: Record<string, number> = {}
  for (const stretch of stretches)
    for (const [kind, n] of Object.entries(stretch.counts)) counts[kind] = (counts[kind] ?? 0) + n
  const sum = (of: 'commits' | 'paid' | 'inLedger') =>
    stretches.reduce((total, stretch) => total + stretch[of], 0)
  const found = Object.fromEntries(
    kinds.map((kind) => [
      kind,
      stretches.flatMap((stretch, n) => stretch[kind].map((one) => `${one} (--seed ${seeds[n]})`)),
    ]),
  )
  return { counts, commits: sum('commits'), paid: sum('paid'), inLedger: sum('inLedger'), found }
}

const seed = readCount('seed', values.seed)
const events = readCount('events', values.events)
const sabotage = readSabotage(values.sabotage)
const threads = Math.max(1, readCount('threads', values.threads))
const rounds = sabotage === null ? readCount('rounds', values.rounds) : 0
const started = performance.now()

const stretches = stretchesOf({
  seed,
  events,
  sabotage,
  clockKind: readClock(values.clock),
  about: values.about ?? null,
})
const results = await simulateStretches(stretches, { threads, tell: console.log })
const { counts, commits, paid, inLedger, found } = together(
  results,
  stretches.map((stretch) => stretch.seed),
)
showCounts(`Simulated: ${events} events in ${stretches.length} stretches of time`, counts)
console.log(`\ncommits to main ${commits}, paid starts ${paid}, of which the ledger knows ${inLedger}`)
let isGood = showFound(found) && paid === inLedger

if (rounds > 0) {
  const packaged = await runPackaged({ seed, rounds })
  const { lost, doubled, unneeded } = packaged
  for (const line of packaged.story)
    if (values.about !== undefined && line.includes(values.about)) console.log(line)
  showCounts('\nThe packaged action and relay', packaged.counts)
  console.log(
    `\ncommits to main ${packaged.commits}, runs of the action ${packaged.actions}, paid starts ${packaged.paid}`,
  )
  isGood = showFound({ lost, doubled, unneeded }) && isGood
}

const seconds = (ms: number) => (ms / 1000).toFixed(0)
const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage()
console.log(
  `${seconds(performance.now() - started)} s, of the processors ${seconds((userCPUTime + systemCPUTime) / 1000)} s; ` +
    `at most ${(maxRSS / 1024).toFixed(0)} MB`,
)
process.exit(isGood ? 0 : 1)
