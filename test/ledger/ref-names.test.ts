import { expect, test } from '@jest/globals'
import { claimRef, dayRef, modelRef, parseRef, renamedRef } from '../../src/ledger/ref-names.ts'
import { revisionOf } from './local-ledger.ts'

const revision = revisionOf('a')

test('The name of a claim is the revision, followed by the number of the attempt from the second on.', () => {
  expect(claimRef('k', revision, 1)).toBe(`refs/auto-retrain/k/${revision}`)
  expect(claimRef('k', revision, 12)).toBe(`refs/auto-retrain/k/${revision}-12`)
  expect(dayRef('k', '2026-01-02', 3)).toBe('refs/auto-retrain/k/day/2026-01-02/3')
  expect(modelRef('0123456789abcdef')).toBe('refs/auto-retrain/model/0123456789abcdef')
  expect(renamedRef('k')).toBe('refs/auto-retrain/k/renamed')
})

test('A name is parsed into the parts that it was made from.', () => {
  expect(parseRef('k', claimRef('k', revision, 1))).toEqual({ kind: 'claim', revision, attempt: 1 })
  expect(parseRef('k', claimRef('k', revision, 10))).toEqual({ kind: 'claim', revision, attempt: 10 })
  expect(parseRef('k', renamedRef('k'))).toEqual({ kind: 'renamed' })
  expect(parseRef('k', dayRef('k', '2026-01-02', 30))).toEqual({ kind: 'day', date: '2026-01-02', n: 30 })
})

test.each([
  `${revision}-1`,
  `${revision}-0`,
  `${revision}-02`,
  `${revision}-2-3`,
  revision.slice(1),
  `${revision}0`,
  revision.toUpperCase().replace(/[0-9]/g, 'A'),
  'day/2026-01-02',
  'day/2026-01-02/0',
  'day/2026-01-02/01',
  'day/today/1',
  '',
])('A name that the ledger does not create is not parsed: %j.', (name) => {
  expect(parseRef('k', `refs/auto-retrain/k/${name}`)).toBeNull()
})

test('The refs of a recipe whose key begins with the same text are not parsed.', () => {
  expect(parseRef('k', claimRef('k-2', revision, 1))).toBeNull()
  expect(parseRef('k', `refs/tags/k/${revision}`)).toBeNull()
})

test.each(['main', 'abc1234', `${revision}/../../heads/main`, `${revision}\n`, ''])(
  'The revision %j cannot be claimed, because it is not a full commit sha.',
  (bad) => {
    expect(() => claimRef('k', bad, 1)).toThrow(/^no claim can be made on attempt /)
  },
)

test.each([0, -1, 1.5, Number.NaN, 1e21])('The attempt %s cannot be claimed.', (attempt) => {
  expect(() => claimRef('k', revision, attempt)).toThrow(/^no claim can be made on attempt /)
})
