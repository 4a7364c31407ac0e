import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { sha256 } from '../../../hub/git/git-objects.ts'
import type { SandboxHub } from '../../../hub/start.ts'
import { startHub } from '../../../hub/start.ts'

// What huggingface_hub 2.4.0 with hf_xet 1.8.0 sent for three files: its bytes, not ours. One chunk of each kind:
// LZ4, LZ4 of grouped bytes, and none.
const recorded = JSON.parse(readFileSync(new URL('recorded-upload.json', import.meta.url), 'utf8')) as {
  xorb: { path: string; body: string }
  shard: { path: string; body: string }
  files: Record<'words' | 'floats' | 'noise', string>
}
const xorb = Buffer.from(recorded.xorb.body, 'base64')
const shard = Buffer.from(recorded.shard.body, 'base64')

let time: number
let hub: SandboxHub

beforeEach(async () => {
  time = Date.parse('2026-01-01T00:00:00Z')
  hub = await startHub({ retryDelaysMs: [], now: () => new Date(time) })
  hub.addUser({ name: 'ann', token: 'hf_ann' })
  hub.addToken({ user: 'ann', token: 'hf_read', role: 'read' })
  hub.addUser({ name: 'eve', token: 'hf_eve' })
  hub.createModel({ name: 'ann/model' })
})
afterEach(() => hub.close())

function connect(which = 'write', options: { token?: string; end?: string } = {}) {
  const { token = 'hf_ann', end = 'main' } = options
  return fetch(`${hub.url}/api/models/ann/model/xet-${which}-token/${end}`, {
    headers: { authorization: `Bearer ${token}` },
  })
}

const accessToken = async (which?: string) =>
  String(((await (await connect(which)).json()) as { accessToken: string }).accessToken)

async function upload(path: string, body: Buffer, token?: string) {
  const bearer = token ?? (await accessToken())
  return await fetch(hub.storage.url + path, {
    method: 'POST',
    headers: { authorization: `Bearer ${bearer}` },
    body: new Uint8Array(body),
  })
}

async function uploadBoth() {
  expect((await upload(recorded.xorb.path, xorb)).status).toBe(200)
  expect((await upload(recorded.shard.path, shard)).status).toBe(200)
}

async function commit(path: string, oid: string) {
  const lines = [
    { key: 'header', value: { summary: 'Upload' } },
    { key: 'lfsFile', value: { path, algo: 'sha256', oid } },
  ]
  const response = await fetch(`${hub.url}/api/models/ann/model/commit/main`, {
    method: 'POST',
    headers: { authorization: 'Bearer hf_ann', 'content-type': 'application/x-ndjson' },
    body: lines.map((line) => JSON.stringify(line)).join('\n'),
  })
  return response.status
}

describe('The token for uploads', () => {
  test('It comes with the address of the store and its end, in headers and in the body.', async () => {
    const response = await connect()
    const body = (await response.json()) as Record<string, unknown>
    expect(body).toEqual({
      casUrl: hub.storage.url,
      accessToken: expect.any(String),
      exp: time / 1000 + 3600,
    })
    expect([
      response.headers.get('x-xet-cas-url'),
      response.headers.get('x-xet-access-token'),
      response.headers.get('x-xet-token-expiration'),
    ]).toEqual([body.casUrl, body.accessToken, String(body.exp)])
  })

  test('Only a caller who may write gets one; who may discuss gets one for a pull request.', async () => {
    const statuses = await Promise.all([
      connect('write', { token: 'hf_read' }),
      connect('write', { token: 'hf_eve' }),
      connect('write', { token: 'hf_eve', end: 'None?create_pr=1' }),
      connect('read', { token: 'hf_eve' }),
      connect('write', { end: 'none' }),
    ])
    expect(statuses.map(({ status }) => status)).toEqual([403, 403, 200, 200, 404])
  })

  test('The store refuses another token, a reading one, and one that is too old.', async () => {
    const old = await accessToken()
    expect((await upload(recorded.xorb.path, xorb, 'hf_ann')).status).toBe(401)
    expect((await upload(recorded.xorb.path, xorb, await accessToken('read'))).status).toBe(403)
    time += 3600_000
    expect((await upload(recorded.xorb.path, xorb, old)).status).toBe(401)
  })
})

