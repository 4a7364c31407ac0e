import { describe, expect, test } from '@jest/globals'
import { globMatcher } from '../../../../src/trainers/autotrain/layout/glob.ts'

const matches = (glob: string, path: string) => globMatcher(glob)?.(path) ?? null

describe('A glob of a dataset card', () => {
  test.each([
    ['data/train-*', 'data/train-00000-of-00001.parquet', true],
    ['data/train-*', 'data/more/train-1.parquet', false],
    ['*.csv', 'a.csv', true],
    ['*.csv', 'd/a.csv', false],
    ['**', 'd/e/a.csv', true],
    ['**/*.csv', 'a.csv', true],
    ['**/*.csv', 'd/e/a.csv', true],
    ['d/**', 'd/a.csv', true],
    ['d/**/a.csv', 'd/a.csv', true],
    ['d/**/a.csv', 'd/e/f/a.csv', true],
    ['part-[0-4].csv', 'part-3.csv', true],
    ['part-[0-4].csv', 'part-7.csv', false],
    ['part-?.csv', 'part-7.csv', true],
    ['./a.csv', 'a.csv', true],
    ['d', 'd/a.csv', false],
    ['a*b*c.csv', 'a-b-b-c.csv', true],
  ])('%s and the path %s: %s.', (glob, path, expected) => {
    expect(matches(glob, path)).toBe(expected)
  })

  test.each([
    'https://example.org/a.csv',
    'hf://datasets/a/b/c.csv',
    '.hidden/a.csv',
    '../a.csv',
    '{a,b}.csv',
    'a**.csv',
  ])('%s means something that is not known here.', (glob) => {
    expect(globMatcher(glob)).toBeNull()
  })

  test('takes no longer than its length allows, however many stars it has.', () => {
    const stars = `${'*a'.repeat(200)}b`
    expect(matches(stars, 'a'.repeat(2000))).toBe(false)
    const folders = `${'**/'.repeat(200)}b`
    expect(matches(folders, `${'a/'.repeat(200)}c`)).toBe(false)
  })
})
