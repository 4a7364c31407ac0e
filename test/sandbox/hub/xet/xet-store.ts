import type { Context } from 'hono'
import { Hono } from 'hono'
import { byteRangeResponse } from '../git/byte-range.ts'
import { sha256 } from '../git/git-objects.ts'
import type { Segment, ShardFile } from './shard.ts'
import { readShard } from './shard.ts'
import { readXorb, writeXorb, XORB_LIMIT } from './xorb.ts'

/** How long a token is good for: https://huggingface.co/docs/xet/auth leaves it to the server. */
const TOKEN_SECONDS = 3600

/** What keeps the files of a repository or a bucket. */
export interface XetPlace {
  /** The content of a file, by the hash that the Hub shows for it. */
  find(hash: string): Uint8Array | undefined
  /** Takes a file. Throws RangeError when it cannot be what the shard says. */
  keep(file: ShardFile, content: Uint8Array): void
}

interface Permit {
  place: XetPlace
  access: 'read' | 'write'
  expiresAt: number
}

/** What a client needs to speak to the store. */
interface XetConnection {
  casUrl: string
  accessToken: string
  /** Seconds since the epoch. */
  exp: number
}

/** Where the official clients upload large files in chunks, and may read them. */
export interface XetStore {
  connect(permit: Pick<Permit, 'place' | 'access'>): XetConnection
  /** An address of the store from which the content may be read without a token. */
  sign(content: Uint8Array): string
  app: Hono
}

const refuse = (status: number, message: string) =>
  new Response(message, { status, headers: { 'content-type': 'text/plain' } })

/** Each RangeError of the readers is the client's fault. */
async function answering(read: () => Promise<Response>): Promise<Response> {
  try {
    return await read()
  } catch (error) {
    if (error instanceof RangeError) return refuse(400, error.message)
    throw error
  }
}

function assembled(segments: readonly Segment[], xorbs: ReadonlyMap<string, Uint8Array[]>): Buffer {
  const parts = segments.flatMap(({ xorb, start, end, bytes }) => {
    const all = xorbs.get(xorb)
    if (all === undefined) throw new RangeError(`The xorb ${xorb} was not uploaded.`)
    const chunks = all.slice(start, end)
    const size = chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0)
    if (end > all.length || start >= end || size !== bytes) throw new RangeError('A segment does not fit.')
    return chunks
  })
  return Buffer.concat(parts)
}

/**
 * The store behind Xet: xorbs and shards come in, and the files of a shard are put together at once. It does not
 * compute Xet's own hashes, which need BLAKE3: where a shard gives a sha256, the file is held to it.
 * https://huggingface.co/docs/xet/api
 *
 * @param options ids, the clock, and the store's own address once it is known
 * @returns the store and its routes
 */
export function createXetStore(options: {
  newId: () => string
  now: () => Date
  storageUrl: () => string
}): XetStore {
  const permits = new Map<string, Permit>()
  const xorbs = new Map<string, Uint8Array[]>()
  const app = new Hono()
  const nowSeconds = () => Math.floor(options.now().getTime() / 1000)

  const guarded =
    (access: Permit['access'], handle: (c: Context, permit: Permit) => Promise<Response>) =>
    async (c: Context): Promise<Response> => {
      const permit = permits.get(/^Bearer (\S+)$/.exec(c.req.header('authorization') ?? '')?.[1] ?? '')
      if (permit === undefined || permit.expiresAt <= nowSeconds()) return refuse(401, 'Unauthorized')
      if (access === 'write' && permit.access !== 'write') return refuse(403, 'Forbidden')
      return await answering(() => handle(c, permit))
    }

  app.post(
    '/v1/xorbs/default/:hash{[0-9a-f]{64}}',
    guarded('write', async (c) => {
      const body = new Uint8Array(await c.req.arrayBuffer())
      if (body.byteLength > XORB_LIMIT) return refuse(400, 'The xorb is larger than 64 MiB.')
      const hash = c.req.param('hash') ?? ''
      const isNew = !xorbs.has(hash)
      xorbs.set(hash, readXorb(body))
      return c.json({ was_inserted: isNew })
    }),
  )

  app.post(
    '/v1/shards',
    guarded('write', async (c, { place }) => {
      const files = readShard(new Uint8Array(await c.req.arrayBuffer()))
      const contents = files.map((file) => ({ file, content: assembled(file.segments, xorbs) }))
      if (contents.some(({ file, content }) => ![undefined, sha256(content)].includes(file.sha256))) {
        throw new RangeError('The content of a file does not have the sha256 that the shard gives.')
      }
      for (const { file, content } of contents) place.keep(file, new Uint8Array(content))
      return c.json({ result: 1 })
    }),
  )

  app.get(
    '/:version{v[12]}/reconstructions/:hash',
    guarded('read', async (c, permit) => {
      const hash = c.req.param('hash') ?? ''
      const content = permit.place.find(hash)
      if (content === undefined) return refuse(404, 'File not found')
      const { bytes, chunks } = writeXorb(content)
      const token = c.req.header('authorization')?.slice('Bearer '.length) ?? ''
      const range = { start: 0, end: chunks }
      const url = `${options.storageUrl()}/xet/${hash}?signature=${sha256(Buffer.from(token))}`
      signed.set(`${hash} ${sha256(Buffer.from(token))}`, bytes)
      const terms = [{ hash, unpacked_length: content.byteLength, range }]
      const byteRange = { start: 0, end: bytes.byteLength - 1 }
      // The whole file, whatever range of it was asked for.
      const answer = { offset_into_first_range: 0, terms }
      return c.req.param('version') === 'v2'
        ? c.json({ ...answer, xorbs: { [hash]: [{ url, ranges: [{ chunks: range, bytes: byteRange }] }] } })
        : c.json({ ...answer, fetch_info: { [hash]: [{ range, url, url_range: byteRange }] } })
    }),
  )

  const signed = new Map<string, Uint8Array>()
  app.get('/xet/:hash', (c) => {
    const content = signed.get(`${c.req.param('hash')} ${c.req.query('signature')}`)
    if (content === undefined) return refuse(403, 'Access Denied')
    return byteRangeResponse({ content, range: c.req.header('range'), headers: {} })
  })

  const files = new Map<string, Uint8Array>()
  app.get('/xet-files/:signature', (c) => {
    const content = files.get(c.req.param('signature'))
    if (content === undefined) return refuse(403, 'Access Denied')
    return byteRangeResponse({ content, range: c.req.header('range'), headers: {} })
  })

  return {
    app,
    sign(content) {
      const signature = `${options.newId()}${options.newId()}`
      files.set(signature, content)
      return `${options.storageUrl()}/xet-files/${signature}`
    },
    connect(permit) {
      const accessToken = `xet_${options.newId()}${options.newId()}`
      const exp = nowSeconds() + TOKEN_SECONDS
      permits.set(accessToken, { ...permit, expiresAt: exp })
      return { casUrl: options.storageUrl(), accessToken, exp }
    },
  }
}
