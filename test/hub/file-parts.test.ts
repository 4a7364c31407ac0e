import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { readFilePart } from '../../src/hub/file-parts.ts'
import { type SandboxHub, startHub } from '../sandbox/hub/start.ts'
import { connect } from './connect.ts'

const dataset = 'ann/digits'
const large = Uint8Array.from({ length: 3000 }, (_, n) => n % 251)
let sandbox: SandboxHub
let revision: string

beforeEach(async () => {
  sandbox = await startHub()
  sandbox.addUser({ name: 'ann', token: 'hf_ann' })
  sandbox.createDataset({ name: dataset, private: true })
  revision = sandbox.commit(dataset, { files: { 'a/b c#1.csv': '0123456789', 'large.bin': large } }).sha
  sandbox.commit(dataset, { files: { 'a/b c#1.csv': 'something else' } })
})
afterEach(() => sandbox.close())

async function read(path: string, start: number, end: number, token = 'hf_ann'): Promise<Uint8Array> {
  const { signal } = new AbortController()
  return readFilePart(connect(sandbox.url, token).hub, {
    dataset,
    revision,
    path,
    range: { start, end },
    signal,
  })
}
const text = async (...asked: Parameters<typeof read>) => new TextDecoder().decode(await read(...asked))

test('A part of a small file is read at the revision, whatever its name.', async () => {
  expect(await text('a/b c#1.csv', 2, 5)).toBe('234')
})

test('A part that begins in the file and ends after it is shorter.', async () => {
  expect(await text('a/b c#1.csv', 8, 500)).toBe('89')
})

test('A part of a large file is read from where it lies, without the token.', async () => {
  expect(await read('large.bin', 2990, 3000)).toEqual(large.subarray(2990, 3000))
  const [stored] = sandbox.storage.requests
  expect(stored?.headers).toMatchObject({ range: 'bytes=2990-2999' })
  expect(stored?.headers.authorization).toBeUndefined()
})

test('A part after the end of a file is an error.', async () => {
  await expect(read('large.bin', 3000, 3001)).rejects.toMatchObject({ status: 416 })
})

test('A server that answers with the whole file is understood.', async () => {
  sandbox.fault({ path: /\/resolve\//, status: 200, body: '0123456789' })
  expect(await text('a/b c#1.csv', 2, 5)).toBe('234')
})

test.each([
  ['another part', { 'content-range': 'bytes 0-2/10' }, '012'],
  ['more than was asked for', { 'content-range': 'bytes 2-9/10' }, '23456789'],
  ['a part of an unknown place', {}, '234'],
])('An answer with %s is an error, not data.', async (_title, headers, body) => {
  sandbox.fault({ path: /\/resolve\//, status: 206, body, headers })
  await expect(read('a/b c#1.csv', 2, 5)).rejects.toThrow(/another part of the file/)
})

test('A server that sends a whole large file is cut off.', async () => {
  const body = 'x'.repeat(5 * 1024 * 1024)
  sandbox.fault({ path: /\/resolve\//, status: 200, body, times: Number.POSITIVE_INFINITY })
  await expect(read('a/b c#1.csv', 0, 10)).rejects.toThrow()
})

test('A file that fails once is asked for once more, and not often.', async () => {
  const fault = sandbox.fault({ path: /\/resolve\//, status: 503, times: Number.POSITIVE_INFINITY })
  await expect(read('a/b c#1.csv', 0, 3)).rejects.toMatchObject({ status: 503 })
  expect(fault.hits).toBe(2)
})
