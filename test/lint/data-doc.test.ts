import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { withDataTable } from '../../scripts/data-table.ts'

test('docs/training-data.md has the layouts as the code decides about them (npm run format).', () => {
  const document = readFileSync('docs/training-data.md', 'utf8')
  expect(withDataTable(document)).toBe(document)
})
