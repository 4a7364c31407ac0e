import { describe, expect, test } from '@jest/globals'
import { type FileVersion, isSameData } from '../../src/domain/data.ts'
import { dataFacts, rulesDigest } from '../../src/recipe/data-digest.ts'
import { recipeKeys } from '../../src/recipe/keys.ts'
import { pathRule } from '../../src/recipe/paths.ts'
import { seededRandom } from '../sandbox/seeded-random.ts'

const defaults = { paths: [], pathsIgnore: recipeKeys.pathsIgnore.fallback ?? [] }
type Rules = { readonly paths: readonly string[]; readonly pathsIgnore: readonly string[] }

function factsOf(
  files: readonly FileVersion[],
  { rules = defaults, namesClasses = true }: { rules?: Rules; namesClasses?: boolean } = {},
) {
  return dataFacts(files, { rules, isRelevant: pathRule(rules), namesClasses })
}

/** A dataset of handwritten digits, the same for the same seed. */
function filesOf(seed: number): FileVersion[] {
  const random = seededRandom(seed)
  const whole = (below: number) => Math.floor(random() * below)
  const images = Array.from({ length: 5 + whole(40) }, (_, n) => ({
    path: `train/${whole(10)}/${n}.png`,
    content: `oid-${whole(1e9)}`,
    bytes: whole(5000),
  }))
  return [{ path: 'README.md', content: 'card', bytes: 10 }, ...images]
}

const seeds = Array.from({ length: 20 }, (_, n) => n)

describe('The digest of the data', () => {
  test.each(seeds)('It does not depend on the order of the listing (seed %i).', (seed) => {
    const files = filesOf(seed)
    const random = seededRandom(seed + 1000)
    const shuffled = files
      .map((file) => ({ file, at: random() }))
      .sort((a, b) => a.at - b.at)
      .map(({ file }) => file)
    expect(factsOf(shuffled)).toEqual(factsOf(files))
  })

  test.each(seeds)(
    'It changes with any relevant file: added, removed, renamed or changed (seed %i).',
    (seed) => {
      const files = filesOf(seed)
      const at = 1 + (seed % (files.length - 1))
      const changed = files.map((file, n) => (n === at ? { ...file, content: 'other' } : file))
      const renamed = files.map((file, n) => (n === at ? { ...file, path: `test/${file.path}` } : file))
      const removed = files.filter((_, n) => n !== at)
      const added = [...files, { path: 'train/9/new.png', content: 'new', bytes: 1 }]
      const digests = [files, changed, renamed, removed, added].map((all) => factsOf(all).digest)
      expect(new Set(digests).size).toBe(5)
    },
  )

  test.each(seeds)(
    'A commit of the README or .gitattributes alone leaves it, and all totals, as they are (seed %i).',
    (seed) => {
      const files = filesOf(seed)
      const edited = files.map((file) =>
        file.path === 'README.md' ? { ...file, content: 'new', bytes: 99 } : file,
      )
      const more = [...edited, { path: '.gitattributes', content: 'lfs', bytes: 5 }]
      expect(factsOf(more)).toEqual(factsOf(files))
      expect(factsOf(files.slice(1))).toEqual(factsOf(files))
    },
  )

  test('It is of contents and paths, so that another size alone is no change: no listing has that.', () => {
    const files = filesOf(1)
    expect(factsOf(files.map((file) => ({ ...file, bytes: file.bytes + 1 }))).digest).toBe(
      factsOf(files).digest,
    )
  })

  test('Two files whose joined names and contents are the same differ.', () => {
    const one = factsOf([{ path: 'a', content: 'b\nc', bytes: 1 }])
    const two = factsOf([
      { path: 'a', content: 'b', bytes: 1 },
      { path: 'c', content: '', bytes: 0 },
    ])
    expect(one.digest).not.toBe(two.digest)
  })

  test('No relevant file at all has a digest too, and counts nothing.', () => {
    expect(factsOf([{ path: 'README.md', content: 'x', bytes: 1 }])).toMatchObject({
      files: 0,
      bytes: 0,
      classCount: 0,
    })
    expect(factsOf([]).digest).toMatch(/^[0-9a-f]{64}$/)
  })
})

describe('The path rules', () => {
  test('Digests under other rules do not compare, even where the same files are relevant.', () => {
    const files = filesOf(2)
    const other = factsOf(files, { rules: { paths: ['train/**'], pathsIgnore: [] } })
    expect(other.digest).toBe(factsOf(files).digest)
    expect(isSameData(other, factsOf(files))).toBe(false)
    expect(isSameData(factsOf(files), factsOf(files))).toBe(true)
  })

  test('Their order counts, since a later glob may take back an earlier one.', () => {
    const digest = (paths: string[]) => rulesDigest({ paths, pathsIgnore: [] })
    expect(digest(['a', '!b'])).not.toBe(digest(['!b', 'a']))
    expect(digest(['a'])).not.toBe(rulesDigest({ paths: [], pathsIgnore: ['a'] }))
  })

  test('Without facts on one side, nothing is the same.', () => {
    expect(isSameData(null, factsOf([]))).toBe(false)
    expect(isSameData(null, null)).toBe(false)
  })
})

describe('The classes', () => {
  test('They are the folders below the splits, with the number of their files.', () => {
    const file = (path: string) => ({ path, content: path, bytes: 1 })
    const facts = factsOf(
      ['train/cat/1.png', 'train/cat/2.png', 'test/dog/1.png', 'data.csv', 'a/b/c/d.png'].map(file),
    )
    expect(facts).toMatchObject({ classes: { cat: 2, dog: 1 }, classCount: 2, files: 5 })
  })

  test('Where the place must not name them, only their number is kept.', () => {
    const facts = factsOf(filesOf(3), { namesClasses: false })
    expect(facts.classes).toBeNull()
    expect(facts.classCount).toBeGreaterThan(0)
    expect(JSON.stringify(facts)).not.toContain('train')
  })

  test('More folders than classes have are counted, not named.', () => {
    const files = Array.from({ length: 201 }, (_, n) => ({
      path: `train/${n}/x.png`,
      content: 'x',
      bytes: 1,
    }))
    expect(factsOf(files)).toMatchObject({ classes: null, classCount: 201 })
  })
})

test('A class whose name is stored composed in one split and decomposed in another is one class.', () => {
  const files = ['train/é/1.png', 'test/e\u0301/2.png'].map((path) => ({ path, content: 'a', bytes: 1 }))
  const { classes, classCount } = dataFacts(files, {
    isRelevant: () => true,
    rules: { paths: [], pathsIgnore: [] },
    namesClasses: true,
  })
  expect({ classes, classCount }).toEqual({ classes: { é: 2 }, classCount: 1 })
})

test('The rules of a folder that is named alone differ from those of a time when it meant no file.', () => {
  const rules = (glob: string) => rulesDigest({ paths: [glob], pathsIgnore: [] })
  expect(rules('docs')).not.toBe(rules('docs/**'))
  expect(new Set(['docs', 'docs/', 'docs/**'].map(rules)).size).toBe(3)
})
