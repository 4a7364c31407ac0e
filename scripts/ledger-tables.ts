// Writes the tables of docs/ledger.md from the code that decides.
// Usage: node --import ./test/node-setup.js scripts/ledger-tables.ts
import { readFileSync, writeFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { decide } from '../src/ledger/decide.ts'
import { type LedgerRecord, type RecordState, recordStates } from '../src/ledger/record.ts'
import { transitions } from '../src/ledger/transitions.ts'

const file = 'docs/ledger.md'

/** @returns the document with the tables that today's code has */
export function withLedgerTables(text: string): string {
  return between(between(text, 'comes-back', comesBackTable()), 'transitions', transitionTable())
}

function between(text: string, name: string, content: string): string {
  const [begin, end] = [`<!-- ${name}: begin -->`, `<!-- ${name}: end -->`]
  const [before, rest = ''] = text.split(begin)
  const after = rest.split(end)[1]
  if (after === undefined) throw new Error(`${file} has no place for the table ${name}.`)
  return `${before}${begin}\n\n${content}\n\n${end}${after}`
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)))
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n')
}

function transitionTable(): string {
  const name = (state: RecordState | null, otherwise: string) => (state === null ? otherwise : `\`${state}\``)
  return table(
    ['from', 'to', 'when', 'by', 'writes'],
    transitions.map(({ from, to, when, by, writes }) => [
      name(from, '(nothing)'),
      name(to, '(deleted)'),
      when,
      by.join(', '),
      writes.map((field) => `\`${field}\``).join(' '),
    ]),
  )
}

/** What the last attempt at the same data was, with the facts that decide. */
const lasts: readonly (readonly [string, Partial<LedgerRecord>])[] = [
  ['succeeded', { state: 'succeeded' }],
  ['running', { state: 'started' }],
  ['out of sight', { state: 'out-of-sight' }],
  ['about to start (younger than 10 minutes)', { state: 'claimed' }],
  ['about to start, and its owner is gone', { state: 'claimed', times: times(-11) }],
  ['failed: the training itself', { state: 'failed', cause: 'training' }],
  ['failed: out of memory or time', { state: 'failed', cause: 'limit' }],
  ['failed: no hardware, no credits, never began, node lost', { state: 'failed', cause: 'infrastructure' }],
  ['cancelled with its workflow run', { state: 'cancelled', cause: 'workflow' }],
  ['cancelled by a person at the provider', { state: 'cancelled', cause: 'person' }],
]

function times(minutes: number): LedgerRecord['times'] {
  return { claimed: new Date(minutes * 60_000).toISOString(), ordered: null, started: null, finished: null }
}

function comesBackTable(): string {
  const workflow = { runId: '1', runAttempt: 1, url: '' }
  const words = (
    last: Partial<LedgerRecord>,
    by: { byPerson?: boolean; force?: boolean; same?: boolean },
  ) => {
    const record = {
      workflow,
      revision: '',
      run: null,
      began: true,
      times: times(0),
      ...last,
    } as LedgerRecord
    const { byPerson = false, force = false, same = true } = by
    const decision = decide({
      last: record,
      workflow: { runId: '2', runAttempt: 1 },
      byPerson: byPerson || force,
      force,
      runsTheSame: same,
      bound: null,
      now: 0,
    })
    if (decision.do === 'skip') return decision.isWarning ? 'skip, with a warning' : 'skip'
    return decision.do === 'take-over' ? 'adopt its run, or a new attempt' : 'new attempt'
  }
  return table(
    [
      'the last attempt at this data',
      'event, timer',
      'the same, recipe edited',
      'Run workflow',
      'with `force`',
    ],
    lasts.map(([title, last]) => [
      title,
      words(last, {}),
      words(last, { same: false }),
      words(last, { byPerson: true }),
      words(last, { force: true }),
    ]),
  )
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  // Every state has a row of its own to come from or to go to.
  const missing = recordStates.filter(
    (state) => !transitions.some(({ from, to }) => from === state || to === state),
  )
  if (missing.length > 0) throw new Error(`No transition has ${missing.join(', ')}.`)
  const before = readFileSync(file, 'utf8')
  const after = withLedgerTables(before)
  if (after !== before) writeFileSync(file, after)
  console.log(`${file}: the tables are ${after === before ? 'those' : 'written from those'} of src/ledger.`)
}
