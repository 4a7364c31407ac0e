import type { Clock } from '../http/clock.ts'
import { HttpError } from '../http/errors.ts'
import { defaultPolicy, type HttpPolicy, withPolicy } from '../http/exchange.ts'
import { wholeAnswer } from '../http/whole-answer.ts'

/**
 * The `fetch` that octokit gets: the platform's under our policy, with the body read inside the time limits,
 * because octokit takes a body that breaks off for an empty one.
 *
 * @param options.onCallsLeft is given the calls that are left in this hour
 * @returns a function that throws `HttpError` for an answer that is not 2xx, `NoAnswerError` when none came
 */
export function createGitHubFetch(options: {
  platformFetch: typeof fetch
  clock: Clock
  onCallsLeft?: (count: number) => void
}): typeof fetch {
  const { platformFetch, clock, onCallsLeft } = options
  // No redirect is followed: the token must not travel to where an answer points.
  const send = async (url: string, request: RequestInit) =>
    wholeAnswer(await platformFetch(url, { ...request, redirect: 'manual' }))
  return async (input, init = {}) => {
    const url = input instanceof Request ? input.url : String(input)
    const method = init.method ?? 'GET'
    const response = await withPolicy({ send, policy: policyFor(method, url), clock })(url, init)
    const left = response.headers.get('x-ratelimit-remaining')
    if (left !== null && /^\d{1,9}$/.test(left)) onCallsLeft?.(Number(left))
    if (response.ok) return response
    const { status, headers } = response
    throw new HttpError({ status, method, url, headers, body: await response.text(), now: clock.now() })
  }
}

/**
 * Making a tag object and reading by GraphQL may be repeated: nothing refers to an object until a ref does.
 * What changes a ref is sent once, and an unclear answer resolved by reading. A DELETE too, though it is
 * idempotent by the book: after the first one worked, somebody else may have made the ref anew.
 */
function policyFor(method: string, url: string): HttpPolicy {
  if (method === 'DELETE') return { ...defaultPolicy, retries: 0 }
  return { ...defaultPolicy, retryUnsafe: method === 'POST' && /\/(?:git\/tags|graphql)$/.test(url) }
}
