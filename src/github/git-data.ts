import type { getOctokit } from '@actions/github'
import * as z from 'zod/mini'
import { revisionPattern } from '../domain/revision.ts'
import { userAgent } from '../http/api.ts'
import type { Clock } from '../http/clock.ts'
import type { DebugHttp } from '../http/debug-line.ts'
import { HttpError } from '../http/errors.ts'
import { nextLink } from '../http/headers/link-header.ts'
import { explainGitRefusal } from './git-refusals.ts'
import { createGitHubFetch } from './octokit-fetch.ts'

/** Refs and annotated tag objects of one repository. https://docs.github.com/en/rest/git */
export interface GitData {
  /** All refs with a prefix, mapped to the object that each points to. */
  listRefs(prefix: string): Promise<Map<string, string>>
  /** The object that a ref points to; null when the ref does not exist. */
  readRef(ref: string): Promise<string | null>
  /** Creates a ref. @throws RefExists when it exists already */
  createRef(ref: string, sha: string): Promise<void>
  /** Points a ref to another object, without a check of the current one. */
  updateRef(ref: string, sha: string): Promise<void>
  deleteRef(ref: string): Promise<void>
  /** Creates a tag object without a ref and returns its sha. */
  createTag(options: { tag: string; message: string }): Promise<string>
  /** The message of a tag object; null when it does not exist. */
  readTag(sha: string): Promise<string | null>
  /** The messages of many tag objects in one request; missing objects are left out. */
  readTags(shas: readonly string[]): Promise<Map<string, string>>
  /** Calls that are left in this hour for the whole repository, as the last answer said; null before the first. */
  callsLeft(): number | null
  /** Tags and changes of refs that are left in this hour, by this process's own count: GitHub does not tell it. */
  creationsLeft(): number
}

/** A ref that was to be created exists: another workflow run was first, or an earlier try of our own. */
export class RefExists extends Error {
  override readonly name = 'RefExists'

  constructor(ref: string, options: { cause: unknown }) {
    super(`${ref} exists already`, options)
  }
}

/** GitHub lists matching refs on one page; ends a list that does not end. */
const maxPages = 100

const hourMs = 3_600_000

/** https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits */
const maxCreationsPerHour = 500

const sha = z.string().check(z.regex(revisionPattern))
const refSchema = z.object({ ref: z.string(), object: z.object({ sha }) })
const tagSchema = z.object({ sha, message: z.string() })
const graphqlSchema = z.object({
  repository: z.record(z.string(), z.nullable(z.object({ message: z.optional(z.string()) }))),
})

type Octokit = ReturnType<typeof getOctokit>
type Send = (octokit: Octokit) => Promise<{ data: unknown }>

/**
 * Binds a repository, its API and the token together.
 *
 * Each function throws `Refused` with what to fix in the workflow, `HttpError` or `NoAnswerError`.
 *
 * @param options.repository `owner/name`
 * @param options.apiUrl `GITHUB_API_URL`, without a trailing slash
 * @param options.commit the commit that tag objects point to
 * @param options.debug receives one line for each try of a request
 */
