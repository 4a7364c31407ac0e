import { Hono } from 'hono'
import { byteRangeResponse } from './byte-range.ts'
import { sha256 } from './git-objects.ts'
import type { Repository } from './repositories.ts'

interface Permit {
  method: 'PUT' | 'GET'
  repository: Repository
  oid: string
  size: number
}

/** Where LFS objects are uploaded to and downloaded from. */
export interface LfsStore {
  /** A signed URL, good for one object and one method. */
  sign(permit: Permit): string
  app: Hono
}

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
 * along besides the signed URL, as S3 does, so a client that leaks its token is found out.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
 *
 * @param options where ids come from, and the store's own address once it is known
 * @returns the store and its routes
 */
export function createLfsStore(options: { newId: () => string; storageUrl: () => string }): LfsStore {
  const permits = new Map<string, Permit>()
  const app = new Hono()

  app.on(['GET', 'HEAD', 'PUT'], '/objects/:oid', async (c) => {
    if (c.req.header('authorization') !== undefined) {
      return xml(400, 'InvalidArgument', 'Only one auth mechanism allowed')
    }
    const permit = permits.get(c.req.query('X-Amz-Signature') ?? '')
    const isPut = c.req.method === 'PUT'
    if (permit === undefined || permit.oid !== c.req.param('oid') || (permit.method === 'PUT') !== isPut) {
      return xml(403, 'AccessDenied', 'Access Denied')
    }
    const { repository, oid, size } = permit
    if (isPut) {
      const content = new Uint8Array(await c.req.arrayBuffer())
      if (content.byteLength !== size || sha256(content) !== oid) {
        return xml(400, 'BadDigest', 'The content does not match its announced sha256.')
      }
      repository.lfs.set(oid, content)
      return new Response(null, { status: 200, headers: { etag: `"${oid}"` } })
    }
    const content = repository.lfs.get(oid)
    if (content === undefined) return xml(404, 'NoSuchKey', 'The specified key does not exist.')
    return byteRangeResponse({ content, range: c.req.header('range'), headers: { etag: `"${oid}"` } })
  })

  const known = new Map<string, string>()
  return {
    app,
    sign(permit) {
      const key = `${permit.method} ${permit.repository.id} ${permit.oid}`
      const signature = known.get(key) ?? `${options.newId()}${options.newId()}`
      known.set(key, signature)
      permits.set(signature, permit)
      return `${options.storageUrl()}/objects/${permit.oid}?X-Amz-Expires=900&X-Amz-Signature=${signature}`
    },
  }
}
