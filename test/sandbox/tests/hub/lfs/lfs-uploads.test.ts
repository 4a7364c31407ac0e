import { createHash } from 'node:crypto'
import { commit } from '@huggingface/hub'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { HubOptions } from '../../../hub/hub.ts'
import { type SandboxHub, startHub } from '../../../hub/start.ts'

const content = Uint8Array.from({ length: 1000 }, (_, index) => index % 256)
const oid = createHash('sha256').update(content).digest('hex')
const model = 'ann/model'
let hub: SandboxHub

const start = async (options: HubOptions = {}) => {
  hub = await startHub({ retryDelaysMs: [], ...options })
  hub.addUser({ name: 'ann', token: 'hf_ann' })
  hub.createModel({ name: model })
}
beforeEach(() => start())
afterEach(() => hub.close())

interface Answer {
  transfer: string
  objects: { actions?: { upload: { href: string; header: Record<string, string> } } }[]
}

async function ask(transfers: string[]): Promise<Answer> {
  const response = await fetch(`${hub.url}/${model}.git/info/lfs/objects/batch`, {
    method: 'POST',
    headers: { authorization: 'Bearer hf_ann', 'content-type': 'application/vnd.git-lfs+json' },
    body: JSON.stringify({ operation: 'upload', transfers, objects: [{ oid, size: content.byteLength }] }),
  })
  return await response.json()
}

const known = () => hub.repository(model, 'model').lfs.get(oid)
const put = (url: string, body: BodyInit, init: object = {}) => fetch(url, { method: 'PUT', body, ...init })

describe('A plain upload', () => {
  const address = async () => (await ask(['basic'])).objects[0]?.actions?.upload.href ?? ''

  test('It is taken with its length, and then has no action and no hash of Xet.', async () => {
    expect((await put(await address(), content)).status).toBe(200)
    expect(known()).toEqual(content)
    expect((await ask(['basic'])).objects[0]?.actions).toBeUndefined()
    expect(hub.repository(model, 'model').withoutXet.has(oid)).toBe(true)
  })

  test('A world may have a Hub that gives such a file its hash at once.', async () => {
    await hub.close()
    await start({ lfs: { givesXetHash: true } })
    await put(await address(), content)
    expect(hub.repository(model, 'model').withoutXet.has(oid)).toBe(false)
  })

  test('A body in chunks, without a length, is refused.', async () => {
    const response = await put(await address(), new Blob([content]).stream(), { duplex: 'half' })
    expect([response.status, await response.text()]).toEqual([501, expect.stringContaining('NotImplemented')])
    expect(known()).toBeUndefined()
  })

  test('Another content is refused.', async () => {
    expect((await put(await address(), content.subarray(1))).status).toBe(400)
    expect(known()).toBeUndefined()
  })
})

describe('An upload in parts', () => {
  beforeEach(async () => {
    await hub.close()
    await start({ lfs: { partsAbove: 500, partBytes: 400 } })
  })

  const parts = async () => {
    const { transfer, objects } = await ask(['basic', 'multipart'])
    const { href = '', header = {} } = objects[0]?.actions?.upload ?? {}
    const { chunk_size: size = '', ...urls } = header
    return { transfer, href, size, urls }
  }
  const complete = (href: string, etags: string[]) =>
    fetch(href, {
      method: 'POST',
      headers: { 'content-type': 'application/vnd.git-lfs+json' },
      body: JSON.stringify({ oid, parts: etags.map((etag, index) => ({ partNumber: index + 1, etag })) }),
    })
  const send = (urls: Record<string, string>) =>
    Promise.all(
      Object.values(urls).map(async (url, index) => {
        const response = await put(url, content.subarray(index * 400, (index + 1) * 400))
        return response.headers.get('etag') ?? ''
      }),
    )

  test('The official client brings a large file in parts.', async () => {
    await commit({
      accessToken: 'hf_ann',
      hubUrl: hub.url,
      repo: { type: 'model', name: model },
      title: 'Add weights',
      operations: [{ operation: 'addOrUpdate', path: 'model.safetensors', content: new Blob([content]) }],
    })
    expect(known()).toEqual(content)
    expect(hub.storage.requests.filter(({ method }) => method === 'PUT')).toHaveLength(3)
  })

  test('A client that does not know it gets one address.', async () => {
    const { transfer, objects } = await ask(['basic'])
    expect([transfer, objects[0]?.actions?.upload.header]).toEqual(['basic', {}])
  })

  test('The parts have an address each, and count once they are completed.', async () => {
    const { transfer, href, size, urls } = await parts()
    expect([transfer, size, Object.keys(urls)]).toEqual(['multipart', '400', ['00001', '00002', '00003']])
    const etags = await send(urls)
    expect(known()).toBeUndefined()
    expect((await complete(href, etags)).status).toBe(200)
    expect(known()).toEqual(content)
  })

  test.each([
    ['a part missing', (etags: string[]) => etags.slice(1)],
    ['another name of a part', (etags: string[]) => ['"x"', ...etags.slice(1)]],
    ['parts in another order', (etags: string[]) => etags.toReversed()],
  ])('With %s it is not completed.', async (_, change) => {
    const { href, urls } = await parts()
    expect((await complete(href, change(await send(urls)))).status).toBe(400)
    expect(known()).toBeUndefined()
  })

  test('A part of another size is refused.', async () => {
    const { urls } = await parts()
    expect((await put(urls['00001'] ?? '', content)).status).toBe(400)
  })
})
