import { Hono } from 'hono'
import * as z from 'zod/mini'
import { cardErrors } from '../cards/card-errors.ts'
import { badRequest } from '../errors.ts'
import { commitTo } from '../git/changes.ts'
import { gitAttributesOf, isBinary, type Operation, REGULAR_FILE_LIMIT } from '../git/commits.ts'
import { lfsRule } from '../git/git-attributes.ts'
import { xetHash } from '../git/git-objects.ts'
import { openPullRequest } from '../git/pull-requests.ts'
import type { Repository } from '../git/repositories.ts'
import { resolveRevision } from '../git/repositories.ts'
import { entryAt } from '../git/trees.ts'
import type { Hub } from '../hub.ts'
import { webUrl } from '../webhooks/webhook-payload.ts'
import { parseCommitLines } from './commit-lines.ts'
import type { RouteContext, RouteEnv } from './request.ts'
import { isSet, REPOSITORY, readBody, repositoryOf, requireRepository, segments } from './request.ts'

const preuploadBody = z.object({
  files: z
    .array(z.object({ path: z.string(), size: z.number(), sample: z.string() }))
    .check(z.maxLength(1000)),
  gitAttributes: z.optional(z.string()),
})

const duplicateBody = z.object({
  target: z.object({ type: z.enum(['model', 'dataset']), name: z.string() }),
  files: z
    .array(
      z.object({
        xetHash: z.string().check(z.regex(/^[0-9a-f]{64}$/)),
        sha256: z.string().check(z.regex(/^[0-9a-f]{64}$/)),
        filename: z.optional(z.string().check(z.maxLength(1000))),
      }),
    )
    .check(z.minLength(1), z.maxLength(1000)),
})

/** A commit goes to a branch or to a pull request, never to a tag or a commit. */
function branchRef(repository: Repository, rev: string): string {
  const ref = [rev, `refs/heads/${rev}`].find(
    (name) => /^refs\/(heads|pr)\//.test(name) && repository.refs.has(name),
  )
  if (ref === undefined) {
    resolveRevision(repository, rev)
    throw badRequest(`${rev} is not a branch`)
  }
  return ref
}

async function preupload(hub: Hub, c: RouteContext): Promise<Response> {
  const repository = repositoryOf(hub, c)
  const token = c.get('token')
  if (isSet(c, 'create_pr')) hub.access.requireDiscuss(token, repository)
  else hub.access.requireWrite(token, repository)
  const commit = resolveRevision(repository, segments(c)[5] ?? '')
  const { files, gitAttributes } = await readBody(c, preuploadBody)
  const isLfs = lfsRule(gitAttributes ?? gitAttributesOf(repository, commit.tree))
  return c.json({
    commitOid: commit.sha,
    files: files.map(({ path, size, sample }) => {
      const isLarge = size > REGULAR_FILE_LIMIT || isBinary(Buffer.from(sample, 'base64'))
      const entry = entryAt(commit.tree, path)
      return {
        path,
        uploadMode: isLarge || isLfs(path) ? 'lfs' : 'regular',
        shouldIgnore: false,
        ...(entry?.type === 'file' && { oid: entry.lfs?.oid ?? entry.oid }),
      }
    }),
  })
}

/**
 * The Hub takes no card with metadata that it cannot read.
 * https://github.com/huggingface/huggingface_hub/issues/1950
 */
function checkCard({ type }: Repository, operations: readonly Operation[]): void {
  const card = operations.find(({ path }) => path === 'README.md')
  if (card?.key !== 'file') return
  const [error] = cardErrors(new TextDecoder().decode(card.content), type).errors
  if (error !== undefined) throw badRequest(`Invalid YAML in README.md: ${error}`)
}

async function commit(hub: Hub, c: RouteContext): Promise<Response> {
  const repository = repositoryOf(hub, c)
  const rev = segments(c)[5] ?? ''
  const isPullRequest = isSet(c, 'create_pr')
  const { user } = isPullRequest
    ? hub.access.requireDiscuss(c.get('token'), repository)
    : hub.access.requireWrite(c.get('token'), repository)
  if (!/x-ndjson/.test(c.req.header('content-type') ?? '')) {
    throw badRequest('The content type of a commit must be application/x-ndjson')
  }
  const { title, description, parentCommit, operations } = parseCommitLines(await c.req.text())
  checkCard(repository, operations)
  const web = webUrl(hub.address.url, repository)
  if (isPullRequest) {
    const base = resolveRevision(repository, parentCommit ?? rev)
    const opened = openPullRequest(hub, repository, {
      title,
      description,
      author: user,
      base,
      status: 'open',
      operations,
    })
    return c.json({
      success: true,
      commitOid: opened.commit.sha,
      commitUrl: `${web}/commit/${opened.commit.sha}`,
      hookOutput: '',
      pullRequestUrl: `${web}/discussions/${opened.discussion.num}`,
    })
  }
  const made = commitTo(hub, repository, {
    ref: branchRef(repository, rev),
    title,
    description,
    author: user,
    operations,
    ...(parentCommit !== undefined && { parentCommit }),
  })
  return c.json({
    success: true,
    commitOid: made.sha,
    commitUrl: `${web}/commit/${made.sha}`,
    hookOutput: '',
  })
}

/**
 * Makes LFS contents of one repository known to another, without any bytes passing through the client; a commit has
 * to follow. A file that cannot be copied is named in an answer that is a success all the same: 207.
 */
async function duplicate(hub: Hub, c: RouteContext): Promise<Response> {
  const source = repositoryOf(hub, c)
  const { target: named, files } = await readBody(c, duplicateBody)
  const target = requireRepository(hub, c, named)
  hub.access.requireWrite(c.get('token'), target)
  // The Hub's words for it are not documented.
  if (source.region !== target.region) {
    throw badRequest('Files can only be duplicated between repositories in the same storage region')
  }
  const failed = files.flatMap((file) => {
    const content = source.lfs.get(file.sha256)
    const isKnown = !source.withoutXet.has(file.sha256) && file.xetHash === xetHash(file.sha256)
    const fail = (error: string) => [{ xetHash: file.xetHash, sha256: file.sha256, error }]
    if (content === undefined || !isKnown) return fail('File not found in the source repository')
    if (source.uncopyable.has(file.sha256)) return fail('Internal error while duplicating the file')
    target.lfs.set(file.sha256, content)
    target.withoutXet.delete(file.sha256)
    return []
  })
  const counts = { processed: files.length, succeeded: files.length - failed.length }
  return c.json({ success: failed.length === 0, ...counts, failed }, failed.length === 0 ? 200 : 207)
}

/**
 * Uploads: `preupload`, copies on the server, `commit`.
 * https://github.com/huggingface/huggingface.js/blob/main/packages/hub/src/lib/commit.ts calls the first and the last.
 */
export function uploadRoutes(hub: Hub): Hono<RouteEnv> {
  const app = new Hono<RouteEnv>()
  app.post(`${REPOSITORY}/preupload/:rev`, (c) => preupload(hub, c))
  app.post(`${REPOSITORY}/lfs-files/duplicate`, (c) => duplicate(hub, c))
  app.post(`${REPOSITORY}/commit/:rev`, (c) => commit(hub, c))
  return app
}
