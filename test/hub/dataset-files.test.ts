import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { type Change, changeBetween, maxListedFiles } from '../../src/domain/change/change.ts'
import { listDatasetFiles } from '../../src/hub/dataset-files.ts'
import { type SandboxHub, startHub } from '../sandbox/hub/start.ts'
import { connect } from './connect.ts'

const dataset = 'ann/digits'
let sandbox: SandboxHub
let first: string

beforeEach(async () => {
  sandbox = await startHub()
  sandbox.addUser({ name: 'ann', token: 'hf_ann' })
  sandbox.createDataset({ name: dataset })
  first = sandbox.commit(dataset, {
    files: {
      'README.md': '# Digits',
      'train/0/a.txt': 'zero',
      'train/1/a.txt': 'one!',
      'big.bin': new Uint8Array(2000),
    },
  }).sha
})

afterEach(() => sandbox.close())

const commit = (files: Record<string, string | Uint8Array>, deletions: string[] = []) =>
  sandbox.commit(dataset, { files, deletions }).sha
const list = (revision: string) =>
  listDatasetFiles(connect(sandbox.url, 'hf_ann').hub, {
    dataset,
    revision,
    signal: new AbortController().signal,
  })

async function change(
  from: string | null,
  to: string,
  isRelevant: (path: string) => boolean = () => true,
): Promise<Change> {
  const older = from === null ? null : { revision: from, files: await list(from) }
  return changeBetween({ from: older, to: await list(to), isRelevant })
}

test('Added, changed and removed files are counted separately, each with their size.', async () => {
  const second = commit({ 'train/0/a.txt': 'null', 'train/2/b.txt': 'two' }, ['train/1/a.txt'])
  expect(await change(first, second)).toEqual({
    from: first,
    counts: {
      added: { files: 1, bytes: 3 },
      changed: { files: 1, bytes: 4 },
      removed: { files: 1, bytes: 4 },
    },
    files: expect.arrayContaining([
      { path: 'train/0/a.txt', change: 'changed', bytes: 4 },
      { path: 'train/2/b.txt', change: 'added', bytes: 3 },
      { path: 'train/1/a.txt', change: 'removed', bytes: 4 },
    ]),
    relevant: 3,
  })
})

test('Two revisions with the same content have no changes.', async () => {
  commit({ 'README.md': '# Other' })
  const back = commit({ 'README.md': '# Digits' })
  expect(await change(first, back)).toMatchObject({ files: [], relevant: 0 })
})

test('Compared with nothing, every file is new.', async () => {
  const { files, counts } = await change(null, first)
  expect(files.map(({ path }) => path).sort()).toEqual([
    '.gitattributes',
    'README.md',
    'big.bin',
    'train/0/a.txt',
    'train/1/a.txt',
  ])
  expect(counts.added.files).toBe(5)
})

test('A file in LFS with a new content of the same size counts as changed.', async () => {
  const second = commit({ 'big.bin': new Uint8Array(2000).fill(7) })
  expect(await change(first, second)).toMatchObject({
    files: [{ path: 'big.bin', change: 'changed', bytes: 2000 }],
  })
})

describe('The number of relevant files', () => {
  const isData = (path: string) => path !== 'README.md'

  test('A change of the card alone is not relevant, but counted as a change.', async () => {
    const second = commit({ 'README.md': '# New words' })
    expect(await change(first, second, isData)).toMatchObject({
      relevant: 0,
      counts: { changed: { files: 1 } },
    })
  })

  test('A change of data before a change of the card is relevant.', async () => {
    commit({ 'train/0/b.txt': 'null' })
    const third = commit({ 'README.md': '# New words' })
    expect(await change(first, third, isData)).toMatchObject({ relevant: 1 })
  })

  test('A removed file is relevant.', async () => {
    const second = commit({}, ['train/0/a.txt'])
    expect(await change(first, second, isData)).toMatchObject({
      relevant: 1,
      counts: { removed: { files: 1 } },
    })
  })
})

test('All files on all pages of the listing are counted, and the first ones are listed.', async () => {
  const files = Object.fromEntries(Array.from({ length: 2300 }, (_, n) => [`train/9/${n}.txt`, `${n}`]))
  const second = commit(files)
  const result = await change(first, second)
  expect(result.counts.added.files).toBe(2300)
  expect(result.relevant).toBe(2300)
  expect(result.files).toHaveLength(maxListedFiles)
  expect(sandbox.requests.filter(({ path }) => path.includes('cursor=')).length).toBeGreaterThan(0)
})

test('A page that fails once is requested again, and no file is missed or counted twice.', async () => {
  const files = Object.fromEntries(Array.from({ length: 1500 }, (_, n) => [`train/9/${n}.txt`, `${n}`]))
  const second = commit(files)
  sandbox.fault({ path: /cursor=/, status: 503 })
  expect((await change(first, second)).counts.added.files).toBe(1500)
})

test('A listing that fails is an error, not an empty change.', async () => {
  await expect(change(first, '9'.repeat(40))).rejects.toMatchObject({ code: 'RevisionNotFound' })
  await expect(change('9'.repeat(40), first)).rejects.toMatchObject({ code: 'RevisionNotFound' })
  sandbox.fault({ path: /tree/, status: 500, times: 9 })
  await expect(change(first, first)).rejects.toMatchObject({ status: 500 })
})

test('A list with an entry of an unknown form is an error: what is left out would look as if it were removed.', async () => {
  sandbox.fault({ path: /\/tree\//, status: 200, body: [{ name: 'a.txt' }] })
  await expect(list(first)).rejects.toThrow("The Hub's list of files has an unknown form.")
})
