import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { ContentCase } from './content-cases.ts'
import { csv, numbers, shards, texts } from './content-cases.ts'
import { fileCases } from './file-cases.ts'
import { labelCases } from './label-cases.ts'
import { readParquetFile } from './parquet-files.ts'
import { type ContentStage, stageContent, verdictOf } from './stage-content.ts'

let stage: ContentStage
beforeEach(async () => {
  stage = await stageContent()
})
afterEach(() => stage.close())

const byTitle = (cases: readonly ContentCase[]) => cases.map((each) => [each.title, each] as const)

describe.each([
  ['files', fileCases],
  ['labels', labelCases],
])('What is in the %s decides before a training is paid for:', (_what, cases) => {
  test.each(byTitle(cases))('%s.', async (_title, { files, recipe, card, check, verdict, says }) => {
    const source = await stage.find(files, recipe, card === undefined ? {} : { card })
    expect(verdictOf(source, check)).toEqual([verdict, expect.stringMatching(says)])
    // Only a refusal stops the training.
    const refusals = source.checks.filter((each) => each.verdict === 'refused')
    expect(source.problem).toBe(refusals[0]?.advice ?? null)
    if (verdict === 'refused') expect(source.problem).not.toBeNull()
  })
})

const reads = () => stage.sandbox.requests.filter(({ path }) => path.includes('/resolve/'))

