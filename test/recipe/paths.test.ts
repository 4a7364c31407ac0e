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

describe('The name of a folder', () => {
  test.each(['train/', 'train', 'train/3/', 'train/3'])('%s stands for every file in it.', (glob) => {
    expect(kept([glob])).toEqual(['train/3/a.png', 'train/3/.hidden.png'])
    expect(kept([], [glob])).toEqual(files.filter((file) => !file.startsWith('train/')))
    expect(kept(['**', `!${glob}`])).toEqual(files.filter((file) => !file.startsWith('train/')))
  })

  test('It may follow a glob, and be a part of no longer name.', () => {
    expect(kept(['*/3'])).toEqual(['train/3/a.png', 'train/3/.hidden.png', 'test/3/a.png'])
    expect(kept(['**/3/'])).toEqual(['train/3/a.png', 'train/3/.hidden.png', 'test/3/a.png'])
    expect(kept(['tra', 'rain', 'train/3/a'])).toEqual([])
  })

  test('Its accents are matched in both forms.', () => {
    expect(pathRule({ paths: ['donne\u0301es'], pathsIgnore: [] })('données/a.csv')).toBe(true)
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

describe('Names whose accents are stored differently', () => {
  const [composed, decomposed] = ['données/é.csv', 'donne\u0301es/e\u0301.csv']

  test.each([
    ['composed', 'données/**', decomposed],
    ['decomposed', 'donne\u0301es/**', composed],
  ])('A glob that is %s matches the same name in the other form.', (_form, glob, path) => {
    expect(pathRule({ paths: [glob], pathsIgnore: [] })(path)).toBe(true)
    expect(pathRule({ paths: [], pathsIgnore: [glob] })(path)).toBe(false)
    expect(pathRule({ paths: ['**', `!${glob}`], pathsIgnore: [] })(path)).toBe(false)
  })

  test('A question mark stands for one letter with its accent, or one emoji.', () => {
    const rule = pathRule({ paths: ['?.csv'], pathsIgnore: [] })
    expect(['e\u0301.csv', '😀.csv', 'ab.csv'].map(rule)).toEqual([true, true, false])
  })

  test('Globs with characters that a Unicode pattern may not escape still match.', () => {
    const names = ['a-b.csv', 'a@b.csv', 'a#b.csv', 'a&b.csv', 'a~b.csv']
    expect(names.filter(pathRule({ paths: names, pathsIgnore: [] }))).toEqual(names)
  })
})
