import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { listDatasetFiles } from '../../src/hub/dataset-files.ts'
import { dataFacts } from '../../src/recipe/data-digest.ts'
import { pathRule } from '../../src/recipe/paths.ts'
import { type SandboxHub, startHub } from '../sandbox/hub/start.ts'
import { connect } from './connect.ts'

const dataset = 'ann/digits'
let sandbox: SandboxHub
let first: string

beforeEach(async () => {
  sandbox = await startHub()
  sandbox.addUser({ name: 'ann', token: 'hf_ann' })
  sandbox.createDataset({ name: dataset })
  first = commit({
    'README.md': '# Digits',
    'train/0/a.txt': 'zero',
    'train/1/a.txt': 'one!',
    'big.bin': new Uint8Array(2000),
  })
})

afterEach(() => sandbox.close())

const commit = (files: Record<string, string | Uint8Array>, deletions: string[] = []) =>
  sandbox.commit(dataset, { files, deletions }).sha
const list = (revision: string, name = dataset) =>
  listDatasetFiles(connect(sandbox.url, 'hf_ann').hub, {
    dataset: name,
    revision,
    signal: new AbortController().signal,
  })

/** The digest of what a revision trains on, by the default path rules. */
async function digestOf(revision: string, name = dataset): Promise<string> {
  const rules = { paths: [], pathsIgnore: ['README.md', '.gitattributes'] }
  const files = await list(revision, name)
  return dataFacts(files, { rules, isRelevant: pathRule(rules), namesClasses: true }).digest
}

test('Every file is listed with its path and its size, in all folders.', async () => {
  const files = await list(first)
  expect(files.map(({ path }) => path).sort()).toEqual([
    '.gitattributes',
    'README.md',
    'big.bin',
    'train/0/a.txt',
    'train/1/a.txt',
  ])
  expect(files.find(({ path }) => path === 'big.bin')?.bytes).toBe(2000)
})

test('The id of a content is the same in every revision, and another for a file in LFS with other bytes of the same size.', async () => {
  const contentAt = async (revision: string) =>
    (await list(revision)).find(({ path }) => path === 'big.bin')?.content
  const second = commit({ 'train/0/a.txt': 'null' })
  expect(await contentAt(second)).toBe(await contentAt(first))
  const third = commit({ 'big.bin': new Uint8Array(2000).fill(7) })
  expect(await contentAt(third)).not.toBe(await contentAt(first))
})

test('A README-only commit has the digest of the data before, and a commit of data has another.', async () => {
  const second = commit({ 'README.md': '# Other' })
  expect(await digestOf(second)).toBe(await digestOf(first))
  const third = commit({ 'train/0/a.txt': 'null' })
  expect(await digestOf(third)).not.toBe(await digestOf(first))
  const back = commit({ 'train/0/a.txt': 'zero' })
  expect(await digestOf(back)).toBe(await digestOf(first))
})

test('A squashed history has the digest of the data before, although the older revision is gone.', async () => {
  const second = commit({ 'train/0/b.txt': 'more' })
  const before = await digestOf(second)
  const squashed = sandbox.squash(dataset).sha
  expect(squashed).not.toBe(second)
  expect(await digestOf(squashed)).toBe(before)
  await expect(list(second)).rejects.toMatchObject({ status: 404 })
})

test('A renamed dataset has the digest of the data before, under either name.', async () => {
  const before = await digestOf(first)
  sandbox.rename(dataset, 'ann/numbers')
  expect(await digestOf(first, 'ann/numbers')).toBe(before)
})

test('All files on all pages are listed, also where a page fails once.', async () => {
  const files = Object.fromEntries(Array.from({ length: 1500 }, (_, n) => [`train/9/${n}.txt`, `${n}`]))
  const second = commit(files)
  sandbox.fault({ path: /cursor=/, status: 503 })
  const listed = await list(second)
  expect(listed).toHaveLength(1505)
  expect(new Set(listed.map(({ path }) => path)).size).toBe(1505)
})

test('A listing that fails is an error, not an empty dataset.', async () => {
  await expect(list('9'.repeat(40))).rejects.toMatchObject({ code: 'RevisionNotFound' })
  sandbox.fault({ path: /tree/, status: 500, times: 9 })
  await expect(list(first)).rejects.toMatchObject({ status: 500 })
})
