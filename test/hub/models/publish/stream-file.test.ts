import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { streamFile } from '../../../../src/hub/models/publish/stream-file.ts'
import { sha256 } from '../../../sandbox/hub/git/git-objects.ts'
import type { HubOptions } from '../../../sandbox/hub/hub.ts'
import { type SandboxHub, startHub } from '../../../sandbox/hub/start.ts'
import { connect } from '../../connect.ts'

const from = 'acme/run'
const to = 'acme/stable'
const path = 'onnx/model é.onnx'
const content = Uint8Array.from({ length: 1_000_003 }, (_, index) => (index * 7 + (index >> 9)) % 253)
const oid = sha256(content)

let sandbox: SandboxHub
const start = async (options: HubOptions = {}) => {
  sandbox = await startHub({ retryDelaysMs: [], ...options })
  sandbox.addUser({ name: 'ann', token: 'hf_ann_writes', orgs: ['acme'] })
  sandbox.createModel({ name: from, private: true, files: { [path]: content } })
  sandbox.createModel({ name: to, private: true })
}
beforeEach(() => start())
afterEach(() => sandbox.close())

const commitOf = (name: string) => sandbox.repository(name, 'model').refs.get('refs/heads/main') ?? ''
/** The id of what arrived. Comparing byte by byte takes seconds. */
const arrived = () => {
  const there = sandbox.repository(to, 'model').lfs.get(oid)
  return there && sha256(there)
}
const requests = (method: string) => sandbox.storage.requests.filter((each) => each.method === method)

const stream = (change: { content?: string; bytes?: number; signal?: AbortSignal } = {}) => {
  const connection = connect(sandbox.url, 'hf_ann_writes')
  const source = { model: from, commit: commitOf(from) }
  const file = { from: source, to, path, content: oid, bytes: content.byteLength, ...change }
  return { ...connection, ended: streamFile(connection.hub, file) }
}

describe('A large file goes from one model to another', () => {
  test('Byte for byte, in one request whose length is said before.', async () => {
    expect(await stream().ended).toBe(content.byteLength)
    expect(arrived()).toBe(oid)
    const [put] = requests('PUT')
    expect(put?.headers['content-length']).toBe(String(content.byteLength))
    expect(put?.headers['transfer-encoding']).toBeUndefined()
  })

  test('An empty file too.', async () => {
    sandbox.commit(from, { type: 'model', files: { [path]: new Uint8Array(0) } })
    const empty = sha256(new Uint8Array(0))
    sandbox.repository(from, 'model').lfs.set(empty, new Uint8Array(0))
    expect(await stream({ content: empty, bytes: 0 }).ended).toBe(0)
    expect(sandbox.repository(to, 'model').lfs.has(empty)).toBe(true)
  })

  test('What the model has already is not moved.', async () => {
    await stream().ended
    expect(await stream().ended).toBe(0)
    expect(requests('PUT')).toHaveLength(1)
    expect(requests('GET')).toHaveLength(1)
  })

  test('In parts, each with a download of its own, where the Hub wants that.', async () => {
    await sandbox.close()
    await start({ lfs: { partsAbove: 500_000, partBytes: 300_000 } })
    expect(await stream().ended).toBe(content.byteLength)
    expect(arrived()).toBe(oid)
    expect(requests('PUT').map(({ headers }) => headers['content-length'])).toEqual([
      '300000',
      '300000',
      '300000',
      '100003',
    ])
    expect(requests('GET').at(-1)?.headers.range).toBe('bytes=900000-1000002')
  })

  test('One part that fails is sent again, not those before it.', async () => {
    await sandbox.close()
    await start({ lfs: { partsAbove: 500_000, partBytes: 300_000 } })
    sandbox.storage.fault({ method: 'PUT', path: /objects/, until: Promise.resolve(), times: 2 })
    sandbox.storage.fault({ method: 'PUT', path: /objects/, status: 503, body: 'SlowDown' })
    const { ended, clock } = stream()
    await ended
    const statuses = requests('PUT').map(({ status }) => status)
    expect([statuses, clock.sleeps]).toEqual([[200, 200, 503, 200, 200], [1000]])
    expect(arrived()).toBe(oid)
  })

  test('The answer of the Hub names the storage; the token does not go there.', async () => {
    await stream().ended
    const headers = sandbox.storage.requests.map((request) => request.headers)
    expect(headers.length).toBeGreaterThan(1)
    expect(headers.filter((each) => JSON.stringify(each).includes('hf_ann'))).toEqual([])
  })
})

