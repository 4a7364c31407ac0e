import { Hono } from 'hono'
import { parse } from 'yaml'
import { badRequest } from '../errors.ts'
import type { Commit, Repository } from '../git/repositories.ts'
import { history, MAIN, resolveRevision } from '../git/repositories.ts'
import { entryAt, filesBelow, listEntries } from '../git/trees.ts'
import type { Hub } from '../hub.ts'
import type { RouteContext, RouteEnv } from './request.ts'
import { intQuery, isSet, REPOSITORY, repositoryOf, segments } from './request.ts'

const BOTH = [
  ...['author', 'cardData', 'createdAt', 'disabled', 'downloads', 'downloadsAllTime', 'gated', 'gitalyUid'],
  ...['lastModified', 'likes', 'private', 'resourceGroup', 'sha', 'siblings', 'tags', 'trendingScore'],
  ...['usedStorage', 'xetEnabled'],
]

/** What `expand` may name, by kind of repository. */
const EXPANDABLE = {
  dataset: new Set([...BOTH, 'citation', 'description', 'paperswithcode_id', 'mainSize']),
  model: new Set([
    ...BOTH,
    ...['config', 'inferenceProviderMapping', 'library_name', 'model-index', 'pipeline_tag', 'safetensors'],
    ...['spaces', 'transformersInfo', 'mask_token', 'widgetData', 'baseModels', 'childrenModelCount'],
  ]),
}

/** The card's metadata: YAML between `---` lines at the top; blank lines may come before it. */
function cardData(repository: Repository, commit: Commit): Record<string, unknown> | undefined {
  const entry = entryAt(commit.tree, 'README.md')
  const content = entry?.type === 'file' ? repository.blobs.get(entry.oid) : undefined
  const block = /^\s*---\r?\n([\s\S]*?)\r?\n---\s*(\r?\n|$)/.exec(
    new TextDecoder().decode(content ?? new Uint8Array()),
  )
  if (block === null) return undefined
  try {
    const data: unknown = parse(block[1] ?? '')
    return typeof data === 'object' && data !== null ? { ...data } : undefined
  } catch {
    return undefined
  }
}

/** What the Hub shows of a model's config.json. */
function configOf(repository: Repository, commit: Commit): { config: Record<string, unknown> } | null {
  const entry = entryAt(commit.tree, 'config.json')
  const content = entry?.type === 'file' ? repository.blobs.get(entry.oid) : undefined
  if (content === undefined) return null
  try {
    const { architectures, model_type, auto_map }: Record<string, unknown> = JSON.parse(
      new TextDecoder().decode(content),
    )
    return { config: { architectures, model_type, auto_map } }
  } catch {
    return null
  }
}

function usedStorage(repository: Repository): number {
  return [...repository.lfs.values()].reduce((sum, content) => sum + content.byteLength, 0)
}

/** The files of a revision; with `blobs=true` also their sizes and ids, as huggingface_hub's `files_metadata` asks. */
function siblings(commit: Commit, { withBlobs }: { withBlobs: boolean }) {
  if (!withBlobs) return [...filesBelow(commit.tree)].map((rfilename) => ({ rfilename }))
  return [...listEntries(commit.tree, { isRecursive: true })].flatMap((entry) => {
    if (entry.type === 'directory') return []
    const { path: rfilename, oid: blobId, size, lfs } = entry
    const stored = lfs && { sha256: lfs.oid, size: lfs.size, pointerSize: lfs.pointerSize }
    return [{ rfilename, blobId, size, ...(stored !== undefined && { lfs: stored }) }]
  })
}

function fields(repository: Repository, commit: Commit, options: { withBlobs: boolean }) {
  const card = cardData(repository, commit)
  const tags = [card?.tags ?? []].flat()
  const lazily = {
    siblings: () => siblings(commit, options),
    usedStorage: () => usedStorage(repository),
  }
  const values: Record<string, unknown> = {
    author: repository.owner.name,
    sha: commit.sha,
    lastModified: resolveRevision(repository, MAIN).date.toISOString(),
    createdAt: repository.createdAt.toISOString(),
    private: repository.private,
    gated: repository.admitted === null ? false : 'manual',
    disabled: false,
    downloads: 0,
    downloadsAllTime: 0,
    likes: 0,
    tags,
    ...(card !== undefined && { cardData: card }),
    ...(repository.type === 'model' && {
      ...(configOf(repository, commit) ?? {}),
      ...(card?.pipeline_tag !== undefined && { pipeline_tag: card.pipeline_tag }),
      ...(card?.library_name !== undefined && { library_name: card.library_name }),
      spaces: [],
    }),
  }
  return { values, lazily }
}

