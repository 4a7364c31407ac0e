import { Hono } from 'hono'
import { entryNotFound } from '../errors.ts'
import { byteRangeResponse } from '../git/byte-range.ts'
import { resolveRevision } from '../git/repositories.ts'
import { entryAt } from '../git/trees.ts'
import type { Hub } from '../hub.ts'
import type { RouteContext, RouteEnv } from './request.ts'
import { requireRepository, segments } from './request.ts'

function file(hub: Hub, c: RouteContext): Response {
  const parts = segments(c)
  const isDataset = parts[0] === 'datasets'
  const [namespace, name, how, rev = '', ...rest] = isDataset ? parts.slice(1) : parts
  const repository = requireRepository(hub, c, {
    type: isDataset ? 'dataset' : 'model',
    name: `${namespace}/${name}`,
  })
  const commit = resolveRevision(repository, rev)
  const path = rest.join('/')
  const entry = path === '' ? undefined : entryAt(commit.tree, path)
  if (entry?.type !== 'file') throw entryNotFound()

  const isPointer = how === 'resolve' && entry.lfs !== undefined
  const etag = `"${isPointer ? entry.lfs?.oid : entry.oid}"`
  const headers = { 'x-repo-commit': commit.sha, etag }
  if (c.req.header('if-none-match') === etag) return new Response(null, { status: 304, headers })
  if (isPointer && entry.lfs !== undefined) {
    const { oid, size } = entry.lfs
    return new Response(null, {
      status: 302,
      headers: {
        'x-repo-commit': commit.sha,
        'x-linked-etag': etag,
        'x-linked-size': String(size),
        'accept-ranges': 'bytes',
        location: hub.lfs.sign({ method: 'GET', repository, oid, size }),
      },
    })
  }
  const content = repository.blobs.get(entry.oid) ?? new Uint8Array()
  const baseName = encodeURIComponent(path.split('/').at(-1) ?? path)
  return byteRangeResponse({
    content,
    range: c.req.header('range'),
    headers: {
      ...headers,
      'content-type': 'text/plain; charset=utf-8',
      'content-disposition': `inline; filename*=UTF-8''${baseName}`,
    },
  })
}

/**
 * Downloads: `resolve` gives the file, from the object store when it is in LFS; `raw` what git itself holds.
 * https://huggingface.co/docs/hub/api
 */
export function fileRoutes(hub: Hub): Hono<RouteEnv> {
  const app = new Hono<RouteEnv>()
  app.get('/datasets/:namespace/:name/:how{resolve|raw}/:rev/*', (c) => file(hub, c))
  app.get('/:namespace/:name/:how{resolve|raw}/:rev/*', (c) => file(hub, c))
  return app
}
