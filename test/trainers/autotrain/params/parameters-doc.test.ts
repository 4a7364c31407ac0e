import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { type ColumnRole, columnRoles, taskNames } from '../../../../src/domain/tasks.ts'

const notes: Readonly<Record<ColumnRole['takes'], string>> = {
  one: '',
  several: ' (one or a list)',
  list: ' (a list)',
}

test('docs/parameters.md has the roles of every task.', () => {
  const rows = taskNames.map((task) => {
    const list = (isRequired: boolean) =>
      columnRoles(task)
        .filter((role) => role.isRequired === isRequired)
        .map(({ name, takes }) => `\`${name}\`${notes[takes]}`)
        .join(', ')
    return `| \`${task}\` | ${list(true)} | ${list(false) || '–'} |`
  })
  const page = readFileSync('docs/parameters.md', 'utf8').split('\n')
  expect(page.filter((line) => /^\| `/.test(line))).toEqual(rows)
})