function info(c: RouteContext, repository: Repository, commit: Commit): Response {
  const { values, lazily } = fields(repository, commit, { withBlobs: isSet(c, 'blobs') })
  const identity = {
    _id: repository.id,
    id: repository.name,
    ...(repository.type === 'model' && { modelId: repository.name }),
  }
  const expand = [...(c.req.queries('expand') ?? []), ...(c.req.queries('expand[]') ?? [])]
  const unknown = expand.filter((key) => !EXPANDABLE[repository.type].has(key))
  if (unknown.length > 0) throw badRequest(`Invalid option for expand: ${unknown.join(', ')}`)
  if (expand.length === 0) {
    const all = Object.entries(lazily).map(([key, value]) => [key, value()])
    return c.json({ ...identity, ...values, ...Object.fromEntries(all) })
  }
  const picked = expand.map((key) => [
    key,
    key in lazily ? lazily[key as keyof typeof lazily]() : values[key],
  ])
  return c.json({ ...identity, ...Object.fromEntries(picked.filter(([, value]) => value !== undefined)) })
}

function commits(hub: Hub, c: RouteContext): Response {
  const repository = repositoryOf(hub, c)
  const rev = segments(c)[5] ?? ''
  const limit = intQuery(c, 'limit', { default: 50, min: 1, max: 1000 })
  const p = intQuery(c, 'p', { default: 0, min: 0, max: Number.MAX_SAFE_INTEGER })
  const isFormatted =
    c.req.queries('expand[]')?.includes('formatted') ?? c.req.query('expand') === 'formatted'
  const all = [...history(repository, resolveRevision(repository, rev))]
  c.header('x-total-count', String(all.length))
  if ((p + 1) * limit < all.length) {
    const query = new URLSearchParams({ ...c.req.query(), p: String(p + 1), limit: String(limit) })
    c.header('link', `<${hub.address.url}${new URL(c.req.url).pathname}?${query}>; rel="next"`)
  }
  return c.json(
    all.slice(p * limit, (p + 1) * limit).map((commit) => ({
      id: commit.sha,
      title: commit.title,
      message: commit.description,
      authors: [{ user: commit.author.name, avatar: `${hub.address.url}/avatars/${commit.author.id}.svg` }],
      date: commit.date.toISOString(),
      ...(isFormatted && { formatted: { title: commit.title, message: commit.description } }),
    })),
  )
}

function refs(c: RouteContext, repository: Repository): Response {
  const all = [...repository.refs].map(([ref, targetCommit]) => ({ ref, targetCommit }))
  const below = (prefix: string) =>
    all
      .filter(({ ref }) => ref.startsWith(prefix))
      .map(({ ref, targetCommit }) => ({ name: ref.slice(prefix.length), ref, targetCommit }))
  return c.json({
    branches: below('refs/heads/'),
    tags: below('refs/tags/'),
    converts: below('refs/convert/'),
    ...(isSet(c, 'include_prs') && { pullRequests: below('refs/pr/') }),
  })
}

/**
 * What a repository is: info, `revision`, `commits`, `refs`.
 * https://huggingface.co/docs/hub/api
 */
export function infoRoutes(hub: Hub): Hono<RouteEnv> {
  const app = new Hono<RouteEnv>()
  app.get(REPOSITORY, (c) => {
    const repository = repositoryOf(hub, c)
    return info(c, repository, resolveRevision(repository, MAIN))
  })
  app.get(`${REPOSITORY}/revision/:rev`, (c) => {
    const repository = repositoryOf(hub, c)
    return info(c, repository, resolveRevision(repository, segments(c)[5] ?? ''))
  })
  app.get(`${REPOSITORY}/commits/:rev`, (c) => commits(hub, c))
  app.get(`${REPOSITORY}/refs`, (c) => refs(c, repositoryOf(hub, c)))
  return app
}
