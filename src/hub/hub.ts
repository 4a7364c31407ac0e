import type { Api } from '../http/api.ts'
import { createApi, userAgent } from '../http/api.ts'
import type { Clock } from '../http/clock.ts'
import { HttpError } from '../http/errors.ts'
import type { TextExchange } from '../http/exchange.ts'
import { defaultPolicy, withPolicy } from '../http/exchange.ts'
import { createHider } from '../http/hide-secret.ts'
import { limitTime } from '../http/time-limit.ts'
import { wholeAnswer } from '../http/whole-answer.ts'

/** More is nothing that a JSON API answers, nor a card. */
const maxAnswerBytes = 10 * 1024 * 1024

/** The options by which a function of `@huggingface/hub` reaches the Hub. */
export interface HubAccess {
  readonly accessToken: string
  readonly hubUrl: string
  readonly fetch: typeof fetch
}

/** The Hub, as one account sees it. */
export interface Hub {
  /** The base URL, without a slash at its end. */
  readonly url: string
  readonly token: string
  /** For endpoints that `@huggingface/hub` has no function for. */
  readonly api: Api
  /**
   * Gives `@huggingface/hub` the platform's `fetch` under our policy and the caller's signal. Answers have come whole,
   * at most 10 MiB, and nothing but what is read is redirected.
   */
  fetchFor(signal: AbortSignal | undefined): typeof fetch
  /** What every function of `@huggingface/hub` takes: token, URL and {@link Hub.fetchFor}. */
  access(signal: AbortSignal | undefined): HubAccess
  /** The same for a stream that lasts: sent once, and only the wait for its headers is limited. */
  streamFor(signal: AbortSignal): typeof fetch
}

/**
 * Binds the Hub's URL and a token together.
 *
 * @param options.url `HF_ENDPOINT`
 * @param options.token begins with `hf_`
 * @param options.http sends our own calls
 * @param options.platformFetch what `@huggingface/hub` gets: its streams need web bodies, which node-fetch
 *   does not give
 */
export function createHub(options: {
  url: string
  token: string
  http: TextExchange
  platformFetch: typeof fetch
  clock: Clock
}): Hub {
  const { url, token, http, platformFetch, clock } = options
  const hide = createHider([token])
  const sendOnce: Send = (target, request) => {
    const isRead = ['GET', 'HEAD'].includes((request.method ?? 'GET').toUpperCase())
    // A redirect takes a body along, to any origin, and with it the secrets of a Job.
    return platformFetch(target, isRead ? request : { ...request, redirect: 'manual' })
  }
  const sendWhole: Send = async (target, request) =>
    wholeAnswer(await sendOnce(target, request), { maxBytes: maxAnswerBytes })
  const { perTryMs } = defaultPolicy

  const fetchBy =
    (exchange: Send, signal: AbortSignal | undefined): typeof fetch =>
    async (input, init) => {
      const target = input instanceof Request ? input.url : String(input)
      const headers = new Headers(init?.headers)
      if (!headers.has('user-agent')) headers.set('user-agent', userAgent)
      // The client follows links that answers name (the next page, an upload): the token stays with the Hub.
      if (new URL(target).origin !== new URL(url).origin) headers.delete('authorization')
      const response = await exchange(target, { ...init, headers, ...(signal && { signal }) })
      if (response.ok) return response
      // The client's own error drops the headers, and with them the Hub's error code.
      throw new HttpError({
        status: response.status,
        method: init?.method ?? 'GET',
        url: target,
        headers: response.headers,
        body: hide(await response.text()),
        now: clock.now(),
      })
    }

  const fetchFor: Hub['fetchFor'] = (caller) =>
    fetchBy(withPolicy({ send: sendWhole, policy: defaultPolicy, clock }), caller)

  return {
    url,
    token,
    api: createApi({ baseUrl: url, token, http, clock }),
    fetchFor,
    access: (signal) => ({ accessToken: token, hubUrl: url, fetch: fetchFor(signal) }),
    streamFor: (signal) => fetchBy(withHeadersWithin(sendOnce, { ms: perTryMs, clock }), signal),
  }
}

type Send = (target: string, request: RequestInit) => Promise<Response>

/** Limits the time until the headers are there; the body may take as long as it wants. */
function withHeadersWithin(send: Send, { ms, clock }: { ms: number; clock: Clock }): Send {
  return async (target, request) => {
    const limit = limitTime({ ms, clock })
    try {
      const signals = [limit.signal, ...(request.signal ? [request.signal] : [])]
      return await send(target, { ...request, signal: AbortSignal.any(signals) })
    } finally {
      limit.lift()
    }
  }
}
