import type { getOctokit } from '@actions/github'
import * as z from 'zod/mini'
import { revisionPattern } from '../domain/revision.ts'
import { userAgent } from '../http/api.ts'
import type { Clock } from '../http/clock.ts'
import { HttpError } from '../http/errors.ts'
import { explainRefusal } from './git-refusals.ts'
import { createGitHubFetch } from './octokit-fetch.ts'

/** Refs and annotated tag objects of one repository. https://docs.github.com/en/rest/git */
export interface GitData {
  /** Every ref that begins with a prefix, and the object each holds. */
  listRefs(prefix: string): Promise<Map<string, string>>
  /** The object a ref holds; null when there is no such ref. */
  readRef(ref: string): Promise<string | null>
  /** Makes a ref that was not there. */
  createRef(ref: string, sha: string): Promise<void>
  /** Lets a ref hold another object, whatever it held. */
  updateRef(ref: string, sha: string): Promise<void>
  deleteRef(ref: string): Promise<void>
  /** Makes a tag object, which no ref holds yet, and gives its sha. */
  createTag(options: { tag: string; message: string }): Promise<string>
  /** The message of a tag object; null when there is no such tag object. */
  readTag(sha: string): Promise<string | null>
  /** The messages of many tag objects in one request; what could not be had is left out. */
  readTags(shas: readonly string[]): Promise<Map<string, string>>
}

const sha = z.string().check(z.regex(revisionPattern))
const refSchema = z.object({ ref: z.string(), object: z.object({ sha }) })
const tagSchema = z.object({ sha, message: z.string() })
const graphqlSchema = z.object({
  repository: z.record(z.string(), z.nullable(z.object({ message: z.optional(z.string()) }))),
})

/**
 * Binds a repository, its API and the token together.
 *
 * Each function throws `Refused` with the sentence that mends the workflow, `HttpError`, or `NoAnswerError`.
 *
 * @param options.repository `owner/name`
 * @param options.apiUrl `GITHUB_API_URL`, without a slash at its end
 * @param options.commit the commit that tag objects point at
 */
export function createGitData(options: {
  repository: string
  apiUrl: string
  token: string
  commit: string
  platformFetch: typeof fetch
  clock: Clock
}): GitData {
  const { repository, apiUrl, token, commit, platformFetch, clock } = options
  const [owner = '', repo = ''] = repository.split('/')
  const here = { owner, repo }

  const open = octokitOnDemand({ apiUrl, token, platformFetch, clock })
  const openGit = async () => (await open()).rest.git

  async function call<T>(send: () => Promise<{ data: unknown }>, answer: z.ZodMiniType<T>): Promise<T> {
    let data: unknown
    try {
      data = (await send()).data
    } catch (error) {
      throw explainRefusal(unwrap(error), repository)
    }
    const result = answer.safeParse(data)
    if (result.success) return result.data
    throw new Error(
      `GitHub answered with something else than its API says, about the ledger in ${repository}`,
    )
  }

  return {
    async listRefs(prefix) {
      const list = async () => (await openGit()).listMatchingRefs({ ...here, ref: withoutRefs(prefix) })
      const found = await call(list, z.array(refSchema))
      return new Map(found.map(({ ref, object }) => [ref, object.sha]))
    },
    async readRef(ref) {
      const read = orNothing(async () => (await openGit()).getRef({ ...here, ref: withoutRefs(ref) }))
      return (await call(read, z.nullable(refSchema)))?.object.sha ?? null
    },
    async createRef(ref, object) {
      await call(async () => (await openGit()).createRef({ ...here, ref, sha: object }), refSchema)
    },
    async updateRef(ref, object) {
      const update = async () =>
        (await openGit()).updateRef({ ...here, ref: withoutRefs(ref), sha: object, force: true })
      await call(update, refSchema)
    },
    async deleteRef(ref) {
      await call(async () => (await openGit()).deleteRef({ ...here, ref: withoutRefs(ref) }), z.unknown())
    },
    async createTag({ tag, message }) {
      const create = async () =>
        (await openGit()).createTag({ ...here, tag, message, object: commit, type: 'commit' })
      return (await call(create, tagSchema)).sha
    },
    async readTag(object) {
      const read = orNothing(async () => (await openGit()).getTag({ ...here, tag_sha: object }))
      return (await call(read, z.nullable(tagSchema)))?.message ?? null
    },
    async readTags(shas) {
      const query = async () => ({ data: await (await open()).graphql(tagsQuery(shas), here) })
      const { repository: found } = await call(query, graphqlSchema)
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
}): () => Promise<ReturnType<typeof getOctokit>> {
  const { apiUrl: baseUrl, token, platformFetch, clock } = options
  let octokit: ReturnType<ReturnType<typeof octokitOnDemand>> | undefined
  return () => {
    octokit ??= import('@actions/github').then((toolkit) =>
      toolkit.getOctokit(token, {
        baseUrl,
        userAgent,
        request: { fetch: createGitHubFetch({ platformFetch, clock }) },
      }),
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

/** All but the creation of a ref leave out the `refs/` of its name. */
function withoutRefs(ref: string): string {
  return ref.replace(/^refs\//, '')
}

function orNothing(send: () => Promise<{ data: unknown }>): () => Promise<{ data: unknown }> {
  return async () => {
    try {
      return await send()
    } catch (error) {
      const cause = unwrap(error)
      if (cause instanceof HttpError && cause.status === 404) return { data: null }
      throw error
    }
  }
}

/** Octokit wraps what its `fetch` throws into an error of its own, with a status that nobody answered. */
function unwrap(error: unknown): unknown {
  return error instanceof Error && 'request' in error && error.cause !== undefined ? error.cause : error
}
