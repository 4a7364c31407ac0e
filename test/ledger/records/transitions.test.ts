import { describe, expect, test } from '@jest/globals'
import {
  hasEnded,
  type LedgerRecord,
  newRecord,
  type RecordFacts,
  type RecordState,
  recordStates,
} from '../../../src/ledger/record.ts'
import {
  applyTransition,
  InvalidTransition,
  mayBecome,
  transitions,
} from '../../../src/ledger/transitions.ts'
import { factsOf, key, revisionOf, run, start } from '../local-ledger.ts'

const claimed = newRecord(factsOf(), {
  recipe: key,
  revision: revisionOf('a'),
  attempt: 1,
  nonce: 'ab',
  now: start,
})

/** Everything that a transition may ever write. */
const everyFact: Required<RecordFacts> = {
  run,
  began: true,
  data: null,
  cause: 'training',
  gaveWay: true,
  reason: 'a reason',
  metrics: { accuracy: 0.9 },
  unmeasured: [{ name: 'eval_loss', value: 'nan', epoch: 2 }],
  cost: 1,
  trainedMs: 60_000,
  discussionUrl: 'https://hub.test/d/1',
  deadline: '2026-01-02T14:00:00.000Z',
  publish: 'due',
  orderedAt: '2026-01-02T12:02:00.000Z',
}

/** The ways between two states that docs/ledger.md has, written a second time: a slip in the table is seen here. */
const allowed: Readonly<Record<RecordState, readonly RecordState[]>> = {
  claimed: ['claimed', 'started', 'succeeded', 'failed', 'cancelled'],
  started: ['started', 'out-of-sight', 'succeeded', 'failed', 'cancelled'],
  'out-of-sight': ['out-of-sight', 'started', 'succeeded', 'failed', 'cancelled'],
  succeeded: ['succeeded'],
  failed: ['failed', 'started', 'succeeded', 'cancelled'],
  cancelled: ['cancelled'],
}

function recordIn(state: RecordState, { began }: { began: boolean }): LedgerRecord {
  return { ...claimed, state, began, run: state === 'claimed' || !began ? null : run }
}

const pairs = recordStates.flatMap((from) => recordStates.map((to) => ({ from, to })))
const made = pairs.filter(({ from, to }) => allowed[from].includes(to))
const refused = pairs.filter(({ from, to }) => !allowed[from].includes(to))

describe('The table of transitions', () => {
  test.each(made)('A record of an attempt that never began can go from $from to $to.', ({ from, to }) => {
    const record = recordIn(from, { began: false })
    expect(mayBecome(record, to)).toBe(true)
    expect(applyTransition(record, to, { facts: {}, now: start }).state).toBe(to)
  })

  test.each(refused)('No record can go from $from to $to.', ({ from, to }) => {
    for (const began of [true, false]) {
      const record = recordIn(from, { began })
      expect(mayBecome(record, to)).toBe(false)
      expect(() => applyTransition(record, to, { facts: {}, now: start })).toThrow(InvalidTransition)
    }
  })

  test('It has a way into every state, and creation and deletion begin and end at a claim.', () => {
    for (const state of recordStates) expect(transitions.some(({ to }) => to === state)).toBe(true)
    expect(transitions.filter(({ from }) => from === null).map(({ to }) => to)).toEqual(['claimed'])
    expect(transitions.filter(({ to }) => to === null).map(({ from }) => from)).toEqual(['claimed'])
  })

  test.each(['succeeded', 'failed', 'cancelled'] as const)(
    'What has %s after it began stays as it is: only its publication and its discussion change.',
    (state) => {
      const record = recordIn(state, { began: true })
      for (const to of recordStates) expect(mayBecome(record, to)).toBe(to === state)
      expect(applyTransition(record, state, { facts: { publish: 'due' }, now: start }).publish).toBe('due')
      expect(() => applyTransition(record, state, { facts: { cost: 9 }, now: start })).toThrow(
        InvalidTransition,
      )
    },
  )

  test.each(made)(
    'Each fact is written from $from to $to where the table says so, and only there.',
    ({ from, to }) => {
      const record = recordIn(from, { began: false })
      const writes: ReadonlySet<string> = new Set(
        transitions.filter((row) => row.from === from && row.to === to).flatMap((row) => row.writes),
      )
      for (const [name, value] of Object.entries(everyFact)) {
        const apply = () => applyTransition(record, to, { facts: { [name]: value }, now: start })
        if (!writes.has(name)) {
          expect(apply).toThrow(`does not write ${name}`)
        } else if (name === 'orderedAt') {
          expect(apply().times.ordered).toBe(value)
        } else {
          expect(apply()).toMatchObject({ [name]: value })
        }
      }
    },
  )
})

describe('The times of a record', () => {
  const at = '2026-01-02T12:00:01.000Z'
  const later = (record: LedgerRecord, to: RecordState, facts: RecordFacts = {}, ms = 1000) =>
    applyTransition(record, to, { facts, now: start + ms })

  test('An unclear order has a time, and the record is still a claim.', () => {
    const unclear = later(claimed, 'claimed', { orderedAt: at, reason: '504' })
    expect(unclear).toMatchObject({ state: 'claimed', times: { ordered: at, started: null, finished: null } })
  })

  test('What is started was ordered, and keeps the time at which its order was sent.', () => {
    expect(later(claimed, 'started', { run }).times).toMatchObject({ ordered: at, started: at })
    const unclear = later(claimed, 'claimed', { orderedAt: at })
    expect(later(unclear, 'started', { run }, 60_000).times).toMatchObject({
      ordered: at,
      started: '2026-01-02T12:01:00.000Z',
    })
  })

  test.each(['succeeded', 'failed', 'cancelled'] as const)('What has %s has a time of its end.', (state) => {
    const ended = later(later(claimed, 'started', { run, began: true }), state, {}, 2000)
    expect(ended.times).toMatchObject({ started: at, finished: '2026-01-02T12:00:02.000Z' })
    expect(hasEnded(ended)).toBe(true)
    expect(later(ended, state, { discussionUrl: 'https://hub.test/d/1' }, 9000).times).toEqual(ended.times)
  })

  test('What never began was never started, and is open again when its run turns up.', () => {
    const never = later(claimed, 'failed', { began: false, cause: 'infrastructure' })
    expect(never.times).toMatchObject({ ordered: null, started: null, finished: at })
    const found = later(never, 'started', { run, began: true, cause: null, reason: null }, 2000)
    expect(found).toMatchObject({ state: 'started', cause: null, times: { finished: null } })
  })
})
