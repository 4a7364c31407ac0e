import { Hono } from 'hono'
import * as z from 'zod/mini'
import { badRequest, entryNotFound } from '../errors.ts'
import { xetHash } from '../git/git-objects.ts'
import type { Commit, Repository } from '../git/repositories.ts'
import { history, resolveRevision } from '../git/repositories.ts'
import type { ListedEntry } from '../git/trees.ts'
import { emptyTree, entryAt, listEntries } from '../git/trees.ts'
import type { Hub } from '../hub.ts'
import type { RouteContext, RouteEnv } from './request.ts'
import {
  intQuery,
  isSet,
  meansYes,
  parseJson,
  parseWith,
  REPOSITORY,
  repositoryOf,
  segments,
} from './request.ts'

/** Entries on a page, with and without `expand` (https://huggingface.co/docs/hub/api). */
const PAGE = 1000
const EXPANDED_PAGE = 100

const pathsInfo = z.object({
  paths: z.union([z.string(), z.array(z.string()).check(z.maxLength(2000))]),
  expand: z.optional(z.unknown()),
})

/** The newest commit, along the first parents, that made the path what it is. */
function lastCommit(repository: Repository, from: Commit, path: string) {
  const oid = entryAt(from.tree, path)?.oid
  let last = from
  for (const commit of history(repository, from)) {
    if (entryAt(commit.tree, path)?.oid !== oid) break
    last = commit
  }
  return { id: last.sha, title: last.title, date: last.date.toISOString() }
}

const unscanned = {
  status: 'unscanned',
  avScan: { status: 'unscanned', virusNames: null },
  pickleImportScan: { status: 'unscanned', pickleImports: [] },
}

function entryJson(
  entry: ListedEntry,
  options: { repository: Repository; commit: Commit; isExpanded: boolean },
): Record<string, unknown> {
  const { repository, commit, isExpanded } = options
  const { type, oid, path } = entry
  const lfs = entry.type === 'file' ? entry.lfs : undefined
  return {
    type,
    oid,
    size: entry.type === 'file' ? entry.size : 0,
    ...(lfs !== undefined && { lfs }),
    ...(lfs !== undefined && !repository.withoutXet.has(lfs.oid) && { xetHash: xetHash(lfs.oid) }),
    path,
    ...(isExpanded && {
      lastCommit: lastCommit(repository, commit, path),
      ...(type === 'file' && { securityFileStatus: unscanned }),
    }),
  }
}

const encodeCursor = (path: string) => Buffer.from(JSON.stringify({ path })).toString('base64url')

function decodeCursor(cursor: string): string {
  try {
    return z.object({ path: z.string() }).parse(JSON.parse(Buffer.from(cursor, 'base64url').toString())).path
  } catch {
    throw badRequest('Invalid cursor')
  }
}

function tree(hub: Hub, c: RouteContext): Response {
  const repository = repositoryOf(hub, c)
  const [, , , , , rev = '', ...rest] = segments(c)
  const commit = resolveRevision(repository, rev)
  const path = rest.filter((part) => part !== '').join('/')
  const directory = entryAt(commit.tree, path)
  if (directory?.type !== 'directory') throw entryNotFound(`${path} does not exist on "${rev}"`)

  const isExpanded = isSet(c, 'expand')
  const isRecursive = isSet(c, 'recursive')
  const most = isExpanded ? EXPANDED_PAGE : PAGE
  const limit = Math.min(most, intQuery(c, 'limit', { default: most, min: 1, max: Number.MAX_SAFE_INTEGER }))
  const cursor = c.req.query('cursor')
  const entries = listEntries(directory, {
    isRecursive,
    ...(cursor !== undefined && { after: decodeCursor(cursor) }),
  })

  const page: ListedEntry[] = []
  let isMore = false
  for (const entry of entries) {
    isMore = page.length === limit
    if (isMore) break
    page.push(entry)
  }
  const last = page.at(-1)
  if (isMore && last !== undefined) {
    const { pathname } = new URL(c.req.url)
    const query = new URLSearchParams({
      recursive: String(isRecursive),
      expand: String(isExpanded),
      limit: String(limit),
      cursor: encodeCursor(last.path),
    })
    c.header('link', `<${hub.address.url}${pathname}?${query}>; rel="next"`)
  }
  const prefix = path === '' ? '' : `${path}/`
  return c.json(
    page.map((entry) =>
      entryJson({ ...entry, path: `${prefix}${entry.path}` }, { repository, commit, isExpanded }),
    ),
  )
}

async function pathsInfoBody(c: RouteContext) {
  const isForm = /form-urlencoded/.test(c.req.header('content-type') ?? '')
  if (!isForm) return parseWith(pathsInfo, parseJson(await c.req.text()))
  const form = new URLSearchParams(await c.req.text())
  return parseWith(pathsInfo, { paths: form.getAll('paths'), expand: form.get('expand') ?? undefined })
}

/**
 * What a revision holds: `tree`, `treesize`, `paths-info`.
 * https://huggingface.co/docs/hub/api
 */
export function treeRoutes(hub: Hub): Hono<RouteEnv> {
  const app = new Hono<RouteEnv>()

  app.get(`${REPOSITORY}/tree/:rev`, (c) => tree(hub, c))
  app.get(`${REPOSITORY}/tree/:rev/*`, (c) => tree(hub, c))

  app.get(`${REPOSITORY}/treesize/:rev/*`, (c) => {
    const repository = repositoryOf(hub, c)
    const [, , , , , rev = '', ...rest] = segments(c)
    const path = rest.filter((part) => part !== '').join('/')
    const entry = entryAt(resolveRevision(repository, rev).tree, path)
    if (entry === undefined) throw entryNotFound()
    if (entry.type === 'file') return c.json({ path: `/${path}`, size: entry.size })
    let size = 0
    for (const listed of listEntries(entry, { isRecursive: true }))
      if (listed.type === 'file') size += listed.size
    return c.json({ path: `/${path}`, size })
  })

  app.post(`${REPOSITORY}/paths-info/:rev`, async (c) => {
    const repository = repositoryOf(hub, c)
    const commit = resolveRevision(repository, segments(c)[5] ?? '')
    const { paths, expand } = await pathsInfoBody(c)
    const isExpanded = meansYes(expand)
    const found = [paths].flat().flatMap((path): ListedEntry[] => {
      const entry = path === '' ? emptyTree : entryAt(commit.tree, path)
      if (entry === undefined || path === '') return []
      return [entry.type === 'file' ? { path, ...entry } : { path, type: 'directory', oid: entry.oid }]
    })
    return c.json(found.map((entry) => entryJson(entry, { repository, commit, isExpanded })))
  })
  return app
}
