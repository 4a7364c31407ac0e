import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { checks } from './checks.ts'
import { allQuestions } from './live/all-questions.ts'

const page = readFileSync('docs/reality.md', 'utf8')
const rows = page.split('\n').filter((line) => line.startsWith('| '))

describe('docs/reality.md', () => {
  test('It has one row for each check, with what came of it.', () => {
    const results = rows.map((row) => row.split(' | ').map((cell) => cell.replaceAll(/^\| | \|$/g, '')))
    for (const { name } of checks) {
      const found = results.filter(([cell]) => cell === name)
      expect([name, found.map((cells) => cells.at(-1))]).toEqual([
        name,
        [expect.stringMatching(/^(?:passed|failed|skipped)/)],
      ])
    }
  })

  test('It has one row for each question of the live check, with the command that asks it.', () => {
    const expected = allQuestions.map(({ name, asks, assumed, kind }) => {
      const command = `npm run live-check -- --only ${name}${kind === 'reads' ? '' : ' --write'}`
      return `| ${asks} | ${assumed} | ${kind} | \`${command}\` |`
    })
    expect(rows.filter((row) => row.includes('npm run live-check'))).toEqual(expected)
  })
})
