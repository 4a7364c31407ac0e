import { Hono } from 'hono'
import * as z from 'zod/mini'
import { requireToken } from '../accounts/accounts.ts'
import { badRequest, entryNotFound, HubRefusal } from '../errors.ts'
import { checkRepositoryName } from '../git/repositories.ts'
import type { Hub } from '../hub.ts'
import type { RouteContext, RouteEnv } from '../routes/request.ts'
import { intQuery, meansYes, readBody, segments } from '../routes/request.ts'
import { xetConnection } from '../xet/routes.ts'
import { applyBatch } from './batch.ts'
import type { Bucket } from './buckets.ts'
import { filesBelow } from './buckets.ts'

const ONE = '/api/buckets/:namespace/:name'

const createBody = z.object({
  private: z.nullish(z.boolean()),
  visibility: z.optional(z.enum(['private', 'public'])),
  region: z.optional(z.enum(['us', 'eu'])),
})

const pathsBody = z.object({ paths: z.array(z.string()).check(z.maxLength(1000)) })

function nameIn(hub: Hub, c: RouteContext): string {
  const parts = segments(c)
  const [namespace = '', name = ''] = parts.slice(parts[0] === 'api' ? 2 : 1)
  const { user } = namespace === 'me' ? requireToken(c.get('token')) : { user: undefined }
  return `${hub.accounts.find(user?.name ?? namespace)?.name ?? namespace}/${name}`
}

function bucketOf(hub: Hub, c: RouteContext, access: 'read' | 'write'): Bucket {
  const bucket = hub.access.requireRead(c.get('token'), hub.buckets.find(nameIn(hub, c)))
  if (access === 'write') hub.access.requireWrite(c.get('token'), bucket)
  return bucket
}

async function create(hub: Hub, c: RouteContext): Promise<Response> {
  const [namespace = '', name = ''] = nameIn(hub, c).split('/')
  checkRepositoryName(name)
  const body = await readBody(c, createBody)
  const owner = hub.access.requireNamespace(requireToken(c.get('token')), namespace, 'create a bucket')
  const fullName = `${owner.name}/${name}`
  const url = `${hub.address.url}/buckets/${fullName}`
  const found = hub.buckets.find(fullName)
  if (found !== undefined) {
    throw new HubRefusal(409, 'You already created this bucket', { extra: { url, id: found.id } })
  }
  const isPrivate = body.private ?? body.visibility === 'private'
  const { id } = hub.buckets.create({ name: fullName, owner, private: isPrivate })
  return c.json({ url, name: fullName, id })
}

function infoJson({ name, files, createdAt, updatedAt, ...bucket }: Bucket) {
  const sizes = [...files.values()].map(({ content }) => content.byteLength)
  return {
    id: name,
    private: bucket.private,
    size: sizes.reduce((sum, size) => sum + size, 0),
    totalFiles: files.size,
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
    cdnRegions: [],
  }
}

function fileJson(path: string, file: ReturnType<typeof filesBelow>[number][1]) {
  const { content, xetHash, mtime, uploadedAt } = file
  return {
    type: 'file',
    path,
    size: content.byteLength,
    xetHash,
    ...(mtime !== undefined && { mtime: new Date(mtime).toISOString() }),
    uploadedAt: uploadedAt.toISOString(),
  }
}

function tree(hub: Hub, c: RouteContext): Response {
  const bucket = bucketOf(hub, c, 'read')
  const folder = segments(c).slice(5).join('/').replace(/\/+$/, '')
  const files = filesBelow(bucket, folder)
  const start = folder === '' ? 0 : folder.length + 1
  const isRecursive = meansYes(c.req.query('recursive') ?? true)
  const here = isRecursive ? files : files.filter(([path]) => !path.slice(start).includes('/'))
  const folders = new Map(
    files
      .filter(([path]) => !isRecursive && path.slice(start).includes('/'))
      .map(([path, { uploadedAt }]) => [path.slice(0, path.indexOf('/', start)), uploadedAt]),
  )
  const all = [
    ...[...folders].map(([path, at]) => ({ type: 'directory', path, uploadedAt: at.toISOString() })),
    ...here.map(([path, file]) => fileJson(path, file)),
  ]
  const limit = intQuery(c, 'limit', { default: 1000, min: 1, max: 5000 })
  const from = intQuery(c, 'cursor', { default: 0, min: 0, max: all.length })
  if (from + limit < all.length) {
    const url = new URL(c.req.url)
    url.searchParams.set('cursor', String(from + limit))
    c.header('link', `<${hub.address.url}${url.pathname}${url.search}>; rel="next"`)
  }
  return c.json(all.slice(from, from + limit))
}

