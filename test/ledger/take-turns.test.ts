import { describe, expect, test } from '@jest/globals'
import { takeTurns } from '../../src/ledger/take-turns.ts'

const list = (count: number) => Array.from({ length: count }, (_, n) => n)

describe('The selection of one turn', () => {
  test('It has the first items, and others that begin at the index of the turn.', () => {
    expect(takeTurns(list(10), { first: 3, others: 2, turn: 0 })).toEqual([0, 1, 2, 3, 4])
    expect(takeTurns(list(10), { first: 3, others: 2, turn: 4 })).toEqual([0, 1, 2, 7, 8])
    expect(takeTurns(list(10), { first: 3, others: 2, turn: 6 })).toEqual([0, 1, 2, 9, 3])
  })

  test.each([4, 5, 6, 20, 100])(
    'It includes each of %i items in some turn, and none twice in one turn.',
    (count) => {
      const turns = Array.from({ length: count }, (_, n) =>
        takeTurns(list(count), { first: 3, others: 2, turn: n }),
      )
      for (const taken of turns) expect(new Set(taken).size).toBe(taken.length)
      expect([...new Set(turns.flat())].sort((a, b) => a - b)).toEqual(list(count))
    },
  )

  test.each([0, 1, 3, 5])('It has all items of a list of %i.', (count) => {
    const taken = takeTurns(list(count), { first: 3, others: 2, turn: 4_294_967_295 })
    expect(taken.sort((a, b) => a - b)).toEqual(list(count))
  })
})
