import { describe, expect, test } from '@jest/globals'
import { type DataSide, findShrinkage } from '../../../src/domain/change/shrink.ts'
import { dataFacts } from '../../../src/recipe/data-digest.ts'

interface Listed extends DataSide {
  readonly files: NonNullable<DataSide['files']>
}

/** Files of these names, of 1,000 bytes each or as many as are given. */
function side(
  files: Readonly<Record<string, number>> | readonly string[],
  rows: number | null = null,
): Listed {
  const named = Array.isArray(files)
    ? (files as string[]).map((path) => [path, 1000] as const)
    : Object.entries(files as Record<string, number>)
  const listed = named.map(([path, bytes]) => ({ path, bytes, content: path }))
  const facts = dataFacts(listed, {
    isRelevant: () => true,
    rules: { paths: [], pathsIgnore: [] },
    namesClasses: true,
  })
  return { files: listed, facts: { ...facts, rows } }
}

/** The same side as only its record knows it. */
const recorded = ({ facts }: Listed, change: Partial<DataSide['facts']> = {}): DataSide => ({
  files: null,
  facts: { ...facts, ...change },
})

const numbered = (folder: string, from: number, to: number) =>
  Array.from({ length: to - from }, (_, n) => `${folder}/${from + n}.png`)

const pets = side([...numbered('train/cat', 0, 10), ...numbered('train/dog', 0, 10)])

function losses(before: DataSide, after: Listed, maxRemoved = 50): readonly string[] {
  return findShrinkage({ before, after, maxRemoved, namesClasses: true }).losses
}

describe('Data that shrank by more than max-removed', () => {
  test('Files and bytes that are gone are named with their share.', () => {
    const left = side([...numbered('train/cat', 0, 3), ...numbered('train/dog', 0, 1)])
    expect(losses(pets, left)).toEqual(['80% of the bytes', '80% of the files'])
  })

  test('Exactly max-removed is allowed, and one file more is not.', () => {
    expect(losses(pets, side([...numbered('train/cat', 0, 5), ...numbered('train/dog', 0, 5)]))).toEqual([])
    expect(losses(pets, side([...numbered('train/cat', 0, 5), ...numbered('train/dog', 0, 4)]))).toEqual([
      '55% of the bytes',
      '55% of the files',
    ])
  })

  test('Files that were emptied are a loss of bytes.', () => {
    expect(losses(side({ 'train.csv': 9000 }), side({ 'train.csv': 90 }))).toEqual(['99% of the bytes'])
  })

  test('Many small files that are gone are a loss, although one large file keeps the size.', () => {
    const before = side({ 'a.bin': 1_000_000, 'b.bin': 1, 'c.bin': 1, 'd.bin': 1 })
    expect(losses(before, side({ 'a.bin': 1_000_000 }))).toEqual(['75% of the files'])
  })

  test('With max-removed 0% any lost file counts.', () => {
    const left = side([...numbered('train/cat', 0, 10), ...numbered('train/dog', 0, 9)])
    expect(losses(pets, left, 0)).toEqual(['5% of the bytes', '5% of the files'])
  })

  test('Growth is never a loss.', () => {
    expect(losses(side(['train/cat/1.png']), pets, 0)).toEqual([])
  })
})

