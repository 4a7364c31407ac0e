import type { Clock } from '../http/clock.ts'
import type { DebugHttp } from '../http/debug-line.ts'
import { atEndpoint, redirectStatuses } from '../http/endpoint.ts'
import { HttpError } from '../http/errors.ts'
import { defaultPolicy, type HttpPolicy, withPolicy } from '../http/exchange.ts'
import { createHider } from '../http/hide-secret.ts'
import { wholeAnswer } from '../http/whole-answer.ts'
import { readGitHubWords } from './words.ts'

/** A renamed repository redirects once. */
const maxRedirects = 3

/**
 * Makes the `fetch` for octokit: the platform's with the HTTP policy applied. It reads the body within the time limits,
 * because octokit treats a broken body as an empty one. Pages and redirects are asked of the configured API with the
 * path and query that the answer names, so the token goes nowhere else; a redirect repeats the request as it was.
 * https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api#follow-redirects
 *
 * @param options.apiUrl the configured API, without a trailing slash
 * @param options.token hidden in what GitHub says
 * @param options.onCallsLeft receives the number of REST calls left in this hour; GraphQL has a limit of its own
 * @param options.debug receives one line for each try
 * @returns a function that throws `HttpError` for an answer that is not 2xx and `NoAnswerError` without an answer
 */
export function createGitHubFetch(options: {
  apiUrl: string
  token: string
  platformFetch: typeof fetch
  clock: Clock
  onCallsLeft?: (count: number) => void
  debug?: DebugHttp | undefined
}): typeof fetch {
  const { apiUrl, token, platformFetch, clock, onCallsLeft, debug } = options
  const hide = createHider([token])
  const send = async (url: string, request: RequestInit) => {
    let response = await platformFetch(url, { ...request, redirect: 'manual' })
    let asked = url
    for (let count = 0; count < maxRedirects; count += 1) {
      const next = redirectOf(response, { apiUrl, asked })
      if (next === null) break
      await response.body?.cancel()
      asked = next
      response = await platformFetch(asked, { ...request, redirect: 'manual' })
    }
    return wholeAnswer(response)
  }
  return async (input, init = {}) => {
    const given = input instanceof Request ? input.url : String(input)
    const url = isAt(apiUrl, given) ? given : (atEndpoint(given, { endpoint: apiUrl, base: apiUrl }) ?? given)
    const method = init.method ?? 'GET'
    const response = await withPolicy({ send, policy: policyFor(method, url), clock, debug })(url, init)
    const left = response.headers.get('x-ratelimit-remaining')
    const isGraphql = response.headers.get('x-ratelimit-resource') === 'graphql'
    if (left !== null && /^\d{1,9}$/.test(left) && !isGraphql) onCallsLeft?.(Number(left))
    if (response.ok) return response
    const { status, headers } = response
    const body = hide(await response.text())
    const words = readGitHubWords({ headers, body })
    throw new HttpError({ status, method, url, headers, body, words, now: clock.now() })
  }
}

/** GraphQL's path lies beside that of the REST API on GitHub Enterprise Server, so the origin decides. */
function isAt(apiUrl: string, url: string): boolean {
  return new URL(url).origin === new URL(apiUrl).origin
}

/** Where the same request is to be sent, at the configured API; null when it is no redirect to somewhere else. */
function redirectOf(
  { status, headers }: Response,
  { apiUrl, asked }: { apiUrl: string; asked: string },
): string | null {
  const location = headers.get('location')
  if (location === null || !redirectStatuses.includes(status)) return null
  const next = atEndpoint(location, { endpoint: apiUrl, base: asked })
  return next === asked ? null : next
}

/**
 * Creating a tag object and reading by GraphQL may be repeated: an object has no effect until a ref points to it.
 * Changes of a ref are sent once, and the ledger resolves an unclear answer by reading. So is DELETE, although it is
 * idempotent: after a first one that worked, another workflow run may have created the ref again.
 */
function policyFor(method: string, url: string): HttpPolicy {
  if (method === 'DELETE') return { ...defaultPolicy, retries: 0 }
  return { ...defaultPolicy, retryUnsafe: method === 'POST' && /\/(?:git\/tags|graphql)$/.test(url) }
}
