import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'

const model = readFileSync('docs/threat-model.md', 'utf8')

/** The rows of its tables: each claim, and the tests that verify it. */
const rows = model
  .split('\n')
  .filter((line) => line.startsWith('|') && line.includes('`test/'))
  .map((line) => {
    const [, claim = '', named = ''] = line.split('|').map((cell) => cell.trim())
    const tests = [...named.matchAll(/`(test\/[\w./-]+)`(?: \("(.*?)"\))?/g)]
    return [
      claim,
      tests.map(([, file = '', titles = '']) => ({ file, titles: titles.split('"; "') })),
    ] as const
  })

test('The threat model has tables of claims and tests.', () => {
  expect(rows.length).toBeGreaterThan(20)
})

test.each(rows)('The tests exist that the threat model names for the claim: %s.', (_claim, tests) => {
  for (const { file, titles } of tests) {
    const text = existsSync(file) ? readFileSync(file, 'utf8') : ''
    const missing = titles.filter((title) => title === '' || !text.includes(title))
    expect([file, missing]).toEqual([file, []])
  }
})
