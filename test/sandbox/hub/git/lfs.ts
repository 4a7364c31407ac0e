import { Hono } from 'hono'
import { byteRangeResponse } from './byte-range.ts'
import { sha256 } from './git-objects.ts'
import type { Repository } from './repositories.ts'

/** What a content may be done with, and whose it is. */
interface Permit {
  method: 'PUT' | 'GET'
  repository: Repository
  oid: string
  size: number
  /** Only a part of it is sent. */
  part?: { upload: Upload; number: number; size: number }
}

/** An upload in parts. */
interface Upload extends Pick<Permit, 'repository' | 'oid' | 'size'> {
  /** By number, from 1. */
  parts: Map<number, { etag: string; content: Uint8Array }>
}

/** How a sandbox Hub takes uploads by plain LFS. */
export interface LfsOptions {
  /** Contents above so many bytes are taken in parts, where the client offers that. @default 5 GiB, as S3 does */
  partsAbove?: number
  /** @default 1 GiB */
  partBytes?: number
  /** Whether what is pushed has a `xetHash` at once, which is not documented. @default false */
  givesXetHash?: boolean
}

/** The `upload` or `download` of an answer to a batch. */
interface Action {
  href: string
  header: Record<string, string>
  expires_in: number
}

/** Where LFS objects are uploaded to and downloaded from. */
export interface LfsStore {
  /** A signed URL, good for one object and one method. */
  sign(permit: Permit): string
  /** How to upload a content: at once, or in parts. */
  uploadAction(object: Omit<Permit, 'method' | 'part'>, options: { mayBeInParts: boolean }): Action
  /** Puts the parts of an upload together. Throws RangeError where they are not those that were stored. */
  complete(id: string, request: { oid: string; parts: { partNumber: number; etag: string }[] }): void
  app: Hono
}

const GIBIBYTE = 1024 ** 3

const xml = (status: number, code: string, message: string) =>
  new Response(
    `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`,
    {
      status,
      headers: { 'content-type': 'application/xml' },
    },
  )

/**
 * The object store behind the Hub. It is another host than the Hub's, and it refuses a request that brings a token
 * along besides the signed URL, or a body without its length, as S3 does.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
 *
 * @param options where ids come from, and the addresses once they are known
 * @returns the store and its routes
 */
export function createLfsStore(
  options: LfsOptions & { newId: () => string; address: { url: string; storageUrl: string } },
): LfsStore {
  const { partsAbove = 5 * GIBIBYTE, partBytes = GIBIBYTE, givesXetHash = false, newId, address } = options
  const permits = new Map<string, Permit>()
  const uploads = new Map<string, Upload>()
  const app = new Hono()

  const keep = ({ repository, oid }: Pick<Permit, 'repository' | 'oid'>, content: Uint8Array) => {
    repository.lfs.set(oid, content)
    if (!givesXetHash) repository.withoutXet.add(oid)
  }

  const put = async (request: Request, { repository, oid, size, part }: Permit): Promise<Response> => {
    if (request.headers.has('transfer-encoding')) {
      return xml(501, 'NotImplemented', 'A header you provided implies functionality that is not implemented')
    }
    if (!request.headers.has('content-length')) {
      return xml(411, 'MissingContentLength', 'You must provide the Content-Length HTTP header.')
    }
    const content = new Uint8Array(await request.arrayBuffer())
    if (part !== undefined) {
      if (content.byteLength !== part.size) return xml(400, 'IncompleteBody', 'The part has another size.')
      const etag = `"${sha256(content).slice(0, 32)}"`
      part.upload.parts.set(part.number, { etag, content })
      return new Response(null, { status: 200, headers: { etag } })
    }
    if (content.byteLength !== size || sha256(content) !== oid) {
      return xml(400, 'BadDigest', 'The content does not match its announced sha256.')
    }
    keep({ repository, oid }, content)
    return new Response(null, { status: 200, headers: { etag: `"${oid}"` } })
  }

  app.on(['GET', 'HEAD', 'PUT'], '/objects/:oid', async (c) => {
    if (c.req.header('authorization') !== undefined) {
      return xml(400, 'InvalidArgument', 'Only one auth mechanism allowed')
    }
    const permit = permits.get(c.req.query('X-Amz-Signature') ?? '')
    const isPut = c.req.method === 'PUT'
    if (permit === undefined || permit.oid !== c.req.param('oid') || (permit.method === 'PUT') !== isPut) {
      return xml(403, 'AccessDenied', 'Access Denied')
    }
    if (isPut) return await put(c.req.raw, permit)
    const content = permit.repository.lfs.get(permit.oid)
    if (content === undefined) return xml(404, 'NoSuchKey', 'The specified key does not exist.')
    return byteRangeResponse({
      content,
      range: c.req.header('range'),
      headers: { etag: `"${permit.oid}"` },
    })
  })

  const addressOf = (oid: string, signature: string) =>
    `${address.storageUrl}/objects/${oid}?X-Amz-Expires=900&X-Amz-Signature=${signature}`

  const known = new Map<string, string>()
  const sign: LfsStore['sign'] = (permit) => {
    const key = `${permit.method} ${permit.repository.id} ${permit.oid}`
    const signature = known.get(key) ?? `${newId()}${newId()}`
    known.set(key, signature)
    permits.set(signature, permit)
    return addressOf(permit.oid, signature)
  }

  /** https://github.com/huggingface/huggingface_hub/blob/main/src/huggingface_hub/lfs.py (`_upload_multi_part`) */
  const uploadInParts = (object: Omit<Permit, 'method' | 'part'>): Action => {
    const upload: Upload = { ...object, parts: new Map() }
    const id = newId()
    uploads.set(id, upload)
    const count = Math.ceil(object.size / partBytes)
    const parts = Array.from({ length: count }, (_, index): [string, string] => {
      const number = index + 1
      const size = Math.min(partBytes, object.size - index * partBytes)
      const signature = `${newId()}${newId()}`
      permits.set(signature, { ...object, method: 'PUT', part: { upload, number, size } })
      return [String(number).padStart(5, '0'), addressOf(object.oid, signature)]
    })
    return {
      href: `${address.url}/api/complete_multipart?uploadId=${id}`,
      header: { chunk_size: String(partBytes), ...Object.fromEntries(parts) },
      expires_in: 900,
    }
  }

  return {
    app,
    sign,
    uploadAction(object, { mayBeInParts }) {
      if (mayBeInParts && object.size > partsAbove) return uploadInParts(object)
      return { href: sign({ ...object, method: 'PUT' }), header: {}, expires_in: 900 }
    },
    complete(id, { oid, parts }) {
      const upload = uploads.get(id)
      if (upload === undefined || upload.oid !== oid) throw new RangeError('There is no such upload.')
      const stored = [...upload.parts].sort(([a], [b]) => a - b)
      const isSame =
        stored.length === Math.ceil(upload.size / partBytes) &&
        stored.length === parts.length &&
        stored.every(([number, { etag }], index) => {
          return parts[index]?.partNumber === number && parts[index]?.etag === etag
        })
      if (!isSame) throw new RangeError('The parts are not those that were stored.')
      const content = new Uint8Array(Buffer.concat(stored.map(([, part]) => part.content)))
      if (sha256(content) !== oid) throw new RangeError('The content does not match its announced sha256.')
      keep(upload, content)
    },
  }
}
