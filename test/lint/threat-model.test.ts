import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'

const model = readFileSync('docs/threat-model.md', 'utf8')

/** The rows of its tables of what must hold: the claim, and the tests that are named for it. */
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

test('The threat model has a table of what must hold.', () => {
  expect(rows.length).toBeGreaterThan(20)
})

test.each(rows)('The tests that are to show it are there: %s.', (_claim, tests) => {
  for (const { file, titles } of tests) {
    const text = existsSync(file) ? readFileSync(file, 'utf8') : ''
    const missing = titles.filter((title) => title === '' || !text.includes(title))
    expect([file, missing]).toEqual([file, []])
  }
})
