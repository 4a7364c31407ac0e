import { describe, expect, test } from '@jest/globals'
import { type Decision, decide, isAbandoned, mayStart } from '../../src/ledger/decide.ts'
import { changeRecord, type LedgerRecord, newRecord } from '../../src/ledger/record.ts'
import { claimant, key, minute, revisionOf, run, start, workflow } from './local-ledger.ts'

const claimed = newRecord(claimant({ workflow: workflow('100', 2) }), {
  recipe: key,
  revision: revisionOf('a'),
  attempt: 3,
  nonce: 'ab',
  now: start,
})
const started = changeRecord(claimed, { run }, start)
const overdue = changeRecord(started, { deadline: new Date(start + minute).toISOString() }, start)
const records = {
  'a young claim': { record: claimed, age: 10 * minute - 1 },
  'an old claim': { record: claimed, age: 10 * minute },
  'a claim from the future': { record: claimed, age: -minute },
  'a run that was started': { record: started, age: 60 * minute },
  'a run that must have ended': { record: overdue, age: 60 * minute },
  'a run that succeeded': { record: changeRecord(started, { verdict: 'succeeded' }, start), age: 0 },
  'a run that failed': { record: changeRecord(started, { verdict: 'failed' }, start), age: 0 },
  'a run that was cancelled': { record: changeRecord(started, { verdict: 'cancelled' }, start), age: 0 },
  'a claim that was closed without a run': {
    record: changeRecord(claimed, { verdict: 'cancelled' }, start),
    age: 0,
  },
} satisfies Record<string, { record: LedgerRecord; age: number }>

type Asked = 'another workflow run' | 'a re-run' | 'the same attempt' | 'an earlier attempt'
const workflows: Record<Asked, { runId: string; runAttempt: number }> = {
  'another workflow run': workflow('200', 9),
  'a re-run': workflow('100', 3),
  'the same attempt': workflow('100', 2),
  'an earlier attempt': workflow('100', 1),
}

const claim = { do: 'claim', attempt: 4 } as const
const takeOver = { do: 'take-over', attempt: 4 } as const
const attach = { do: 'attach' } as const
const skip = { do: 'skip', reason: expect.stringContaining('https://') } as const

/** For each record: by another run, a re-run, the same attempt, an earlier one; then the same with force. */
type Cell = { readonly do: Decision['do'] }
const table: Record<keyof typeof records, readonly [Cell[], Cell[]]> = {
  'a young claim': [
    [skip, takeOver, skip, skip],
    [skip, takeOver, skip, skip],
  ],
  'an old claim': [
    [takeOver, takeOver, takeOver, takeOver],
    [takeOver, takeOver, takeOver, takeOver],
  ],
  'a claim from the future': [
    [skip, takeOver, skip, skip],
    [skip, takeOver, skip, skip],
  ],
  'a run that was started': [
    [skip, attach, skip, skip],
    [skip, attach, skip, skip],
  ],
  'a run that must have ended': [
    [skip, attach, skip, skip],
    [claim, attach, claim, claim],
  ],
  'a run that succeeded': [
    [skip, skip, skip, skip],
    [claim, skip, skip, skip],
  ],
  'a run that failed': [
    [skip, claim, skip, skip],
    [claim, claim, claim, claim],
  ],
  'a run that was cancelled': [
    [skip, claim, skip, skip],
    [claim, claim, claim, claim],
  ],
  'a claim that was closed without a run': [
    [claim, claim, claim, claim],
    [claim, claim, claim, claim],
  ],
}

const asked = Object.keys(workflows) as Asked[]
const rows = Object.entries(table).flatMap(([what, cells]) =>
  [false, true].flatMap((force) =>
    asked.map((by, index) => ({
      what: what as keyof typeof records,
      by,
      force,
      expected: cells[force ? 1 : 0]![index]!,
    })),
  ),
)

describe('The decision about a revision', () => {
  test.each(rows)(
    'It is "$expected.do" for $what, in $by, with force $force.',
    ({ what, by, force, expected }) => {
      const { record, age } = records[what]
      expect(decide({ latest: record, workflow: workflows[by], force, now: start + age })).toEqual(expected)
    },
  )

  test.each([false, true])(
    'It is to claim the first attempt when there is no record, with force %s.',
    (force) => {
      const decision = decide({ latest: null, workflow: workflow('1'), force, now: start })
      expect(decision).toEqual({ do: 'claim', attempt: 1 })
    },
  )
})

test('The reason of a skip names the run, or the workflow run if there is none, and what to do.', () => {
  const reason = (record: LedgerRecord) => {
    const decision = decide({ latest: record, workflow: workflow('200'), force: false, now: start })
    return decision.do === 'skip' ? decision.reason : ''
  }
  expect(reason(claimed)).toContain(claimed.workflow.url)
  expect(reason(started)).toContain(run.url)
  expect(reason(changeRecord(started, { verdict: 'failed' }, start))).toMatch(/failed.*force: true/)
})

test('An owner may start within five minutes of its claim, which can be taken over after ten.', () => {
  expect(mayStart(claimed, start + 5 * minute - 1)).toBe(true)
  expect(mayStart(claimed, start + 5 * minute)).toBe(false)
  expect(mayStart(started, start)).toBe(false)
  expect(isAbandoned(claimed, start + 10 * minute - 1)).toBe(false)
  expect(isAbandoned(claimed, start + 10 * minute)).toBe(true)
  expect(isAbandoned(started, start + 60 * minute)).toBe(false)
})

test('An overdue run is not replaced by force while its provider can be asked about it.', () => {
  const asked = { latest: overdue, workflow: workflow('200'), force: true, now: start + 60 * minute }
  expect(decide(asked)).toEqual(claim)
  expect(decide({ ...asked, providerKnows: true })).toEqual(skip)
})
