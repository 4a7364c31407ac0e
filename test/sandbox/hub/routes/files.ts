import { Hono } from 'hono'
import { entryNotFound } from '../errors.ts'
import { byteRangeResponse } from '../git/byte-range.ts'
import { xetHash } from '../git/git-objects.ts'
import { type Commit, type Repository, resolveRevision } from '../git/repositories.ts'
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
        ...(!repository.withoutXet.has(oid) && xetHeaders(hub, { repository, commit, oid })),
        location: hub.lfs.sign({ method: 'GET', repository, oid, size }),
      },
    })
  }
  if (how === 'resolve') {
    const copy = ['api/resolve-cache', parts[0] === 'datasets' ? 'datasets' : 'models', namespace, name]
    const encoded = [commit.sha, ...rest].map(encodeURIComponent).join('/')
    const headers307 = { 'x-repo-commit': commit.sha, 'x-linked-etag': etag, etag }
    return new Response(null, {
      status: 307,
      headers: { ...headers307, location: `/${copy.join('/')}/${encoded}?etag=${encodeURIComponent(etag)}` },
    })
  }
  return contentOf(repository, { entry, path, c, headers })
}

/** By them a client that knows Xet reads the file there, and ignores where it is redirected to. */
function xetHeaders(
  hub: Hub,
  { repository, commit, oid }: { repository: Repository; commit: Commit; oid: string },
): Record<string, string> {
  const { url, storageUrl } = hub.address
  const hash = xetHash(oid)
  const token = `${url}/api/${repository.type}s/${repository.name}/xet-read-token/${commit.sha}`
  const reconstruction = `${storageUrl}/v1/reconstructions/${hash}`
  return {
    'x-xet-hash': hash,
    link: `<${token}>; rel="xet-auth", <${reconstruction}>; rel="xet-reconstruction-info"`,
  }
}

/** The Hub keeps copies of small files below its API. */
function cachedFile(hub: Hub, c: RouteContext): Response {
  const [, , type, namespace, name, rev = '', ...rest] = segments(c)
  const repository = requireRepository(hub, c, {
    type: type === 'datasets' ? 'dataset' : 'model',
    name: `${namespace}/${name}`,
  })
  const commit = resolveRevision(repository, rev)
  const path = rest.join('/')
  const entry = entryAt(commit.tree, path)
  if (entry?.type !== 'file') throw entryNotFound()
  const headers = { 'x-repo-commit': commit.sha, etag: `"${entry.oid}"` }
  return contentOf(repository, { entry, path, c, headers })
}

function contentOf(
  repository: Repository,
  {
    entry,
    path,
    c,
    headers,
  }: { entry: { oid: string }; path: string; c: RouteContext; headers: Record<string, string> },
): Response {
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
 * Downloads: `resolve` leads to the file, in the object store when it is in LFS, else to a copy below the API; `raw` what git itself holds.
 * https://huggingface.co/docs/hub/api
 */
export function fileRoutes(hub: Hub): Hono<RouteEnv> {
  const app = new Hono<RouteEnv>()
  app.get('/datasets/:namespace/:name/:how{resolve|raw}/:rev/*', (c) => file(hub, c))
  app.get('/api/resolve-cache/:type{datasets|models}/:namespace/:name/:rev/*', (c) => cachedFile(hub, c))
  app.get('/:namespace/:name/:how{resolve|raw}/:rev/*', (c) => file(hub, c))
  return app
}