describe('What the Hub answers to the question how', () => {
  const batch = (object: object, more: object = {}) =>
    sandbox.fault({
      path: /objects\/batch/,
      status: 200,
      times: 9,
      body: { ...more, objects: [{ oid, size: content.byteLength, ...object }] },
    })

  test('Headers that it names are sent, and it is asked whether the content arrived, with the token.', async () => {
    const upload = { href: `${sandbox.url}/put`, header: { 'x-extra': 1 } }
    batch({ actions: { upload, verify: { href: `${sandbox.url}/verify` } } })
    for (const path of [/^\/put/, /^\/verify/]) sandbox.fault({ path, status: 200 })
    await stream().ended
    const [put, verify] = sandbox.requests.slice(-2)
    expect(put?.headers).toMatchObject({ 'x-extra': '1' })
    expect(put?.headers.authorization).toBeUndefined()
    expect(verify?.headers.authorization).toBe('Bearer hf_ann_writes')
    expect(JSON.parse(verify?.body ?? '')).toEqual({ oid, size: content.byteLength })
  })

  test.each([
    [
      'an error of the file',
      { error: { code: 422, message: 'Too\nlarge.' } },
      {},
      'does not take the content: "Too large"',
    ],
    [
      'a transfer that we do not know',
      { actions: { upload: { href: 'http://x/' } } },
      { transfer: 'xet' },
      'no upload by plain git-lfs',
    ],
    ['another file', { oid: 'b'.repeat(64) }, {}, 'unknown form'],
    ['an address that is none', { actions: { upload: { href: 'file:///etc/passwd' } } }, {}, 'unknown form'],
    [
      'other parts than the file has',
      { actions: { upload: { href: 'http://x/', header: { chunk_size: '9' } } } },
      {},
      'other parts',
    ],
    [
      'parts of no size',
      { actions: { upload: { href: 'http://x/', header: { chunk_size: '0', '1': 'http://x/' } } } },
      {},
      'other parts',
    ],
  ])('With %s nothing is sent.', async (_, object, more, problem) => {
    batch(object, more)
    await expect(stream().ended).rejects.toThrow(problem)
    expect(requests('GET')).toEqual([])
  })

  test('A token that may not write is not tried again.', async () => {
    sandbox.addToken({ token: 'hf_ann_reads', user: 'ann', role: 'read' })
    const { hub, clock } = connect(sandbox.url, 'hf_ann_reads')
    const source = { model: from, commit: commitOf(from) }
    const file = { from: source, to, path, content: oid, bytes: content.byteLength }
    await expect(streamFile(hub, file)).rejects.toMatchObject({ status: 403 })
    expect(clock.sleeps).toEqual([])
  })
})

