import { expect, test } from '@jest/globals'
import { claimRef, dayRef, parseRef } from '../../src/ledger/ref-names.ts'
import { revisionOf } from './local-ledger.ts'

const revision = revisionOf('a')

test('The first attempt has the revision as its name, and later ones their number.', () => {
  expect(claimRef('k', revision, 1)).toBe(`refs/auto-retrain/k/${revision}`)
  expect(claimRef('k', revision, 12)).toBe(`refs/auto-retrain/k/${revision}-12`)
  expect(dayRef('k', '2026-01-02', 3)).toBe('refs/auto-retrain/k/day/2026-01-02/3')
})

test('What a name was made of is read back.', () => {
  expect(parseRef('k', claimRef('k', revision, 1))).toEqual({ kind: 'claim', revision, attempt: 1 })
  expect(parseRef('k', claimRef('k', revision, 10))).toEqual({ kind: 'claim', revision, attempt: 10 })
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
])('A name that the ledger does not make is not read as one: %j.', (name) => {
  expect(parseRef('k', `refs/auto-retrain/k/${name}`)).toBeNull()
})

test('The refs of another recipe are not read as ours, even when its key begins like ours.', () => {
  expect(parseRef('k', claimRef('k-2', revision, 1))).toBeNull()
  expect(parseRef('k', `refs/tags/k/${revision}`)).toBeNull()
})

test.each(['main', 'abc1234', `${revision}/../../heads/main`, `${revision}\n`, ''])(
  'No claim is made on %j, which is no full commit sha.',
  (bad) => {
    expect(() => claimRef('k', bad, 1)).toThrow(/no claim can be made/)
  },
)

test.each([0, -1, 1.5, Number.NaN, 1e21])('No claim is made on attempt %s.', (attempt) => {
  expect(() => claimRef('k', revision, attempt)).toThrow(/no claim can be made/)
})