describe('What cannot be read refuses nothing:', () => {
  test.each([
    ['the Hub answers 404', { status: 404 }],
    ['the Hub is down', { status: 503 }],
    ['the Hub is busy', { status: 429, headers: { 'retry-after': '300' } }],
    ['the connection breaks', { reset: true }],
  ])('%s.', async (_title, fault) => {
    stage.sandbox.fault({ path: /\/resolve\//, times: Number.POSITIVE_INFINITY, ...fault })
    const source = await stage.find({ 'train.csv': csv(20, 'a') }, texts)
    expect(verdictOf(source, 'data-files')).toEqual(['unknown', 'train.csv could not be read from the Hub'])
    expect(verdictOf(source, 'data-labels')).toEqual(['unknown', 'cannot be seen from here'])
    expect(source.problem).toBeNull()
  })

  test('The server answers with other bytes than the ones that were asked for.', async () => {
    const headers = { 'content-range': 'bytes 7-8/99' }
    stage.sandbox.fault({ path: /\/resolve\//, status: 206, body: 'xx', headers })
    const source = await stage.find({ 'train.csv': csv(20, 'a') }, texts)
    expect(verdictOf(source, 'data-files')?.[0]).toBe('unknown')
  })

  test.each([
    ['train.csv', csv(20, 'a'), texts],
    ['data/train.parquet', readParquetFile('classes-empty-label'), texts],
  ])('A proxy answers with a page of its own in place of %s.', async (path, content, recipe) => {
    const body = '<html><body>Sign in</body></html>'
    stage.sandbox.fault({ path: /\/resolve\//, status: 200, body, times: Number.POSITIVE_INFINITY })
    const source = await stage.find({ [path]: content }, recipe)
    expect(verdictOf(source, 'data-files')).toEqual(['unknown', `${path} could not be read from the Hub`])
    expect(source.problem).toBeNull()
  })

  test('A card that changes how the file is read.', async () => {
    const card = 'configs:\n- config_name: default\n  data_files: all.csv\n  sep: ";"\n'
    const source = await stage.find({ 'all.csv': 'text;label\na;1\n' }, numbers, { card })
    expect(verdictOf(source, 'data-files')?.[1]).toMatch(/settings of the dataset card/)
    expect(source.problem).toBeNull()
  })
})

test('A server that answers with the whole file is understood.', async () => {
  const content = csv(20, 'a')
  stage.sandbox.fault({ path: /\/resolve\//, status: 200, body: content })
  const source = await stage.find({ 'train.csv': content }, texts)
  expect(source.problem).toMatch(/fewer than two classes/)
})

test('With an image of the recipe, a check warns of what it would refuse.', async () => {
  const source = await stage.find({ 'train.csv': csv(20, 'a') }, { ...texts, image: 'acme/autotrain:1' })
  expect(verdictOf(source, 'data-labels')).toEqual([
    'warned',
    expect.stringMatching(/fewer than two classes/),
  ])
})

test('Only the first MiB of a table is read: what comes later is neither counted nor refused.', async () => {
  const many = `${csv(20)}${'long text,a\n'.repeat(100_000)}`
  const source = await stage.find({ 'train.csv': `${many}x,c\n` }, texts)
  expect(source.problem).toBeNull()
  expect(verdictOf(source, 'data-files')).toEqual(['passed', 'train.csv: 2 columns ("text", "label")'])
  expect(source.content).toEqual({ trainRows: null, validRows: null, hasValid: false, classes: null })
  expect(reads()[0]?.headers.range).toBe('bytes=0-1048575')
})

test('An empty label in the first MiB is refused, however long the table is.', async () => {
  const many = `${csv(20)}x,\n${'long text,a\n'.repeat(100_000)}`
  expect((await stage.find({ 'train.csv': many }, texts)).problem).toMatch(/has no value in 1 row/)
})

test.each([
  ['JSON Lines', 'train.jsonl', '{"text":"café ☕","label":"a"}\n'],
  ['a table', 'train.csv', 'café ☕ größer,a\n'],
  ['a table of long rows', 'train.csv', `"${'größer, '.repeat(9000)}",a\n`],
])(
  'What is cut off after the first MiB of %s, within a row or a letter, refuses nothing.',
  async (_title, path, row) => {
    const header = path.endsWith('.csv') ? 'text,label\n' : ''
    const content = header + row.repeat(Math.ceil(1_200_000 / new TextEncoder().encode(row).length))
    const source = await stage.find({ [path]: content }, texts)
    expect(source.problem).toBeNull()
    expect(verdictOf(source, 'data-files')?.[0]).toBe('passed')
  },
)

test('An empty file is not asked for.', async () => {
  expect((await stage.find({ 'train.csv': '' }, texts)).problem).toMatch(/train\.csv is empty/)
  expect(reads()).toEqual([])
})

test('Of many files four are read, each at the revision, all at the same time.', async () => {
  const one = readParquetFile('classes')
  const names = Array.from({ length: 9 }, (_, n) => `data/train-0000${n}-of-00009.parquet`)
  const rest = {
    'data/test-00000-of-00001.parquet': one,
    'data/validation-00000-of-00002.parquet': one,
    'data/validation-00001-of-00002.parquet': one,
  }
  const files = { ...Object.fromEntries(names.map((name) => [name, one])), ...rest }
  const source = await stage.find(files, { ...texts, validSplit: 'validation' })
  expect(source.problem).toBeNull()
  const paths = reads().map(({ path }) => path.split('/').at(-1))
  expect(paths.toSorted()).toEqual([
    'test-00000-of-00001.parquet',
    'train-00000-of-00009.parquet',
    'train-00008-of-00009.parquet',
    'validation-00000-of-00002.parquet',
  ])
  expect(source.content).toEqual({ trainRows: null, validRows: null, hasValid: true, classes: null })
})

test('A large file lies elsewhere, where the token is not sent.', async () => {
  const source = await stage.find(shards('classes'), texts)
  expect(verdictOf(source, 'data-labels')?.[0]).toBe('passed')
  expect(reads().map(({ headers }) => headers.authorization)).toEqual(['Bearer hf_ann0token0of0the0test'])
  expect(stage.sandbox.storage.requests.map(({ headers }) => headers.authorization)).toEqual([undefined])
})

test('A private dataset is read, and neither its names nor its labels are shown.', async () => {
  const secret = { 'train.csv': 'patient,diagnosis\na,flu\nb,flu\n' }
  const columnMapping = { text_column: 'patient', target_column: 'diagnosis' }
  const hidden = { isPrivate: true }
  const source = await stage.find(secret, { ...texts, columnMapping }, hidden)
  expect(source.problem).toMatch(/has fewer than two classes \(one\)/)
  const shown = JSON.stringify([source.checks, source.problem])
  expect(shown).not.toContain('flu')
  expect(shown).not.toContain('train.csv')
})

test('A private dataset does not give away its columns where one is missing.', async () => {
  const source = await stage.find({ 'train.csv': 'patient,diagnosis\na,flu\n' }, texts, { isPrivate: true })
  expect(source.problem).toBe(
    'column-mapping: text_column is text, which is no column of a file of the training split: set it to one of the 2 ' +
      'that are there.',
  )
})

test('Names from the data are cut where they are long, and shown in quotes on one line.', async () => {
  const header = `"bad\nname","${'x'.repeat(300)}","[a](http://evil)"`
  const source = await stage.find({ 'train.csv': `${header}\n1,2,3\n` }, texts)
  expect(source.problem).toContain('"bad\\nname"')
  expect(source.problem).not.toContain('\n')
  expect(source.problem?.length).toBeLessThan(400)
})

describe('What was read is returned as numbers:', () => {
  test('rows and classes of a table.', async () => {
    const { content } = await stage.find(
      { 'train.csv': csv(21, 'ab'), 'test.csv': csv(4) },
      { ...texts, validSplit: 'test' },
    )
    expect(content).toEqual({
      trainRows: 21,
      hasValid: true,
      validRows: 4,
      classes: new Map([
        ['a', 11],
        ['b', 10],
      ]),
    })
  })

  test('rows of Parquet in two files.', async () => {
    const { content } = await stage.find(shards('classes', 'classes-one-used'), texts)
    expect(content).toMatchObject({ trainRows: 5, validRows: null })
  })
})

test('A card that describes other columns than the files have is worth a look, and refuses nothing.', async () => {
  const card = 'dataset_info:\n  features:\n  - name: text\n    dtype: string\n'
  const source = await stage.find({ 'data/train.csv': csv(3, '12') }, numbers, { card })
  expect(verdictOf(source, 'data-card')).toEqual(['warned', expect.stringMatching(/describes other columns/)])
  expect(source.problem).toBeNull()
})