describe('A class', () => {
  test.each<[string, Listed, Listed, string[]]>([
    ['whose folder is gone is a loss', pets, side(numbered('train/cat', 0, 20)), ['the class "dog"']],
    [
      'that was renamed is a loss: the model would learn another label',
      pets,
      side([...numbered('train/cat', 0, 10), ...numbered('train/hound', 0, 10)]),
      ['the class "dog"'],
    ],
    [
      'without a split above it is one too',
      side([...numbered('cat', 0, 10), ...numbered('dog', 0, 10)]),
      side([...numbered('cat', 0, 20), ...numbered('cow', 0, 1)]),
      ['the class "dog"'],
    ],
    [
      'deep below a split is one too',
      side([...numbered('data/train/cat', 0, 10), ...numbered('data/train/dog', 0, 10)]),
      side(numbered('data/train/cat', 0, 20)),
      ['the class "dog"'],
    ],
    [
      'that only lost its folder in valid is no loss',
      side([
        ...numbered('train/cat', 0, 9),
        ...numbered('train/dog', 0, 9),
        'valid/cat/1.png',
        'valid/dog/1.png',
      ]),
      side([...numbered('train/cat', 0, 9), ...numbered('train/dog', 0, 9), 'valid/cat/1.png']),
      [],
    ],
    [
      'that was moved with its folder is no loss',
      pets,
      side([...numbered('data/train/cat', 0, 10), ...numbered('data/train/dog', 0, 10)]),
      [],
    ],
    [
      'that was moved to the top is no loss',
      pets,
      side([...numbered('cat', 0, 10), ...numbered('dog', 0, 10)]),
      [],
    ],
    [
      'that was moved into subfolders is no loss',
      pets,
      side([...numbered('train/cat/2026', 0, 10), ...numbered('train/dog/2026', 0, 10)]),
      [],
    ],
    [
      'whose accents are stored in another way is no loss',
      side([...numbered('train/\u00e9t\u00e9', 0, 5), ...numbered('train/b', 0, 5)]),
      side([...numbered('train/e\u0301te\u0301', 0, 5), ...numbered('train/b', 0, 5)]),
      [],
    ],
    [
      'that was packed into an archive of its name is no loss',
      pets,
      side({ 'train/cat.zip': 10_000, 'train/dog.zip': 10_000 }),
      [],
    ],
  ])('One %s.', (_, before, after, expected) => {
    expect(losses(before, after)).toEqual(expected)
  })

  test('Folders of data with a metadata file are no classes: their labels are in that file.', () => {
    const before = side([
      'metadata.csv',
      ...numbered('images/monday', 0, 5),
      ...numbered('images/friday', 0, 5),
    ])
    expect(losses(before, side(['metadata.csv', ...numbered('images/all', 0, 10)]))).toEqual([])
  })

  test.each([
    ['days', 'images/2026-11-01/1.png', 'images/2026-11-02/1.png'],
    ['months beside each other', '2026_10/1.txt', '2026_11/1.txt'],
    ['batches', 'audio/batch-9/1.wav', 'audio/batch-10/1.wav'],
    ['versions', 'images/v1/1.png', 'images/v1.1/1.png'],
  ])('A window of %s that moves on loses no class.', (_title, oldest, newest) => {
    const rest = ['notes/1.png', 'images/2026-11-03/1.png', '2026_12/1.txt']
    expect(losses(side([oldest, ...rest]), side([newest, ...rest]))).toEqual([])
  })

  test('Folders that come with the data, beside its splits or without any, are no classes.', () => {
    const beside = ['docs/guide/1.md', 'docs/img/1.png', 'scripts/make/all.sh', 'extra/notes/1.png']
    const split = [...numbered('train/cat', 0, 9), ...numbered('train/dog', 0, 9)]
    expect(losses(side([...split, ...beside]), side(split))).toEqual([])
    const tables = ['en/a.csv', 'de/b.csv']
    expect(losses(side([...tables, ...beside.slice(0, 3)]), side(tables), 90)).toEqual([])
  })

  test('The folders of an object detection set that hold images and labels are no classes.', () => {
    const yolo = (images: string) => [...numbered(`${images}/train`, 0, 5), ...numbered('labels/train', 0, 5)]
    expect(losses(side(yolo('images')), side(yolo('pictures')))).toEqual([])
    const flat = (images: string) => [...numbered(`set/${images}`, 0, 5), ...numbered('set/masks', 0, 5)]
    expect(losses(side(flat('images')), side(flat('imgs')))).toEqual([])
  })

  test('A class may be called like a kind of file where it lies below a split.', () => {
    const before = side([...numbered('train/photos', 0, 5), ...numbered('train/drawings', 0, 5)])
    expect(losses(before, side(numbered('train/drawings', 0, 10)))).toEqual(['the class "photos"'])
  })

  test('Folders of Parquet files are no classes.', () => {
    const before = side(['data/partial-train/0000.parquet', 'data/partial-train/0001.parquet'])
    expect(losses(before, side({ 'data/train-00000-of-00001.parquet': 2000 }))).toEqual([])
  })

  test('At most five lost classes are named, and long or hostile names are cut to one line.', () => {
    const before = side([...'abcdefg'].map((name) => `train/${name}/1.png`))
    const [, , gone] = losses(before, side(['train/a/1.png']))
    expect(gone).toBe('the classes "b", "c", "d", "e", "f" and 1 more')
    const hostile = side([`train/x\n::error::${'y'.repeat(90)}/1.png`, 'train/a/1.png'])
    const [named = ''] = losses(hostile, side(['train/a/1.png', 'train/a/2.png']))
    expect(named).toMatch(/^the class "x ::error::y{20,30}"$/)
  })

  test('Where names must not be shown, only their number is.', () => {
    const after = side(numbered('train/cat', 0, 20))
    const { losses: found } = findShrinkage({ before: pets, after, maxRemoved: 50, namesClasses: false })
    expect(found).toEqual(['1 class'])
  })
})

