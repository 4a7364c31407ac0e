import { Hono } from 'hono'
import { authorize } from './auth.ts'
import {
  addTag,
  type GitStore,
  gitStore,
  hasFileConflict,
  isValidRefName,
  objectType,
  type TagObject,
  tagSeenAt,
} from './git-store.ts'
import { invalidRequest, json, notFound, notJson, refusal } from './github-answers.ts'
import type { Repository } from './github-repositories.ts'
import { type GitHubState, readBody } from './github-state.ts'

const refsPage = '/git/refs'
const tagsPage = '/git/tags'

interface Found {
  repository: Repository
  store: GitStore
  /** The decoded rest of the path: a ref without `refs/`, or a sha. */
  rest: string
  /** Null for an empty body. */
  body: unknown
}

type Handler = (found: Found) => Response

/**
 * Creates the routes of tag objects and refs, with refusals in GitHub's order: authorisation, an empty repository, JSON,
 * schema, then git's own rules. The sentences are from https://github.com/PyGithub/PyGithub/blob/main/tests/Repository.py and
 * from issues of clients. https://docs.github.com/en/rest/git/refs and https://docs.github.com/en/rest/git/tags
 *
 * @returns the routes, to mount at `/`
 */
export function gitDataRoutes(state: GitHubState): Hono {
  const handle = (access: 'read' | 'write', page: string, handler: Handler) => async (c: { req: Req }) => {
    const name = `${c.req.param('owner')}/${c.req.param('repo')}`
    const found = authorize(state.repositories, c.req.raw, { name, permission: 'contents', access }, page)
    if ('refused' in found) return found.refused
    const { repository } = found
    if (repository.headSha === '') return refusal(409, 'Git Repository is empty.', page)
    const body = await readBody(c.req.raw)
    if (body === undefined) return notJson(page)
    // Handlers are synchronous, so that each is atomic.
    return handler({ repository, store: gitStore(repository), rest: restOf(c.req.raw.url), body })
  }
  const url = (repository: Repository) => `${state.serverUrl()}/repos/${repository.name}/git`
  return new Hono()
    .post(
      '/repos/:owner/:repo/git/tags',
      handle('write', tagsPage, (found) => createTag(found, url(found.repository), state.now())),
    )
    .get(
      '/repos/:owner/:repo/git/tags/:sha',
      handle('read', tagsPage, ({ store, rest, repository }) => {
        const tag = tagSeenAt(store, rest, state.replicas.seen('tag'))
        return tag === undefined ? notFound(tagsPage) : json(200, showTag(tag, url(repository)))
      }),
    )
    .post(
      '/repos/:owner/:repo/git/refs',
      handle('write', refsPage, (found) => createRef(found, url(found.repository))),
    )
    .get(
      '/repos/:owner/:repo/git/ref/*',
      handle('read', refsPage, ({ store, rest, repository }) => {
        const ref = `refs/${rest}`
        const sha = store.refs.at(state.replicas.seen('get')).get(ref)
        return sha === undefined
          ? notFound(`${refsPage}#get-a-reference`)
          : json(200, showRef(store, { ref, sha }, url(repository)))
      }),
    )
    .get(
      '/repos/:owner/:repo/git/matching-refs/*',
      handle('read', refsPage, ({ store, rest, repository }) => {
        const found = [...store.refs.at(state.replicas.seen('list'))]
          .filter(([ref]) => ref.startsWith(`refs/${rest}`))
          .sort(([one], [other]) => (one < other ? -1 : 1))
        // Whole, whatever `per_page` says. https://github.com/google/go-github/issues/1567
        return json(
          200,
          found.map(([ref, sha]) => showRef(store, { ref, sha }, url(repository))),
        )
      }),
    )
    .patch(
      '/repos/:owner/:repo/git/refs/*',
      handle('write', refsPage, (found) => updateRef(found, url(found.repository))),
    )
    .delete('/repos/:owner/:repo/git/refs/*', handle('write', refsPage, deleteRef))
}

interface Req {
  raw: Request
  param(name: string): string | undefined
}

function restOf(url: string): string {
  return decodeURIComponent(new URL(url).pathname.split('/').slice(6).join('/'))
}

function createTag({ store, body }: Found, url: string, now: number): Response {
  const problem = fieldProblem(body, { tag: 'string', message: 'string', object: 'string', type: 'string' })
  if (problem !== undefined) return invalidRequest(problem, tagsPage)
  const { tag, message, object, type } = body as Omit<TagObject, 'object'> & { object: string; type: string }
  if (!['commit', 'tree', 'blob'].includes(type)) {
    return invalidRequest(`For 'properties/type', "${type}" is not one of commit, tree, blob.`, tagsPage)
  }
  if (!isSha(object)) return badSha('object', tagsPage)
  if (!isValidRefName(`refs/tags/${tag}`)) return refusal(422, `"${tag}" is not a valid tag name.`, tagsPage)
  if (objectType(store, object) !== type) return refusal(422, 'Object does not exist', tagsPage)
  const made = addTag(store, { tag, message, object: { type, sha: object } }, now)
  return json(201, showTag(made, url))
}

