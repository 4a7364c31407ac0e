import * as z from 'zod/mini'
import { parseJson } from '../domain/parse-json.ts'
import { revisionPattern } from '../domain/revision.ts'
import { readTime } from '../domain/text/format.ts'
import type { Clock } from '../http/clock.ts'
import { NoAnswerError } from '../http/errors.ts'
import { type HttpPolicy, type TextExchange, withPolicy } from '../http/exchange.ts'
import { isRateLimited } from '../http/headers/retry-after.ts'
import { createHider } from '../http/hide-secret.ts'
import { githubHeaders } from './dispatch.ts'
import { describeOutage, explainDispatchRefusal, type RelayRequest } from './dispatch-refusals.ts'
import { CredentialsError, type TokenSource } from './tokens.ts'

/** An annotated tag object. */
interface Tag {
  readonly message: string
  /** Milliseconds since the epoch; null where GitHub does not say. */
  readonly taggedAt: number | null
}

/** The tags that refs below a prefix point to, or why they could not be read: one sentence or two. */
type TagsBelow =
  | { readonly outcome: 'read'; readonly tags: readonly Tag[] }
  | { readonly outcome: 'refused' | 'unavailable'; readonly reason: string }

/**
 * Reads the tags of a repository that refs below a prefix point to. Failures are results, not exceptions.
 *
 * @param options.prefix begins with `refs/`
 */
export type ReadTagsBelow = (options: { repository: string; prefix: string }) => Promise<TagsBelow>

const policy: HttpPolicy = {
  perTryMs: 10_000,
  totalMs: 25_000,
  retries: 2,
  firstDelayMs: 500,
  // A query changes nothing.
  retryUnsafe: true,
}

/** Objects that are remembered: far more than a relay has recipes. */
const maxRemembered = 2000

/** A list that has more is cut: no prefix has as many recipes. */
const maxTags = 200

/** A longer message, in characters, is none of ours, and is not kept in memory. */
const maxMessageLength = 32 * 1024

const refsSchema = z.array(
  z.object({ object: z.object({ sha: z.string().check(z.regex(revisionPattern)) }) }),
)

const tagSchema = z.object({
  message: z.optional(z.string()),
  tagger: z.nullish(z.object({ date: z.nullish(z.string()) })),
})
const objectsSchema = z.object({
  data: z.object({ repository: z.record(z.string(), z.nullable(tagSchema)) }),
  // With an error, null is what could not be read, and not what is not there.
  // https://spec.graphql.org/October2021/#sec-Handling-Field-Errors
  errors: z.optional(z.array(z.unknown()).check(z.maxLength(0))),
})

/**
 * Creates the reader of tags, with web standards only: one call for the refs, and one for the objects that are not known
 * yet, since an object never changes.
 *
 * @param options.send sends a request once and follows no redirect
 * @param options.apiUrl GitHub's API, without a slash at its end
 */
export function createTagReader(options: {
  send: TextExchange
  tokens: TokenSource
  apiUrl: string
  clock: Clock
  random: () => number
}): ReadTagsBelow {
  const { send, tokens, apiUrl, clock, random } = options
  const http = withPolicy({ send, policy, clock, random })
  const known = new Map<string, Tag | null>()

  const ask = async <T>(
    request: { method: 'GET' | 'POST'; url: string; repository: string; body?: string },
    schema: z.ZodMiniType<T>,
  ): Promise<T> => {
    const { method, url, repository, body } = request
    const token = await tokens.get(repository)
    const headers = { ...githubHeaders(token), ...(body && { 'content-type': 'application/json' }) }
    const given = await http(url, { method, headers, ...(body && { body }) })
    const answer = { ...given, text: createHider([token])(given.text) }
    const { status, text } = answer
    if (status === 401) tokens.forget(repository)
    const parsed = status === 200 ? schema.safeParse(parseJson(text)) : null
    if (parsed?.success) return parsed.data
    throw new Unread(explain({ answer, method, url, repository, now: clock.now() }))
  }

  /** Null: the object is no tag of ours. One that GitHub does not show yet is left out, and asked for again. */
  const readObjects = async (
    repository: string,
    shas: readonly string[],
  ): Promise<Map<string, Tag | null>> => {
    const [owner = '', name = ''] = repository.split('/')
    const body = JSON.stringify({ query: objectsQuery(shas), variables: { owner, name } })
    const url = graphqlUrl(apiUrl)
    const { data } = await ask({ method: 'POST', url, repository, body }, objectsSchema)
    const found = new Map<string, Tag | null>()
    shas.forEach((sha, index) => {
      const object = data.repository[`o${index}`]
      if (object != null) found.set(sha, readTag(object))
    })
    for (const [sha, tag] of found) {
      known.set(sha, tag)
      if (known.size > maxRemembered) known.delete([...known.keys()][0] ?? '')
    }
    return found
  }

  return async ({ repository, prefix }) => {
    try {
      const path = prefix.replace(/^refs\//, '')
      const url = `${apiUrl}/repos/${repository}/git/matching-refs/${path}`
      const refs = await ask({ method: 'GET', url, repository }, refsSchema)
      const shas = [...new Set(refs.slice(0, maxTags).map(({ object }) => object.sha))]
      const tags = new Map(shas.map((sha) => [sha, known.get(sha)]))
      const unknown = shas.filter((sha) => tags.get(sha) === undefined)
      if (unknown.length > 0) {
        for (const [sha, tag] of await readObjects(repository, unknown)) tags.set(sha, tag)
      }
      return { outcome: 'read', tags: [...tags.values()].flatMap((tag) => tag ?? []) }
    } catch (error) {
      if (error instanceof Unread) return error.result
      if (error instanceof NoAnswerError) return { outcome: 'unavailable', reason: error.message }
      if (!(error instanceof CredentialsError)) throw error
      return { outcome: error.permanent ? 'refused' : 'unavailable', reason: error.message }
    }
  }
}

function readTag({ message, tagger }: z.infer<typeof tagSchema>): Tag | null {
  if (message === undefined || message.length > maxMessageLength) return null
  return { message, taggedAt: tagger?.date == null ? null : readTime(tagger.date) }
}

type Failed = Exclude<TagsBelow, { outcome: 'read' }>

class Unread extends Error {
  readonly result: Failed

  constructor(result: Failed) {
    super(result.reason)
    this.result = result
  }
}

function explain(request: RelayRequest): Failed {
  const { status, headers, text } = request.answer
  const isOutage = status >= 500 || isRateLimited(status, headers, text)
  return isOutage
    ? { outcome: 'unavailable', reason: describeOutage(request) }
    : { outcome: 'refused', reason: explainDispatchRefusal(request) }
}

/** GitHub Enterprise Server has GraphQL beside the REST API. https://docs.github.com/en/enterprise-server/graphql/guides/forming-calls-with-graphql */
function graphqlUrl(apiUrl: string): string {
  return `${apiUrl.replace(/\/api\/v3$/, '/api')}/graphql`
}

/** https://docs.github.com/en/graphql/reference/objects#tag */
function objectsQuery(shas: readonly string[]): string {
  const objects = shas.map(
    (sha, index) => `o${index}: object(oid: "${sha}") { ... on Tag { message tagger { date } } }`,
  )
  return `query($owner: String!, $name: String!) { repository(owner: $owner, name: $name) { ${objects.join(' ')} } }`
}