async function pathsInfo(hub: Hub, c: RouteContext): Promise<Response> {
  const { files } = bucketOf(hub, c, 'read')
  const { paths } = await readBody(c, pathsBody)
  return c.json(
    paths.flatMap((path) => {
      const file = files.get(path)
      return file === undefined ? [] : [fileJson(path, file)]
    }),
  )
}

function download(hub: Hub, c: RouteContext): Response {
  const bucket = bucketOf(hub, c, 'read')
  const file = bucket.files.get(segments(c).slice(4).join('/'))
  if (file === undefined) throw entryNotFound()
  const { content, xetHash: hash } = file
  const size = content.byteLength
  const etag = `"${hash}"`
  const refreshUrl = `${hub.address.url}/api/buckets/${bucket.name}/xet-read-token`
  const reconstructionUrl = `${hub.address.storageUrl}/v1/reconstructions/${hash}`
  const headers = {
    'x-linked-size': String(size),
    'x-linked-etag': etag,
    'x-xet-hash': hash,
    link: `<${refreshUrl}>; rel="xet-auth", <${reconstructionUrl}>; rel="xet-reconstruction-info"`,
  }
  const type = 'application/vnd.xet-fileinfo+json'
  if (c.req.header('accept')?.includes(type)) {
    const info = JSON.stringify({ hash, size, etag, refreshUrl, reconstructionUrl })
    return new Response(info, { status: 200, headers: { ...headers, etag, 'content-type': type } })
  }
  return new Response(null, { status: 302, headers: { ...headers, location: hub.xet.sign(content) } })
}

async function batch(hub: Hub, c: RouteContext): Promise<Response> {
  const bucket = bucketOf(hub, c, 'write')
  if (!/x-ndjson/.test(c.req.header('content-type') ?? '')) {
    throw badRequest('The content type of a batch must be application/x-ndjson')
  }
  const result = applyBatch(hub, bucket, await c.req.text())
  return c.json(result, result.processed > 0 && result.succeeded === 0 ? 422 : 200)
}

/** Contents of a bucket are known by the hash that Xet gives them: it has no sha256. */
function xetToken(hub: Hub, c: RouteContext): Response {
  const access = segments(c)[4] === 'xet-write-token' ? 'write' : 'read'
  const { known, files } = bucketOf(hub, c, access)
  const place = {
    // What a Job wrote was never uploaded.
    find: (hash: string) =>
      known.get(hash) ?? [...files.values()].find(({ xetHash }) => xetHash === hash)?.content,
    keep: ({ hash }: { hash: string }, content: Uint8Array) => void known.set(hash, content),
  }
  return xetConnection(hub, c, { place, access })
}

/**
 * Buckets, as far as `hf jobs uv run` and `hf buckets` need them: not settings, moves, copies and lists of an account.
 * https://huggingface.co/docs/hub/storage-buckets
 */
export function bucketRoutes(hub: Hub): Hono<RouteEnv> {
  const app = new Hono<RouteEnv>()
  app.post(ONE, (c) => create(hub, c))
  app.get(ONE, (c) => c.json(infoJson(bucketOf(hub, c, 'read'))))
  app.delete(ONE, (c) => {
    const bucket = bucketOf(hub, c, 'write')
    hub.buckets.delete(bucket)
    return c.body(null, 204)
  })
  app.post(`${ONE}/batch`, (c) => batch(hub, c))
  app.get(`${ONE}/tree`, (c) => tree(hub, c))
  app.get(`${ONE}/tree/*`, (c) => tree(hub, c))
  app.post(`${ONE}/paths-info`, (c) => pathsInfo(hub, c))
  app.get(`${ONE}/:which{xet-(read|write)-token}`, (c) => xetToken(hub, c))
  app.get('/buckets/:namespace/:name/resolve/*', (c) => download(hub, c))
  return app
}
