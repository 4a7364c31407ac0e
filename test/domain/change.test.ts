import { describe, expect, test } from '@jest/globals'
import { changeBetween, changedFileCount, maxListedFiles } from '../../src/domain/change.ts'
import type { FileVersion } from '../../src/domain/data.ts'

const first: FileVersion[] = [
  { path: 'README.md', content: 'card', bytes: 8 },
  { path: 'train/0/a.txt', content: 'zero', bytes: 4 },
  { path: 'train/1/a.txt', content: 'one!', bytes: 4 },
]
const from = { revision: 'a'.repeat(40), files: first }
const all = () => true
const isData = (path: string) => path !== 'README.md'
const edited = (path: string, content: string) =>
  first.map((file) => (file.path === path ? { ...file, content } : file))

test('Added, changed and removed files are counted separately, each with their size.', () => {
  const to = [
    ...edited('train/0/a.txt', 'null').filter(({ path }) => path !== 'train/1/a.txt'),
    { path: 'train/2/b.txt', content: 'two', bytes: 3 },
  ]
  const change = changeBetween({ from, to, isRelevant: all })
  expect(change).toEqual({
    from: from.revision,
    counts: {
      added: { files: 1, bytes: 3 },
      changed: { files: 1, bytes: 4 },
      removed: { files: 1, bytes: 4 },
    },
    files: [
      { path: 'train/0/a.txt', change: 'changed', bytes: 4 },
      { path: 'train/2/b.txt', change: 'added', bytes: 3 },
      { path: 'train/1/a.txt', change: 'removed', bytes: 4 },
    ],
    relevant: 3,
  })
  expect(changedFileCount(change)).toBe(3)
})

test('Two revisions with the same content have no changes.', () => {
  expect(changeBetween({ from, to: [...first].reverse(), isRelevant: all })).toMatchObject({
    files: [],
    relevant: 0,
  })
})

test('Compared with nothing, every file is new.', () => {
  const change = changeBetween({ from: null, to: first, isRelevant: all })
  expect(change).toMatchObject({ from: null, counts: { added: { files: 3, bytes: 16 } }, relevant: 3 })
})

describe('The number of relevant files', () => {
  test('A change of the card alone is not relevant, but counted as a change.', () => {
    const change = changeBetween({ from, to: edited('README.md', 'new words'), isRelevant: isData })
    expect(change).toMatchObject({ relevant: 0, counts: { changed: { files: 1 } } })
  })

  test('A removed file is relevant.', () => {
    const change = changeBetween({ from, to: first.slice(0, 2), isRelevant: isData })
    expect(change).toMatchObject({ relevant: 1, counts: { removed: { files: 1 } } })
  })
})

test('All files are counted, and the first ones are listed.', () => {
  const to = Array.from({ length: 2300 }, (_, n) => ({ path: `train/9/${n}.txt`, content: `${n}`, bytes: 1 }))
  const change = changeBetween({ from: null, to, isRelevant: all })
  expect(change.counts.added.files).toBe(2300)
  expect(change.relevant).toBe(2300)
  expect(change.files).toHaveLength(maxListedFiles)
})