describe('An upload of the official client', () => {
  test('A commit can name its files afterwards, and not before.', async () => {
    expect(await commit('words.bin', recorded.files.words)).toBe(400)
    await uploadBoth()
    for (const [name, oid] of Object.entries(recorded.files))
      expect(await commit(`${name}.bin`, oid)).toBe(200)
    const { lfs } = hub.repository('ann/model', 'model')
    const sizes = Object.values(recorded.files).map((oid) => lfs.get(oid)?.byteLength)
    expect(sizes).toEqual([14_001, 4800, 700])
    expect(sha256(lfs.get(recorded.files.floats) ?? new Uint8Array())).toBe(recorded.files.floats)
  })

  test('The store says whether it had the xorb already.', async () => {
    const inserted = async () => (await upload(recorded.xorb.path, xorb)).json()
    expect([await inserted(), await inserted()]).toEqual([{ was_inserted: true }, { was_inserted: false }])
  })

  test('A shard whose xorb is missing is refused.', async () => {
    const response = await upload(recorded.shard.path, shard)
    expect([response.status, await response.text()]).toEqual([
      400,
      expect.stringContaining('was not uploaded'),
    ])
  })

  test('A xorb with another content is found out by the sha256 of the file.', async () => {
    const changed = Buffer.from(xorb)
    changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1
    await upload(recorded.xorb.path, changed)
    const response = await upload(recorded.shard.path, shard)
    expect([response.status, await response.text()]).toEqual([400, expect.stringContaining('sha256')])
    expect(await commit('noise.bin', recorded.files.noise)).toBe(400)
  })

  test.each([
    ['is empty', recorded.xorb.path, Buffer.alloc(0)],
    ['is cut off', recorded.xorb.path, xorb.subarray(0, 90)],
    ['has a broken LZ4 frame', recorded.xorb.path, Buffer.concat([xorb.subarray(0, 8), Buffer.alloc(113)])],
    ['is a shard cut off', recorded.shard.path, shard.subarray(0, 200)],
    ['is no shard', recorded.shard.path, xorb],
  ])("A body that %s is refused as the client's fault.", async (_, path, body) => {
    expect((await upload(path, body)).status).toBe(400)
  })
})

describe('A read through Xet', () => {
  const floats = async () => {
    await uploadBoth()
    await commit('floats.bin', recorded.files.floats)
    const tree = await fetch(`${hub.url}/api/models/ann/model/tree/main`)
    const entries = (await tree.json()) as { path: string; xetHash?: string }[]
    return entries.find(({ path }) => path === 'floats.bin')?.xetHash ?? ''
  }

  const reconstruct = async (hash: string) =>
    fetch(`${hub.storage.url}/v1/reconstructions/${hash}`, {
      headers: { authorization: `Bearer ${await accessToken('read')}` },
    })

  test('The hash of the listing leads to the chunks of the file.', async () => {
    const hash = await floats()
    const plan = (await (await reconstruct(hash)).json()) as {
      terms: { hash: string; unpacked_length: number }[]
      fetch_info: Record<string, { url: string; url_range: { start: number; end: number } }[]>
    }
    expect(plan.terms).toMatchObject([{ unpacked_length: 4800 }])
    const { url, url_range: range } = Object.values(plan.fetch_info).flat()[0] ?? {}
    const part = await fetch(url ?? '', { headers: { range: `bytes=${range?.start}-${range?.end}` } })
    const bytes = new Uint8Array(await part.arrayBuffer())
    expect([part.status, sha256(bytes.subarray(8))]).toEqual([206, recorded.files.floats])
  })

  test('A download names the hash and where to get a token, unless an old client pushed the file.', async () => {
    const hash = await floats()
    const download = async () => {
      const headers = { authorization: 'Bearer hf_ann' }
      const url = `${hub.url}/ann/model/resolve/main/floats.bin`
      return (await fetch(url, { headers, redirect: 'manual' })).headers
    }
    const named = await download()
    expect(named.get('x-xet-hash')).toBe(hash)
    const [, tokenUrl = ''] = /<([^>]+)>; rel="xet-auth"/.exec(named.get('link') ?? '') ?? []
    const answer = await fetch(tokenUrl, { headers: { authorization: 'Bearer hf_ann' } })
    expect(await answer.json()).toMatchObject({ casUrl: hub.storage.url })
    hub.repository('ann/model', 'model').withoutXet.add(recorded.files.floats)
    const plain = await download()
    expect([plain.get('x-xet-hash'), plain.get('link')]).toEqual([null, null])
  })

  test('A hash that the repository does not have, and a link that was not signed, lead nowhere.', async () => {
    const hash = await floats()
    expect((await reconstruct('a'.repeat(64))).status).toBe(404)
    expect((await fetch(`${hub.storage.url}/xet/${hash}?signature=x`)).status).toBe(403)
  })
})
