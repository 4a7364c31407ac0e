import { describe, expect, test } from '@jest/globals'
import { pathRule } from '../../src/recipe/paths.ts'

const files = [
  'README.md',
  '.gitattributes',
  'train/3/a.png',
  'train/3/.hidden.png',
  'test/3/a.png',
  'data/train.parquet',
  'docs/README.md',
]
const kept = (paths: string[], pathsIgnore: string[] = []) => files.filter(pathRule({ paths, pathsIgnore }))

test('A list of paths-ignore with negations only ignores nothing.', () => {
  expect(kept([], ['!README.md'])).toEqual(files)
  expect(kept([], ['*.md', '!README.md'])).toEqual(files)
})

test('Without globs every file matches.', () => {
  expect(kept([])).toEqual(files)
})

describe('paths', () => {
  test('Only files that match a glob count.', () => {
    expect(kept(['train/**'])).toEqual(['train/3/a.png', 'train/3/.hidden.png'])
    expect(kept(['train/**', 'data/*'])).toEqual([
      'train/3/a.png',
      'train/3/.hidden.png',
      'data/train.parquet',
    ])
  })

  test('One star does not match across folders, two stars do.', () => {
    expect(kept(['*'])).toEqual(['README.md', '.gitattributes'])
    expect(kept(['**/*.png'])).toEqual(['train/3/a.png', 'train/3/.hidden.png', 'test/3/a.png'])
  })

  test('A name matches in the root folder only.', () => {
    expect(kept(['README.md'])).toEqual(['README.md'])
    expect(kept(['**/README.md'])).toEqual(['README.md', 'docs/README.md'])
  })

  test('A star matches a leading dot.', () => {
    expect(kept(['*attributes'])).toEqual(['.gitattributes'])
  })

  test('A glob with ! excludes files that earlier globs included.', () => {
    expect(kept(['train/**', '!**/.hidden.png'])).toEqual(['train/3/a.png'])
  })

  test('The last glob that matches wins.', () => {
    expect(kept(['train/**', '!train/**', 'train/3/a.png'])).toEqual(['train/3/a.png'])
    expect(kept(['train/3/a.png', '!train/**'])).toEqual([])
  })

  test('A list that begins with ! excludes from all files.', () => {
    expect(kept(['!**/*.md'])).toEqual(files.filter((file) => !file.endsWith('.md')))
  })

  test('Globs are case-sensitive.', () => {
    expect(kept(['readme.md'])).toEqual([])
  })
})

describe('paths-ignore', () => {
  test('It takes precedence over paths.', () => {
    expect(kept(['train/**'], ['train/3/a.png'])).toEqual(['train/3/.hidden.png'])
    expect(kept([], ['README.md', '.gitattributes'])).toEqual(files.slice(2))
  })

  test('A glob with ! includes files that earlier globs ignored.', () => {
    expect(kept([], ['train/**', '!train/3/a.png'])).toEqual(
      files.filter((file) => file !== 'train/3/.hidden.png'),
    )
  })

  test('An empty list ignores nothing, not even README.md.', () => {
    expect(kept([], [])).toContain('README.md')
  })
})
