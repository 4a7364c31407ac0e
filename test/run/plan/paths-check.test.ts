import { describe, expect, test } from '@jest/globals'
import { pathsCheck } from '../../../src/run/plan/paths-check.ts'

const usual = ['README.md', '.gitattributes']
const files = ['README.md', 'train/cat/1.png', 'train/dog/1.png', 'documents/a.md', 'labels.csv'].map(
  (path, at) => ({ path, content: String(at), bytes: 1 }),
)
const check = (paths: string[], pathsIgnore: string[] = usual, namesFiles = true) =>
  pathsCheck({ paths, pathsIgnore }, { files, namesFiles })

test('A recipe without patterns of its own has nothing to check.', () => {
  expect(check([])).toEqual([])
  expect(pathsCheck({ paths: [], pathsIgnore: usual }, { files: [], namesFiles: true })).toEqual([])
})

test('Patterns that all match a file pass.', () => {
  expect(check(['train/**', 'labels.csv', 'documents'], ['README.md', '**/*.md'])).toEqual([
    {
      id: 'paths',
      title: 'The patterns of paths and paths-ignore match files',
      found: 'yes',
      verdict: 'passed',
      advice: null,
    },
  ])
})

describe('A pattern of paths that matches no file warns', () => {
  test.each([
    ['Train/**', 'did you mean train/?'],
    ['tran/**', 'did you mean train/?'],
    ['document', 'did you mean documents/?'],
    ['label.csv', 'did you mean labels.csv?'],
    ['valid/**', 'check its spelling.'],
    ['*.jsonl', 'check its spelling.'],
    ['train/*.png', 'check its spelling.'],
  ])('%s', (glob, what) => {
    expect(check(['labels.csv', glob])).toMatchObject([
      {
        verdict: 'warned',
        found: `${glob} matches none of 5 files`,
        advice: `paths: ${glob} matches no file of this revision: ${what}`,
      },
    ])
  })

  test('without names of the dataset where they may not be shown', () => {
    expect(JSON.stringify(check(['Train/**', 'labels.csv'], usual, false))).not.toContain('train/')
  })
})

describe('A pattern that excludes', () => {
  test.each([
    [[], ['docs/**']],
    [['train/**', '!raw/**'], usual],
    [[], ['**/*.txt']],
  ])('passes where its files may still come: %j, %j', (paths, pathsIgnore) => {
    expect(check(paths, pathsIgnore)).toMatchObject([{ verdict: 'passed', advice: null }])
    expect(check(paths, pathsIgnore)[0]?.found).toMatch(/ matches none of 5 files$/)
  })

  test.each([
    [
      [],
      ['Documents/**'],
      'paths-ignore: Documents/** matches no file of this revision: did you mean documents/?',
    ],
    [['**', '!trian/**'], usual, 'paths: !trian/** matches no file of this revision: did you mean train/?'],
  ])('warns where the dataset has nearly such a name: %j, %j', (paths, pathsIgnore, advice) => {
    expect(check(paths, pathsIgnore)).toMatchObject([{ verdict: 'warned', advice }])
  })
})
