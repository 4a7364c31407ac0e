import { Hono } from 'hono'
import * as z from 'zod/mini'
import { badRequest, revisionNotFound } from '../errors.ts'
import type { Hub } from '../hub.ts'
import type { RouteContext, RouteEnv } from '../routes/request.ts'
import { readBody, requireRepository, segments } from '../routes/request.ts'

const batchBody = z.object({
  operation: z.enum(['download', 'upload']),
  transfers: z.optional(z.array(z.string())),
  ref: z.optional(z.nullable(z.object({ name: z.string() }))),
  objects: z
    .array(z.object({ oid: z.string().check(z.regex(/^[0-9a-f]{64}$/)), size: z.int().check(z.minimum(0)) }))
    .check(z.maxLength(1000)),
})

const completeBody = z.object({
  oid: z.string(),
  parts: z.array(z.object({ partNumber: z.int().check(z.minimum(1)), etag: z.string() })),
})

const LFS_JSON = 'application/vnd.git-lfs+json'

/**
 * The answer never names `xet` as the transfer, whatever the client offers: @huggingface/hub then uploads plainly, and
 * huggingface_hub 2.x does not ask here at all unless `HF_HUB_DISABLE_XET` is set.
 * https://github.com/git-lfs/git-lfs/blob/main/docs/api/batch.md
 */
async function lfsBatch(hub: Hub, c: RouteContext): Promise<Response> {
  const parts = segments(c)
  const isDataset = parts[0] === 'datasets'
  const [namespace, git = ''] = isDataset ? parts.slice(1) : parts
  const repository = requireRepository(hub, c, {
    type: isDataset ? 'dataset' : 'model',
    name: `${namespace}/${git.replace(/\.git$/, '')}`,
  })
  const { operation, objects, ref, transfers } = await readBody(c, batchBody)
  const isUpload = operation === 'upload'
  if (isUpload) {
    const token = c.get('token')
    // Without a ref it may be for a pull request, which each token that may discuss may open.
    if (ref !== undefined || hub.access.canWrite(token, repository))
      hub.access.requireWrite(token, repository)
    else hub.access.requireDiscuss(token, repository)
    if (ref && !/^refs\/pr\//.test(ref.name) && !repository.refs.has(`refs/heads/${ref.name}`)) {
      throw revisionNotFound(ref.name)
    }
  }
  c.header('content-type', LFS_JSON)
  const mayBeInParts = transfers?.includes('multipart') === true
  const answers = objects.map(({ oid, size }) => {
    const isThere = repository.lfs.has(oid)
    if (isUpload && isThere) return { oid, size }
    if (!isUpload && !isThere) return { oid, size, error: { code: 404, message: 'Object does not exist' } }
    const object = { repository, oid, size }
    const actions = isUpload
      ? { upload: hub.lfs.uploadAction(object, { mayBeInParts }) }
      : { download: { href: hub.lfs.sign({ ...object, method: 'GET' }), header: {}, expires_in: 900 } }
    return { oid, size, authenticated: true, actions }
  })
  const isInParts = answers.some((answer) => 'chunk_size' in (answer.actions?.upload?.header ?? {}))
  return c.body(JSON.stringify({ transfer: isInParts ? 'multipart' : 'basic', objects: answers }))
}

/** The end of an upload in parts. Its address is signed: clients send no token. */
async function complete(hub: Hub, c: RouteContext): Promise<Response> {
  const request = await readBody(c, completeBody)
  try {
    hub.lfs.complete(c.req.query('uploadId') ?? '', request)
  } catch (error) {
    if (error instanceof RangeError) throw badRequest(error.message)
    throw error
  }
  return c.json({})
}

/**
 * What git-lfs asks the Hub: where contents go and come from, and that all parts of one are there.
 * https://github.com/git-lfs/git-lfs/blob/main/docs/api/batch.md
 */
export function lfsRoutes(hub: Hub): Hono<RouteEnv> {
  const app = new Hono<RouteEnv>()
  app.post('/datasets/:namespace/:git{.+\\.git}/info/lfs/objects/batch', (c) => lfsBatch(hub, c))
  app.post('/:namespace/:git{[^/]+\\.git}/info/lfs/objects/batch', (c) => lfsBatch(hub, c))
  app.post('/api/complete_multipart', (c) => complete(hub, c))
  return app
}