describe('A try that fails', () => {
  test.each([
    ['the download breaks off', 'GET', { reset: true }],
    ['the storage cannot be read', 'GET', { status: 500 }],
    ['the storage does not take it', 'PUT', { status: 500 }],
    ['the upload breaks off', 'PUT', { reset: true }],
    ['the storage limits requests', 'PUT', { status: 429 }],
  ])('When %s, it is repeated, after a pause.', async (_, method, fault) => {
    sandbox.storage.fault({ method, path: /objects/, ...fault })
    const { ended, clock } = stream()
    expect(await ended).toBe(content.byteLength)
    expect(arrived()).toBe(oid)
    expect(clock.sleeps).toEqual([1000])
  })

  test('After three tries it is an error.', async () => {
    const fault = sandbox.storage.fault({ method: 'PUT', path: /objects/, status: 500, times: 9 })
    await expect(stream().ended).rejects.toMatchObject({ name: 'HttpError', status: 500 })
    expect(fault.hits).toBe(3)
  })

  test('A refusal is not repeated.', async () => {
    const fault = sandbox.storage.fault({ method: 'PUT', path: /objects/, status: 403, times: 9 })
    await expect(stream().ended).rejects.toMatchObject({ status: 403 })
    expect(fault.hits).toBe(1)
  })

  test('An upload whose answer was lost is found to have arrived.', async () => {
    sandbox.storage.fault({ method: 'PUT', path: /objects/, reset: true, applied: true })
    await stream().ended
    expect(requests('PUT')).toHaveLength(1)
    expect(arrived()).toBe(oid)
  })

  test.each([
    ['other bytes', Buffer.from(content).fill(1, 500_000, 500_001)],
    ['fewer bytes', content.subarray(0, 999_999)],
    ['more bytes', Buffer.concat([content, Buffer.from('x')])],
  ])('With %s than the model lists, the storage gets no complete upload.', async (_, wrong) => {
    sandbox.repository(from, 'model').lfs.set(oid, new Uint8Array(wrong))
    await expect(stream().ended).rejects.toThrow('Other bytes arrived than the model lists')
    expect(arrived()).toBeUndefined()
    expect(requests('PUT').map(({ status }) => status)).not.toContain(400)
  })

  test('A caller who aborts gets the reason.', async () => {
    const controller = new AbortController()
    const reason = new Error('cancelled')
    sandbox.storage.fault({ method: 'PUT', path: /objects/, hang: true })
    const { hub } = connect(sandbox.url, 'hf_ann_writes')
    const source = { model: from, commit: commitOf(from) }
    const file = { from: source, to, path, content: oid, bytes: content.byteLength }
    const ended = streamFile(hub, { ...file, signal: controller.signal })
    while (requests('PUT').length === 0) await new Promise((resolve) => setImmediate(resolve))
    controller.abort(reason)
    await expect(ended).rejects.toBe(reason)
  })

  test('Storage that moves no byte for two minutes is given up, and no timer is left.', async () => {
    sandbox.storage.fault({ method: 'PUT', path: /objects/, hang: true, times: 3 })
    const { ended, clock } = stream()
    const failed = expect(ended).rejects.toThrow('timed out')
    for (let hung = 1; hung <= 3; hung += 1) {
      while (requests('PUT').length < hung) await new Promise((resolve) => setImmediate(resolve))
      clock.advance(120_000)
      clock.advance(120_000)
    }
    await failed
    expect(clock.timers()).toBe(0)
  })
})

/** Storage that a test answers for, under one address for both directions. */
async function startStorage(options: {
  bytes: number
  download: (response: ServerResponse) => void
  arrived: (chunk: Buffer) => void
}): Promise<{ url: string; close: () => Promise<unknown> }> {
  const storage = createServer((request, response) => {
    if (request.method === 'PUT') {
      request.on('data', options.arrived)
      request.on('end', () => response.end())
      return
    }
    response.setHeader('content-length', options.bytes)
    options.download(response)
  })
  await new Promise<void>((resolve) => storage.listen(0, '127.0.0.1', resolve))
  const { port } = storage.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/`,
    close: () => new Promise((resolve) => storage.close(resolve)),
  }
}

const leadTo = (url: string, object: { oid: string; size: number }) => {
  const upload = { objects: [{ ...object, actions: { upload: { href: url } } }] }
  sandbox.fault({ path: /objects\/batch/, status: 200, body: upload })
  sandbox.fault({ path: /resolve/, status: 302, headers: { location: url } })
}

test('Of a file of 64 MiB only a few pieces are in memory at once.', async () => {
  const piece = Buffer.alloc(1024 * 1024, 7)
  const bytes = 64 * piece.byteLength
  let given = 0
  let taken = 0
  let most = 0
  const send = (response: ServerResponse): void => {
    for (let open = true; open && given < bytes; ) {
      given += piece.byteLength
      most = Math.max(most, given - taken)
      open = response.write(piece)
    }
    if (given === bytes) response.end()
    else response.once('drain', () => send(response))
  }
  const arrived = (chunk: Buffer) => {
    taken += chunk.byteLength
  }
  const storage = await startStorage({ bytes, download: send, arrived })
  const whole = sha256(Buffer.alloc(bytes, 7))
  leadTo(storage.url, { oid: whole, size: bytes })
  expect(await stream({ content: whole, bytes }).ended).toBe(bytes)
  // What both sockets and the streams between them hold.
  expect(most).toBeLessThan(16 * piece.byteLength)
  expect(taken).toBe(bytes)
  await storage.close()
})