export function createGitData(options: {
  repository: string
  apiUrl: string
  token: string
  commit: string
  platformFetch: typeof fetch
  clock: Clock
  debug?: DebugHttp | undefined
}): GitData {
  const { repository, commit, clock } = options
  const [owner = '', repo = ''] = repository.split('/')
  const target = { owner, repo }
  let left: number | null = null
  const creations: number[] = []
  const countCreation = () => void creations.push(clock.now())
  const onCallsLeft = (count: number) => {
    left = count
  }
  const open = octokitOnDemand({ ...options, onCallsLeft })

  async function call<T>(action: string, send: Send, answer: z.ZodMiniType<T>): Promise<T> {
    let data: unknown
    try {
      data = (await send(await open())).data
    } catch (error) {
      throw explainGitRefusal(unwrap(error), { repository, action })
    }
    const result = answer.safeParse(data)
    if (result.success) return result.data
    throw new Error(
      `GitHub gave an unexpected answer about the ledger in ${repository}: run the workflow again later`,
    )
  }

  return {
    callsLeft: () => left,
    creationsLeft: () => maxCreationsPerHour - creations.filter((at) => at > clock.now() - hourMs).length,
    async listRefs(prefix) {
      const list: Send = async (octokit) => {
        const first = await octokit.rest.git.listMatchingRefs({ ...target, ref: withoutRefs(prefix) })
        return { data: await allPages(octokit, first) }
      }
      const found = await call(`list ${prefix}*`, list, z.array(refSchema))
      return new Map(found.map(({ ref, object }) => [ref, object.sha]))
    },
    async readRef(ref) {
      const read = orNull(({ rest }) => rest.git.getRef({ ...target, ref: withoutRefs(ref) }))
      return (await call(`read ${ref}`, read, z.nullable(refSchema)))?.object.sha ?? null
    },
    async createRef(ref, object) {
      countCreation()
      const create: Send = ({ rest }) => rest.git.createRef({ ...target, ref, sha: object })
      await call(`create ${ref}`, create, refSchema).catch((error: unknown) => {
        throw saysThatItExists(error) ? new RefExists(ref, { cause: error }) : error
      })
    },
    async updateRef(ref, object) {
      countCreation()
      const update: Send = ({ rest }) =>
        rest.git.updateRef({ ...target, ref: withoutRefs(ref), sha: object, force: true })
      await call(`update ${ref}`, update, refSchema)
    },
    async deleteRef(ref) {
      countCreation()
      const remove: Send = ({ rest }) => rest.git.deleteRef({ ...target, ref: withoutRefs(ref) })
      await call(`delete ${ref}`, remove, z.unknown())
    },
    async createTag({ tag, message }) {
      countCreation()
      const create: Send = ({ rest }) =>
        rest.git.createTag({ ...target, tag, message, object: commit, type: 'commit' })
      return (await call(`write the record of refs/${tag}`, create, tagSchema)).sha
    },
    async readTag(object) {
      const read = orNull(({ rest }) => rest.git.getTag({ ...target, tag_sha: object }))
      return (await call('read a record', read, z.nullable(tagSchema)))?.message ?? null
    },
    async readTags(shas) {
      const query: Send = async ({ graphql }) => ({ data: await graphql(tagsQuery(shas), target) })
      const { repository: found } = await call('read the records', query, graphqlSchema)
      return new Map(
        shas.flatMap((object, index) => {
          const message = found[`o${index}`]?.message
          return message === undefined ? [] : [[object, message]]
        }),
      )
    },
  }
}

/**
 * Creates octokit at the first call. When it is loaded, @actions/github reads the variables of a proxy, and throws for
 * a malformed one; by the first call they have been checked.
 */
function octokitOnDemand(options: {
  apiUrl: string
  token: string
  platformFetch: typeof fetch
  clock: Clock
  onCallsLeft: (count: number) => void
  debug?: DebugHttp | undefined
}): () => Promise<Octokit> {
  const { apiUrl: baseUrl, token } = options
  const request = { fetch: createGitHubFetch(options) }
  let octokit: Promise<Octokit> | undefined
  return () => {
    octokit ??= import('@actions/github').then(({ getOctokit }) =>
      getOctokit(token, { baseUrl, userAgent, request }),
    )
    return octokit
  }
}

/** https://docs.github.com/en/graphql/reference/objects#repository (`object`) */
function tagsQuery(shas: readonly string[]): string {
  const objects = shas.map(
    (object, index) => `o${index}: object(oid: "${object}") { ... on Tag { message } }`,
  )
  return `query($owner: String!, $repo: String!) {
  repository(owner: $owner, name: $repo) {
    ${objects.join('\n    ')}
  }
}`
}

/** Every endpoint except the creation of a ref takes the name without `refs/`. */
function withoutRefs(ref: string): string {
  return ref.replace(/^refs\//, '')
}

function orNull(send: Send): Send {
  return async (octokit) => {
    try {
      return await send(octokit)
    } catch (error) {
      const cause = unwrap(error)
      if (cause instanceof HttpError && cause.status === 404) return { data: null }
      throw error
    }
  }
}

/** Follows the pages of a list; each is asked of the configured API, whatever the answers name. */
async function allPages(
  octokit: Octokit,
  first: { data: unknown; headers: { link?: string | undefined } },
): Promise<unknown> {
  const items: unknown[] = []
  let page = first
  for (let count = 1; ; count += 1) {
    if (!Array.isArray(page.data)) return page.data
    items.push(...page.data)
    const next = nextLink(page.headers.link ?? null)
    if (next === null) return items
    if (count === maxPages)
      throw new Error(`GitHub's list of refs does not end: it has more than ${maxPages} pages.`)
    page = await octokit.request({ method: 'GET', url: next })
  }
}

/** What GitHub says of a ref that exists. https://docs.github.com/en/rest/git/refs#create-a-reference */
function saysThatItExists(error: unknown): boolean {
  return error instanceof HttpError && error.status === 422 && /already exists/i.test(error.words ?? '')
}

/** Octokit wraps errors of its `fetch` in an error of its own, with a made-up status. */
function unwrap(error: unknown): unknown {
  return error instanceof Error && 'request' in error && error.cause !== undefined ? error.cause : error
}
