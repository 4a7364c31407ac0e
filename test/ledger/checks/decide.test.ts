import { describe, expect, test } from '@jest/globals'
import {
  type DecideOptions,
  type Decision,
  decide,
  isAbandoned,
  isOverdue,
  isRerunOf,
  mayStart,
} from '../../../src/ledger/decide.ts'
import { type LedgerRecord, newRecord } from '../../../src/ledger/record.ts'
import { factsOf, key, minute, revisionOf, run, start, workflow } from '../local-ledger.ts'

const claimed = newRecord(factsOf({ workflow: workflow('100', 2) }), {
  recipe: key,
  revision: revisionOf('a'),
  attempt: 3,
  nonce: 'ab',
  now: start,
})
const begun = { ...claimed, run, began: true }

/** Every row of the table in docs/ledger.md, and how old the record is. */
const lasts = {
  'a success': { record: { ...begun, state: 'succeeded' }, age: 0 },
  'a run': { record: { ...begun, state: 'started' }, age: 60 * minute },
  'a run that is out of sight': { record: { ...begun, state: 'out-of-sight' }, age: 60 * minute },
  'a young claim': { record: claimed, age: 10 * minute - 1 },
  'a claim from the future': { record: claimed, age: -minute },
  'an old claim': { record: claimed, age: 10 * minute },
  'a failed training': { record: { ...begun, state: 'failed', cause: 'training' }, age: 0 },
  'a run out of memory or time': { record: { ...begun, state: 'failed', cause: 'limit' }, age: 0 },
  'a run without hardware': { record: { ...begun, state: 'failed', cause: 'infrastructure' }, age: 0 },
  'what never began': { record: { ...claimed, state: 'failed', cause: 'infrastructure' }, age: 0 },
  'a run that ended with its workflow': {
    record: { ...begun, state: 'cancelled', cause: 'workflow' },
    age: 0,
  },
  'a run that a person cancelled': { record: { ...begun, state: 'cancelled', cause: 'person' }, age: 0 },
} satisfies Record<string, { record: LedgerRecord; age: number }>

type Last = keyof typeof lasts

/** Who asks: an event or timer, the same with another recipe, beyond a bound, a person, by force, "Re-run jobs". */
const askers = {
  'an event': {},
  'an event, after the recipe was edited': { runsTheSame: false },
  'an event beyond the bounds': { bound: 'Enough.' },
  'an edited recipe beyond the bounds': { runsTheSame: false, bound: 'Enough.' },
  'a person': { byPerson: true, bound: 'Enough.' },
  'a person with force': { byPerson: true, force: true, bound: 'Enough.' },
  'Re-run jobs': { byPerson: true, workflow: workflow('100', 3) },
} satisfies Record<string, Partial<DecideOptions>>

type Asker = keyof typeof askers
type Cell = Decision['do'] | 'warn'

const always = (cell: Cell): Record<Asker, Cell> => ({
  'an event': cell,
  'an event, after the recipe was edited': cell,
  'an event beyond the bounds': cell,
  'an edited recipe beyond the bounds': cell,
  'a person': cell,
  'a person with force': cell,
  'Re-run jobs': cell,
})
const people = { 'a person': 'claim', 'a person with force': 'claim', 'Re-run jobs': 'claim' } as const
const failed: Record<Asker, Cell> = {
  ...always('warn'),
  'an event, after the recipe was edited': 'claim',
  ...people,
}
const infrastructure: Record<Asker, Cell> = {
  ...always('claim'),
  'an event beyond the bounds': 'warn',
  'an edited recipe beyond the bounds': 'warn',
}
const young: Record<Asker, Cell> = { ...always('skip'), 'Re-run jobs': 'take-over' }

const table: Record<Last, Record<Asker, Cell>> = {
  'a success': { ...always('skip'), 'a person with force': 'claim', 'Re-run jobs': 'report' },
  'a run': { ...always('skip'), 'Re-run jobs': 'attach' },
  'a run that is out of sight': { ...always('warn'), 'Re-run jobs': 'attach' },
  'a young claim': young,
  'a claim from the future': young,
  'an old claim': {
    ...always('take-over'),
    'an event beyond the bounds': 'warn',
    'an edited recipe beyond the bounds': 'warn',
  },
  'a failed training': failed,
  'a run out of memory or time': failed,
  'a run without hardware': infrastructure,
  'what never began': infrastructure,
  'a run that ended with its workflow': { ...always('warn'), ...people },
  'a run that a person cancelled': { ...always('skip'), ...people },
}

