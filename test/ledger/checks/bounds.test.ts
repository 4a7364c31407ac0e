import { describe, expect, test } from '@jest/globals'
import { automaticBound } from '../../../src/ledger/decide.ts'
import { type LedgerRecord, newRecord } from '../../../src/ledger/record.ts'
import { factsOf, key, minute, revisionOf, start, workflow } from '../local-ledger.ts'

/** Attempts at the same data, a minute apart, oldest first; each failed for want of hardware unless told otherwise. */
function attempts(...changes: Partial<LedgerRecord>[]): LedgerRecord[] {
  return changes.map((change, n) => ({
    ...newRecord(factsOf({ costEstimate: 1, workflow: workflow(`${100 + n}`) }), {
      recipe: key,
      revision: revisionOf(`${n}`),
      attempt: 1,
      nonce: `${n}`,
      now: start + n * minute,
    }),
    state: 'failed',
    cause: 'infrastructure',
    cost: 0,
    ...change,
  }))
}

const boundOf = (all: readonly LedgerRecord[], { maxCost = 100, nextCost = 1 as number | null } = {}) =>
  automaticBound({ attempts: all, maxCost, nextCost })

describe('The number of attempts that come back by themselves', () => {
  test('Three at the same data are the most, whatever their reasons and revisions.', () => {
    expect(boundOf(attempts({}, {}))).toBeNull()
    expect(boundOf(attempts({}, {}, {}))).toMatch(/^Not retrying any more: 3 automatic attempts/)
    expect(
      boundOf(attempts({ cause: 'training' }, { state: 'cancelled', cause: 'workflow' }, {})),
    ).not.toBeNull()
  })

  test('An order that may have been sent counts, although nothing was found.', () => {
    expect(boundOf(attempts({}, {}, { state: 'claimed', cause: null, cost: null }))).not.toBeNull()
  })

  test('What people start does not count, and does not reset the count either.', () => {
    expect(boundOf(attempts({}, { automatic: false }, { automatic: false }, {}))).toBeNull()
    expect(boundOf(attempts({}, {}, { automatic: false }, {}))).not.toBeNull()
  })

  test('A recipe that was edited does not reset it.', () => {
    expect(boundOf(attempts({ howItRuns: '1' }, { howItRuns: '2' }, { howItRuns: '3' }))).not.toBeNull()
  })

  test('The sentence links the attempts and names the way back.', () => {
    const bound = boundOf(attempts({}, {}, {}))
    for (const id of ['100', '101', '102']) expect(bound).toContain(workflow(id).url)
    expect(bound).toContain('Fixed it? Run workflow.')
  })
})

describe('After an attempt that had trained for 10 minutes', () => {
  const long = { trainedMs: 10 * minute, cost: 0.1 }

  test('One more comes back, and no second one.', () => {
    expect(boundOf(attempts(long))).toBeNull()
    expect(boundOf(attempts(long, {}))).toContain('more than 10 minutes')
    expect(boundOf(attempts({}, long))).toBeNull()
    expect(boundOf(attempts(long, long))).not.toBeNull()
  })

  test('A person who started it makes no difference.', () => {
    expect(boundOf(attempts({ ...long, automatic: false }))).toBeNull()
    expect(boundOf(attempts({ ...long, automatic: false }, {}))).toContain('more than 10 minutes')
  })

  test('One of which it is not known how long it trained counts as long.', () => {
    const unknown = { began: true, trainedMs: null, cost: null }
    expect(boundOf(attempts(unknown))).toBeNull()
    expect(boundOf(attempts(unknown, {}))).toContain('more than 10 minutes')
    expect(boundOf(attempts({ ...unknown, began: false }, {}))).toBeNull()
  })

  test('A shorter one is not expensive.', () => {
    expect(boundOf(attempts({ trainedMs: 10 * minute - 1 }, {}))).toBeNull()
  })

  test('The order in which the records are given does not matter.', () => {
    expect(boundOf(attempts(long, {}).reverse())).toContain('more than 10 minutes')
    expect(boundOf(attempts({}, long).reverse())).toBeNull()
  })
})

describe('The money that is spent by itself', () => {
  test.each<[string, Partial<LedgerRecord>[], number, number | null, boolean]>([
    ['what was spent and the next attempt fit exactly', [{ cost: 2 }, { cost: 2 }], 5, 1, true],
    ['they exceed it by a cent', [{ cost: 2 }, { cost: 2.01 }], 5, 1, false],
    ['a cost is unknown: it counts as price x timeout', [{ cost: null, costEstimate: 4.5 }], 5, 1, false],
    ['what people spent counts too', [{ cost: 1 }, { cost: 3.5, automatic: false }], 5, 1, false],
    ['nothing was spent yet', [], 0.5, 1, true],
    ['a person spent all, and nothing came back by itself yet', [{ cost: 9, automatic: false }], 5, 1, false],
    ['the price of the next is not known', [{ cost: 4 }], 5, null, true],
    ['binary fractions add up to the limit', [{ cost: 0.1 }, { cost: 0.2 }], 0.6, 0.3, true],
  ])('It is bounded by max-cost where %s.', (_what, changes, maxCost, nextCost, isAllowed) => {
    const bound = boundOf(attempts(...changes), { maxCost, nextCost })
    expect(bound === null).toBe(isAllowed)
    if (bound !== null) expect(bound).toContain('would exceed max-cost ($5.00)')
  })
})
