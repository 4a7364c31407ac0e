import type { Clock } from '../http/clock.ts'
import type { DebugHttp } from '../http/debug-line.ts'
import { HttpError } from '../http/errors.ts'
import { defaultPolicy, type HttpPolicy, withPolicy } from '../http/exchange.ts'
import { wholeAnswer } from '../http/whole-answer.ts'

/**
 * Makes the `fetch` for octokit: the platform's with the HTTP policy applied. It reads the body within the time limits,
 * because octokit treats a broken body as an empty one.
 *
 * @param options.onCallsLeft receives the number of REST calls left in this hour; GraphQL has a limit of its own
 * @param options.debug receives one line for each try
 * @returns a function that throws `HttpError` for an answer that is not 2xx and `NoAnswerError` without an answer
 */
export function createGitHubFetch(options: {
  platformFetch: typeof fetch
  clock: Clock
  onCallsLeft?: (count: number) => void
  debug?: DebugHttp | undefined
}): typeof fetch {
  const { platformFetch, clock, onCallsLeft, debug } = options
  // Redirects are not followed: the token must not be sent to an address from an answer.
  const send = async (url: string, request: RequestInit) =>
    wholeAnswer(await platformFetch(url, { ...request, redirect: 'manual' }))
  return async (input, init = {}) => {
    const url = input instanceof Request ? input.url : String(input)
    const method = init.method ?? 'GET'
    const response = await withPolicy({ send, policy: policyFor(method, url), clock, debug })(url, init)
    const left = response.headers.get('x-ratelimit-remaining')
    const isGraphql = response.headers.get('x-ratelimit-resource') === 'graphql'
    if (left !== null && /^\d{1,9}$/.test(left) && !isGraphql) onCallsLeft?.(Number(left))
    if (response.ok) return response
    const { status, headers } = response
    throw new HttpError({ status, method, url, headers, body: await response.text(), now: clock.now() })
  }
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
