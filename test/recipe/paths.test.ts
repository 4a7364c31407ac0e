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

test('A list of paths-ignore that only takes something back leaves nothing out.', () => {
  expect(kept([], ['!README.md'])).toEqual(files)
  expect(kept([], ['*.md', '!README.md'])).toEqual(files)
})

test('Without any glob every file counts.', () => {
  expect(kept([])).toEqual(files)
})

describe('paths', () => {
  test('Only files that a glob matches count.', () => {
    expect(kept(['train/**'])).toEqual(['train/3/a.png', 'train/3/.hidden.png'])
    expect(kept(['train/**', 'data/*'])).toEqual([
      'train/3/a.png',
      'train/3/.hidden.png',
      'data/train.parquet',
    ])
  })

  test('A star does not go into folders, two do.', () => {
    expect(kept(['*'])).toEqual(['README.md', '.gitattributes'])
    expect(kept(['**/*.png'])).toEqual(['train/3/a.png', 'train/3/.hidden.png', 'test/3/a.png'])
  })

  test('A name is matched from the root, not wherever it stands.', () => {
    expect(kept(['README.md'])).toEqual(['README.md'])
    expect(kept(['**/README.md'])).toEqual(['README.md', 'docs/README.md'])
  })

  test('A leading dot is nothing special.', () => {
    expect(kept(['*attributes'])).toEqual(['.gitattributes'])
  })

  test('A glob with ! takes away what globs before it gave.', () => {
    expect(kept(['train/**', '!**/.hidden.png'])).toEqual(['train/3/a.png'])
  })

  test('The last glob that matches wins.', () => {
    expect(kept(['train/**', '!train/**', 'train/3/a.png'])).toEqual(['train/3/a.png'])
    expect(kept(['train/3/a.png', '!train/**'])).toEqual([])
  })

  test('A list that begins with ! takes away from everything.', () => {
    expect(kept(['!**/*.md'])).toEqual(files.filter((file) => !file.endsWith('.md')))
  })

  test('Case counts.', () => {
    expect(kept(['readme.md'])).toEqual([])
  })
})

describe('paths-ignore', () => {
  test('It applies after paths.', () => {
    expect(kept(['train/**'], ['train/3/a.png'])).toEqual(['train/3/.hidden.png'])
    expect(kept([], ['README.md', '.gitattributes'])).toEqual(files.slice(2))
  })

  test('A glob with ! in it gives back what globs before it ignored.', () => {
    expect(kept([], ['train/**', '!train/3/a.png'])).toEqual(
      files.filter((file) => file !== 'train/3/.hidden.png'),
    )
  })

  test('Ignoring nothing, an empty list, keeps README.md too.', () => {
    expect(kept([], [])).toContain('README.md')
  })
})