describe('What is packed', () => {
  const shards = (count: number, bytes: number) =>
    side(
      Object.fromEntries(
        Array.from({ length: count }, (_, n) => [
          `data/train-${`${n}`.padStart(5, '0')}-of-00099.parquet`,
          bytes,
        ]),
      ),
    )

  test('Parquet that was cut into fewer shards is no removal, also where nothing may be removed.', () => {
    expect(losses(shards(20, 1000), shards(2, 10_000))).toEqual([])
    expect(losses(shards(20, 1000), shards(2, 9700), 0)).toEqual([])
  })

  test('WebDataset that was cut into fewer archives is no removal.', () => {
    expect(losses(side(['a/0.tar', 'a/1.tar', 'a/2.tar', 'a/3.tar']), side({ 'b/0.tar': 4000 }))).toEqual([])
  })

  test('Shards that are gone with what was in them are a loss of bytes.', () => {
    expect(losses(shards(20, 1000), shards(4, 1000))).toEqual(['80% of the bytes'])
  })

  test('Where the rows are known on both sides they decide, and not how well the files are compressed.', () => {
    const before = { ...shards(4, 10_000), facts: { ...shards(4, 10_000).facts, rows: 800 } }
    const after = { ...shards(4, 1000), facts: { ...shards(4, 1000).facts, rows: 800 } }
    expect(losses(before, after)).toEqual([])
    expect(losses(before, { ...after, facts: { ...after.facts, rows: 80 } })).toEqual(['90% of the rows'])
  })

  test('Folders of images that become Parquet keep their bytes, and their classes cannot be seen.', () => {
    const after = side({ 'data/train-00000-of-00001.parquet': 19_000 })
    expect(findShrinkage({ before: pets, after, maxRemoved: 50, namesClasses: true })).toEqual({
      losses: [],
      unknown: ['the classes'],
    })
    expect(losses(pets, side({ 'data/train-00000-of-00001.parquet': 900 }))).toEqual(['95.5% of the bytes'])
  })

  test('A table of text that becomes Parquet is compressed: the sizes do not compare.', () => {
    const after = side({ 'train.parquet': 900 })
    expect(
      findShrinkage({ before: side({ 'train.csv': 9000 }), after, maxRemoved: 50, namesClasses: true }),
    ).toEqual({ losses: [], unknown: ['the sizes: the files were packed'] })
  })

  test('A small Parquet file beside many images does not hide that the images are gone.', () => {
    const table = { 'labels.parquet': 500 }
    const images = (count: number) =>
      Object.fromEntries(numbered('img', 0, count).map((path) => [path, 1000]))
    expect(losses(side({ ...table, ...images(20) }), side({ ...table, ...images(2) }))).toEqual([
      '87.8% of the bytes',
      '85.7% of the files',
    ])
  })
})

describe('An older revision that only its record knows', () => {
  test('Its totals and its class names are enough.', () => {
    expect(losses(recorded(pets), side(numbered('train/cat', 0, 2)))).toEqual([
      '90% of the bytes',
      '90% of the files',
      'the class "dog"',
    ])
  })

  test('Without names, the number of classes decides.', () => {
    expect(losses(recorded(pets, { classes: null }), side(numbered('train/cat', 0, 20)))).toEqual(['1 class'])
  })

  test('A record of an older version does not say what is packed or what it counted as a class: neither refuses.', () => {
    const old = recorded(side([...numbered('a/b', 0, 12)]), {
      packed: undefined,
      classes: null,
      classCount: 7,
    })
    const after = side({ 'x/y/1.png': 12_000 })
    expect(findShrinkage({ before: old, after, maxRemoved: 50, namesClasses: true })).toEqual({
      losses: [],
      unknown: ['the classes'],
    })
  })
})