function createRef({ store, body }: Found, url: string): Response {
  const page = `${refsPage}#create-a-reference`
  const problem = fieldProblem(body, { ref: 'string', sha: 'string' })
  if (problem !== undefined) return invalidRequest(problem, page)
  const { ref = '', sha = '' } = body as Record<string, string>
  if (!isSha(sha)) return badSha('sha', page)
  if (!ref.startsWith('refs/')) return refusal(422, "Reference name must start with 'refs/'.", page)
  if (!/^refs\/[^/]+\/[^/]/.test(ref)) {
    return refusal(422, 'Reference name must contain at least three slash-separated components.', page)
  }
  if (!isValidRefName(ref)) return refusal(422, `${ref} is not a valid ref name.`, page)
  if (objectType(store, sha) === undefined) return refusal(422, 'Object does not exist', page)
  if (store.refs.has(ref)) return refusal(422, 'Reference already exists', page)
  if (hasFileConflict(store, ref)) return refusal(422, 'Reference update failed', page)
  store.refs.set(ref, sha)
  return json(201, showRef(store, { ref, sha }, url))
}

function updateRef({ store, body, rest }: Found, url: string): Response {
  const page = `${refsPage}#update-a-reference`
  const problem = fieldProblem(body, { sha: 'string' }, { force: 'boolean' })
  if (problem !== undefined) return invalidRequest(problem, page)
  const { sha, force = false } = body as { sha: string; force?: boolean }
  const ref = `refs/${rest}`
  if (!isSha(sha)) return badSha('sha', page)
  if (objectType(store, sha) === undefined) return refusal(422, 'Object does not exist', page)
  const held = store.refs.get(ref)
  if (held === undefined) return refusal(422, 'Reference does not exist', page)
  // The sandbox has no history: only the same object is a fast forward.
  if (!force && held !== sha) return refusal(422, 'Update is not a fast forward', page)
  store.refs.set(ref, sha)
  return json(200, showRef(store, { ref, sha }, url))
}

function deleteRef({ store, rest, repository }: Found): Response {
  const page = `${refsPage}#delete-a-reference`
  if (!store.refs.has(`refs/${rest}`)) return refusal(422, 'Reference does not exist', page)
  if (rest === `heads/${repository.defaultBranch}`) {
    return refusal(422, 'Cannot delete the default branch', page)
  }
  store.refs.delete(`refs/${rest}`)
  return new Response(null, { status: 204 })
}

function showRef(store: GitStore, { ref, sha }: { ref: string; sha: string }, url: string) {
  const type = objectType(store, sha)
  return {
    ref,
    node_id: Buffer.from(ref).toString('base64url'),
    url: `${url}/${ref}`,
    object: { sha, type, url: `${url}/${type === 'tag' ? 'tags' : 'commits'}/${sha}` },
  }
}

function showTag(tag: TagObject, url: string) {
  const { sha, object } = tag
  return {
    node_id: Buffer.from(sha).toString('base64url'),
    ...tag,
    url: `${url}/tags/${sha}`,
    object: { ...object, url: `${url}/${object.type}s/${object.sha}` },
    verification: { verified: false, reason: 'unsigned', signature: null, payload: null, verified_at: null },
  }
}

function isSha(text: string): boolean {
  return /^[0-9a-f]{40}$/.test(text)
}

function badSha(field: string, page: string): Response {
  return refusal(422, `The ${field} parameter must be exactly 40 characters and contain only [0-9a-f].`, page)
}

/** Returns the first schema error of a body, in GitHub's words. */
function fieldProblem(
  body: unknown,
  required: Record<string, string>,
  optional: Record<string, string> = {},
): string | undefined {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    return `For 'links/0/schema', ${body === null ? 'nil' : JSON.stringify(body)} is not an object.`
  }
  const fields = new Map(Object.entries(body))
  const missing = Object.keys(required).filter((name) => !fields.has(name))
  if (missing.length > 0) {
    const names = missing.map((name) => `"${name}"`).join(', ')
    return `${names} ${missing.length === 1 ? "wasn't" : "weren't"} supplied.`
  }
  for (const [name, type] of Object.entries({ ...required, ...optional })) {
    const value = fields.get(name)
    if (fields.has(name) && typeof value !== type) {
      return `For 'properties/${name}', ${value === null ? 'nil' : JSON.stringify(value)} is not a ${type}.`
    }
  }
  return undefined
}