function decisionOf(last: Last, change: Partial<DecideOptions>): Decision {
  const { record, age } = lasts[last]
  return decide({
    last: record,
    workflow: workflow('200', 9),
    byPerson: false,
    force: false,
    runsTheSame: true,
    bound: null,
    now: start + age,
    ...change,
  })
}

const rows = Object.entries(table).flatMap(([last, cells]) =>
  Object.entries(cells).map(([asker, expected]) => ({ last, asker, expected })),
)
const isLast = (text: string): text is Last => text in lasts
const isAsker = (text: string): text is Asker => text in askers

describe('What comes back', () => {
  test.each(rows)('After $last, $asker leads to "$expected".', ({ last, asker, expected }) => {
    if (!isLast(last) || !isAsker(asker)) throw new Error('The table has an unknown row.')
    const decision = decisionOf(last, askers[asker])
    const cell = decision.do === 'skip' && decision.isWarning ? 'warn' : decision.do
    expect(cell).toBe(expected)
  })
})

describe('The reason of a skip', () => {
  const reasonOf = (last: Last, change: Partial<DecideOptions> = {}) => {
    const decision = decisionOf(last, change)
    return decision.do === 'skip' ? decision.reason : ''
  }

  test('It links the run, or the workflow run where there is none.', () => {
    expect(reasonOf('a young claim')).toContain(claimed.workflow.url)
    for (const last of [
      'a success',
      'a run',
      'a failed training',
      'a run that a person cancelled',
    ] as const) {
      expect(reasonOf(last)).toContain(run.url)
    }
  })

  test('After a failure it says what failed, and both ways back with their difference.', () => {
    expect(reasonOf('a failed training')).toBe(
      `Not retrying: training on ${claimed.revision.slice(0, 7)} failed (${run.url}). Fixed it? Run workflow. ` +
        '(Re-run jobs uses the old workflow file.)',
    )
    expect(reasonOf('a run that ended with its workflow')).toContain('Run workflow to train it again.')
    expect(reasonOf('a run that a person cancelled')).toContain('Run workflow to train it after all.')
  })

  test('Out of sight, it says that the run may still be running and that every check asks again.', () => {
    expect(reasonOf('a run that is out of sight')).toContain('may still be running')
    expect(reasonOf('a run that is out of sight')).toContain('Every check asks again until its deadline.')
  })

  test('Beyond a bound, it is the sentence of the bound.', () => {
    expect(reasonOf('a run without hardware', { bound: 'Enough.' })).toBe('Enough.')
    expect(reasonOf('an old claim', { bound: 'Enough.' })).toBe('Enough.')
  })
})

test('Only a later attempt of the same workflow run is "Re-run jobs" of it.', () => {
  const asked = (runId: string, runAttempt: number) =>
    isRerunOf({ last: claimed, workflow: { runId, runAttempt } })
  expect([asked('100', 3), asked('100', 2), asked('100', 1), asked('200', 3)]).toEqual([
    true,
    false,
    false,
    false,
  ])
})

test('An owner may start within five minutes of its claim, which can be taken over after ten.', () => {
  expect(mayStart(claimed, start + 5 * minute - 1)).toBe(true)
  expect(mayStart(claimed, start + 5 * minute)).toBe(false)
  expect(mayStart({ ...begun, state: 'started' }, start)).toBe(false)
  expect(isAbandoned(claimed, start + 10 * minute - 1)).toBe(false)
  expect(isAbandoned(claimed, start + 10 * minute)).toBe(true)
  expect(isAbandoned({ ...begun, state: 'started' }, start + 60 * minute)).toBe(false)
})

test('No claim is taken over while its owner may start, by clocks that differ by up to five minutes.', () => {
  for (let age = -6 * minute; age <= 20 * minute; age += 10_000) {
    for (let skew = -5 * minute; skew <= 5 * minute; skew += 30_000) {
      const both = mayStart(claimed, start + age) && isAbandoned(claimed, start + age + skew)
      expect(both).toBe(false)
    }
  }
})

test('An attempt is overdue after its deadline, and never without one.', () => {
  const deadline = new Date(start).toISOString()
  expect(isOverdue({ deadline }, start)).toBe(false)
  expect(isOverdue({ deadline }, start + 1)).toBe(true)
  expect(isOverdue({ deadline: null }, start + 1e12)).toBe(false)
})
