import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { withLedgerTables } from '../../scripts/ledger-tables.ts'

test('docs/ledger.md has the tables of the code that decides: `npm run format` writes them.', () => {
  const text = readFileSync('docs/ledger.md', 'utf8')
  expect(text).toBe(withLedgerTables(text))
})
