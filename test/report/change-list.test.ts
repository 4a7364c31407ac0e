import { describe, expect, test } from '@jest/globals'
import { changeBetween } from '../../src/domain/change/change.ts'
import { createFolderTally } from '../../src/domain/change/folders.ts'
import { changeList, changeSummary, dataTotals, folderTable } from '../../src/report/change-list.ts'
import { jobSummary } from '../../src/report/summary/summary.ts'
import { changeSince, contextWith, largeChange, outcomeWith } from './outcomes.ts'

const older = '1'.repeat(40)
const none = { files: 0, bytes: 0, classCount: 0 }

/** What a report says of a change from some files to others; a name with an exclamation mark has other content. */
function tableOf(before: readonly string[], after: readonly string[]): string[] {
  const versions = (names: readonly string[]) =>
    names.map((name) => ({ path: name.replace('!', ''), content: name, bytes: 10 }))
  const tally = createFolderTally()
  const change = changeBetween({
    from: { revision: older, files: versions(before) },
    to: versions(after),
    isRelevant: () => true,
    onChange: tally.add,
  })
  const data = { before: none, after: none, folders: tally.result(), classes: [], unlisted: null }
  return folderTable({ ...change, data })
    .split('\n')
    .slice(2)
}

describe('What changed by folder', () => {
  test('Files are counted by class, else by top folder, and the folder with the most changes comes first.', () => {
    expect(
      tableOf(
        ['README.md', 'train/cat/1.png', 'train/dog/1.png', 'train/dog/2.png', 'docs/a/b/c.md'],
        [
          'README!.md',
          'train/cat/1!.png',
          'train/cat/2.png',
          'train/cat/3.png',
          'docs/a/x.md',
          'data/raw/v1/t.csv',
        ],
      ),
    ).toEqual([
      '| `train/cat/` | 2 | 1 | – |',
      '| `docs/` | 1 | – | 1 |',
      '| `train/dog/` | – | – | 2 |',
      '| *in no folder* | – | 1 | – |',
      '| `data/` | 1 | – | – |',
    ])
  })

  test('A split of a class is a row of its own, since changed validation data makes other metrics.', () => {
    expect(tableOf([], ['train/cat/1.png', 'valid/cat/1.png'])).toEqual([
      '| `train/cat/` | 1 | – | – |',
      '| `valid/cat/` | 1 | – | – |',
    ])
  })

  test('Twelve folders are listed, and all others are one row.', () => {
    const many = Array.from({ length: 20 }, (_, n) =>
      Array.from({ length: n + 1 }, (_, m) => `train/c${n}/${m}.png`),
    )
    const rows = tableOf(many.flat(), [])
    expect(rows).toHaveLength(13)
    expect([rows[0], rows[12]]).toEqual(['| `train/c19/` | – | – | 20 |', '| 8 more folders | – | – | 36 |'])
  })

  test('A hostile name of a folder stays in its cell.', () => {
    expect(tableOf([], ['a|b`c\n| d |/x.txt'])).toEqual(['| ``a│b`c │ d │/`` | 1 | – | – |'])
  })

  test('Without a change, and before a first training, there is no table.', () => {
    expect(tableOf(['a/b.txt'], ['a/b.txt'])).toEqual([])
    expect(folderTable(largeChange(3, (n) => `a/${n}.txt`))).toBe('')
  })
})

describe('How much data there was and is', () => {
  test('Rows are named where they are known on a side.', () => {
    const change = outcomeWith().change!
    expect(dataTotals(change)).toBe('9 files, 14 MB, 60,000 rows → 10 files, 18 MB, 75,000 rows')
  })

  test('Before a first training it is what there is.', () => {
    expect(dataTotals(largeChange(3, (n) => `${n}`))).toBe('3 files, 3.0 kB')
  })
})

describe('An older revision whose files cannot be listed any more', () => {
  const change = changeSince(
    older,
    largeChange(15, (n) => `class-${n}`),
    { unlisted: true },
  )

  test('The report says so, and lists no files as if all were new.', () => {
    expect(changeSummary(change)).toBe('not known: the files of `1111111` cannot be listed any more')
    expect(changeList(change)).toBe('')
    expect(dataTotals(change)).toBe('15 files, 15 kB → 15 files, 15 kB')
  })

  test('Its record says how many files each class had: twelve are listed, and the others summed.', () => {
    const rows = folderTable(change).split('\n')
    expect([rows[0], rows[2], rows.at(-1), rows.length]).toEqual([
      '| Files of the class | Before | Now |',
      '| `class-0` | 2 | 0 |',
      '| 3 more | 45 | 39 |',
      15,
    ])
  })
})

test('A public summary shows the totals of a private dataset, and no name of a folder or a class.', () => {
  const since = changeSince(
    older,
    largeChange(3, (n) => `cats/tom-${n}.png`),
  )
  const unlisted = changeSince(
    older,
    largeChange(3, (n) => `cats/tom-${n}.png`),
    { unlisted: true },
  )
  for (const change of [since, unlisted]) {
    const text = jobSummary([outcomeWith({ datasetVisibility: 'private', change })], contextWith())
    expect(text).not.toMatch(/tom|cats/)
    expect(text).toContain('3 files, 3.0 kB')
  }
})
