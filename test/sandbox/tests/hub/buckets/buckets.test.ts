import {
  createRepo,
  deleteFiles,
  deleteRepo,
  downloadFile,
  listFiles,
  pathsInfo,
  uploadFiles,
} from '@huggingface/hub'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { SandboxHub } from '../../../hub/start.ts'
import { startHub } from '../../../hub/start.ts'

const repo = { type: 'bucket', name: 'ann/jobs-artifacts' } as const

let hub: SandboxHub
let client: { hubUrl: string; accessToken: string; repo: typeof repo }

beforeEach(async () => {
  hub = await startHub()
  hub.addUser({ name: 'ann', token: 'hf_ann' })
  hub.addUser({ name: 'eve', token: 'hf_eve' })
  hub.addToken({ user: 'ann', token: 'hf_read', role: 'read' })
  client = { hubUrl: hub.url, accessToken: 'hf_ann', repo }
})
afterEach(() => hub.close())

async function call(
  path: string,
  options: { token?: string; body?: unknown; method?: string; type?: string } = {},
) {
  const { token = 'hf_ann', body, method = body === undefined ? 'GET' : 'POST', type } = options
  const response = await fetch(`${hub.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': type ?? 'application/json' },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const text = await response.text()
  return { status: response.status, answer: text === '' ? null : JSON.parse(text) }
}

const create = (name = 'ann/jobs-artifacts', token = 'hf_ann', body: object = { visibility: 'private' }) =>
  call(`/api/buckets/${name}`, { token, body })

const put = (files: Record<string, string>) =>
  uploadFiles({
    ...client,
    files: Object.entries(files).map(([path, text]) => ({ path, content: new Blob([text]) })),
  })

const isPrivate = (name = 'ann/jobs-artifacts') => hub.state.buckets.find(name)?.private

describe('A bucket', () => {
  test('It is made as the Python client 2.4 makes it, and says so when it is there already.', async () => {
    const { status, answer } = await create()
    expect([status, answer]).toEqual([
      200,
      { url: `${hub.url}/buckets/ann/jobs-artifacts`, name: 'ann/jobs-artifacts', id: expect.any(String) },
    ])
    expect(isPrivate()).toBe(true)
    expect(await create()).toMatchObject({ status: 409, answer: { url: answer.url, id: answer.id } })
  })

  test('It is public unless it is asked to be private, in the new word or in the old one.', async () => {
    await create('ann/a', 'hf_ann', {})
    await create('me/b', 'hf_ann', { private: true })
    expect([isPrivate('ann/a'), isPrivate('ann/b')]).toEqual([false, true])
  })

  test('Only who may write in a namespace makes one there.', async () => {
    const statuses = await Promise.all(
      [
        create('ann/a', 'hf_eve'),
        create('ann/b', 'hf_read'),
        create('ann/.c'),
        create('ann/d', 'hf_ann', { visibility: 'secret' }),
      ].map(async (answer) => (await answer).status),
    )
    expect(statuses).toEqual([403, 403, 400, 400])
  })

  test('A private one is hidden from others, and a token that only reads does not write to it.', async () => {
    await create()
    const of = (path: string, token: string, body?: string) =>
      call(`/api/buckets/ann/jobs-artifacts${path}`, {
        token,
        ...(body !== undefined && { body, type: 'application/x-ndjson' }),
      })
    const answers = [
      of('', 'hf_eve'),
      of('', 'hf_read'),
      of('/batch', 'hf_read', ''),
      of('/xet-write-token', 'hf_read'),
    ]
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([404, 200, 403, 403])
  })

  test('A fine-grained token needs the bucket itself or its namespace: rights on a model do not count.', async () => {
    await create()
    hub.createModel({ name: 'ann/jobs-artifacts', private: true })
    const read = async (token: string, type: 'model' | 'bucket') => {
      const entity = { type, name: 'ann/jobs-artifacts' } as const
      hub.addToken({
        user: 'ann',
        token,
        role: 'fineGrained',
        permissions: { scoped: [{ entity, permissions: ['repo.write'] }] },
      })
      return (await call('/api/buckets/ann/jobs-artifacts', { token })).status
    }
    expect([await read('hf_model', 'model'), await read('hf_bucket', 'bucket')]).toEqual([404, 200])
  })
})

describe('The official JavaScript client', () => {
  test('It makes a private bucket, uploads into it, lists, reads and deletes files, and deletes the bucket.', async () => {
    await createRepo({ ...client, visibility: 'private' })
    expect(isPrivate()).toBe(true)
    const long = 'some words, again and again. '.repeat(5000)
    await put({ 'run-1/train.py': 'print(1)', 'run-1/part/long.txt': long, 'run-2/train.py': 'print(2)' })

    const paths = async (options: object = {}) => {
      const found: [string, string, number][] = []
      for await (const { path, type, size } of listFiles({ ...client, ...options })) {
        found.push([path, type, size])
      }
      return found
    }
    expect(await paths({ recursive: true })).toEqual([
      ['run-1/part/long.txt', 'file', long.length],
      ['run-1/train.py', 'file', 8],
      ['run-2/train.py', 'file', 8],
    ])
    expect((await paths({ path: 'run-1' })).map(([path, type]) => [path, type])).toEqual([
      ['run-1/part', 'directory'],
      ['run-1/train.py', 'file'],
    ])
    const [info] = await pathsInfo({ ...client, paths: ['run-1/train.py', 'none'] })
    expect(info).toMatchObject({ path: 'run-1/train.py', size: 8 })

    const file = await downloadFile({ ...client, path: 'run-1/part/long.txt' })
    expect(await file?.text()).toBe(long)
    const plain = await fetch(`${hub.url}/buckets/ann/jobs-artifacts/resolve/run-1/train.py`, {
      headers: { authorization: 'Bearer hf_ann' },
    })
    expect([plain.redirected, await plain.text()]).toEqual([true, 'print(1)'])

    await deleteFiles({ ...client, paths: ['run-2/train.py'] })
    expect(await call('/api/buckets/ann/jobs-artifacts')).toMatchObject({
      answer: { id: 'ann/jobs-artifacts', private: true, totalFiles: 2, size: long.length + 8 },
    })
    await deleteRepo(client)
    expect((await call('/api/buckets/ann/jobs-artifacts')).status).toBe(404)
  })
})

describe('A batch', () => {
  const batch = (...lines: object[]) =>
    call('/api/buckets/ann/jobs-artifacts/batch', {
      body: lines.map((line) => `${JSON.stringify(line)}\n`).join(''),
      type: 'application/x-ndjson',
    })
  const add = (path: string, xetHash = 'a'.repeat(64)) => ({ type: 'addFile', path, xetHash, mtime: 1 })

  beforeEach(async () => {
    await create()
    await put({ 'old.txt': 'old' })
  })
  const hash = () => hub.state.buckets.find('ann/jobs-artifacts')?.files.get('old.txt')?.xetHash

  test('It names each file that failed, and does the rest.', async () => {
    const { status, answer } = await batch(add('a.txt'), add('b.txt', hash()), {
      type: 'deleteFile',
      path: 'none',
    })
    expect([status, answer]).toEqual([
      200,
      {
        success: false,
        processed: 3,
        succeeded: 1,
        failed: [
          { path: 'a.txt', error: 'The content was not uploaded' },
          { path: 'none', error: 'File not found' },
        ],
      },
    ])
  })

  test('It is refused with 422 when all of it failed.', async () => {
    expect(await batch(add('a.txt'), add('../b', hash()))).toMatchObject({
      status: 422,
      answer: { succeeded: 0 },
    })
  })

  test('It deletes after it adds, and only whole lines are taken.', async () => {
    const remove = { type: 'deleteFile', path: 'old.txt' }
    const statuses = [await batch(remove, add('a.txt', hash())), await batch({ type: 'moveFile', path: 'a' })]
    expect(statuses.map(({ status }) => status)).toEqual([400, 400])
    expect((await batch(add('a.txt', hash()), remove)).answer).toMatchObject({ success: true })
  })
})
