import type { Api } from '../http/api.ts'
import { createApi, userAgent } from '../http/api.ts'
import type { Clock } from '../http/clock.ts'
import { type DebugHttp, describeTry } from '../http/debug-line.ts'
import { failureCode, HttpError } from '../http/errors.ts'
import type { HttpPolicy, TextExchange } from '../http/exchange.ts'
import { defaultPolicy, withPolicy } from '../http/exchange.ts'
import { createHider } from '../http/hide-secret.ts'
import { createMemory, type Remember } from '../http/remember.ts'
import { limitTime } from '../http/time-limit.ts'
import { wholeAnswer } from '../http/whole-answer.ts'
import { createPager, ownAddress, type Send, sendAtHub } from './addresses.ts'
import { limitSilence } from './transfer.ts'
import { readHubWords } from './words.ts'

/** Far above the size of any API answer or model card. */
const maxAnswerBytes = 10 * 1024 * 1024

/** Answers that are remembered: a recipe asks fewer questions than that. */
const maxRemembered = 24

/** The longest part of a file that is read. */
export const maxPartBytes = 4 * 1024 * 1024

/** A part of a file tells something before a training; without it the training starts all the same. */
const partPolicy: HttpPolicy = { ...defaultPolicy, perTryMs: 10_000, totalMs: 20_000, retries: 1 }

/** A request that the Hub may carry out twice without harm is worth more patience: it may be about hundreds of files. */
const repeatPolicy: HttpPolicy = { ...defaultPolicy, perTryMs: 60_000, totalMs: 180_000, retryUnsafe: true }

/** The options with which a function of `@huggingface/hub` reaches the Hub. */
interface HubAccess {
  readonly accessToken: string
  readonly hubUrl: string
  readonly fetch: typeof fetch
}

/** The Hub, as one account sees it. */
export interface Hub {
  /** The base URL, without a trailing slash. */
  readonly url: string
  readonly token: string
  /** The time, for waits between tries. */
  readonly clock: Clock
  /** Asks each question once: of what does not change, such as the files of a commit, or does not matter. */
  readonly once: Remember
  /** For endpoints without a function in `@huggingface/hub`. */
  readonly api: Api
  /** The options for a function of `@huggingface/hub`, with {@link Hub.fetchFor} as `fetch`. */
  access(signal: AbortSignal | undefined): HubAccess
  /**
   * The platform's `fetch` with the HTTP policy and the caller's signal. It reads whole answers of at most 10 MiB,
   * throws `HttpError` for those that are not 2xx, and follows redirects of GET and HEAD only. Next pages and redirects
   * of the API are asked of the configured Hub.
   */
  fetchFor(signal: AbortSignal | undefined): typeof fetch
  /** The same for a part of a file, with little patience: what it is needed for can go without. At most 4 MiB. */
  partFor(signal: AbortSignal | undefined): typeof fetch
  /** The same for a POST that may be carried out twice: it is tried again after a lost answer too. */
  repeatFor(signal: AbortSignal | undefined): typeof fetch
  /** The same for a body of any size, here or there: sent once, and given up when no byte moves for two minutes. */
  transferFor(signal: AbortSignal | undefined): typeof fetch
  /** The same for a long stream: sent once, with a time limit on the headers only. */
  streamFor(signal: AbortSignal): typeof fetch
}

/**
 * Binds the Hub's URL and a token together.
 *
 * @param options.url `HF_ENDPOINT`, without a trailing slash
 * @param options.token begins with `hf_`; hidden in answers, as `options.secrets` are: a refusal may repeat a Job's
 * @param options.http sends the calls of `api`, with the HTTP policy applied
 * @param options.platformFetch sends the calls of `@huggingface/hub`, whose streams need the web bodies that
 *   node-fetch does not have
 * @param options.debug receives one line for each try that `platformFetch` sends
 */
export function createHub(options: {
  url: string
  token: string
  secrets?: readonly string[]
  http: TextExchange
  platformFetch: typeof fetch
  clock: Clock
  debug?: DebugHttp | undefined
}): Hub {
  const { url, token, secrets = [], http, platformFetch, clock, debug } = options
  const hide = createHider([token, ...secrets])
  const sendOnce: Send = (target, request) => sendAtHub(target, request, { hubUrl: url, send: platformFetch })
  const sendWhole =
    (maxBytes: number): Send =>
    async (target, request) =>
      wholeAnswer(await sendOnce(target, request), { maxBytes })

  const fetchBy =
    (exchange: Send, signal: AbortSignal | undefined): typeof fetch =>
    async (input, init) => {
      const target = ownAddress(input instanceof Request ? input.url : String(input), url)
      const headers = new Headers(init?.headers)
      if (!headers.has('user-agent')) headers.set('user-agent', userAgent)
      const response = await exchange(target, { ...init, headers, ...(signal && { signal }) })
      if (response.ok) return response
      // The client's own error drops the headers, and with them the Hub's error code.
      const { status, headers: answered } = response
      const body = await response.text()
      const said = readHubWords({ headers: answered, body })
      throw new HttpError({
        status,
        method: init?.method ?? 'GET',
        url: target,
        headers: answered,
        body: hide(body),
        words: said === null ? null : hide(said),
        now: clock.now(),
      })
    }

  const fetchFor: Hub['fetchFor'] = (signal) => {
    const withOwnPage = createPager(url)
    const fetchWhole = fetchBy(
      withPolicy({ send: sendWhole(maxAnswerBytes), policy: defaultPolicy, clock, debug }),
      signal,
    )
    return async (input, init) =>
      withOwnPage(await fetchWhole(input, init), input instanceof Request ? input.url : String(input))
  }

  return {
    url,
    token,
    clock,
    once: createMemory(maxRemembered),
    api: createApi({ baseUrl: url, token, secrets, http, readWords: readHubWords, clock, debug }),
    fetchFor,
    access: (signal) => ({ accessToken: token, hubUrl: url, fetch: fetchFor(signal) }),
    partFor: (signal) =>
      fetchBy(withPolicy({ send: sendWhole(maxPartBytes), policy: partPolicy, clock, debug }), signal),
    repeatFor: (signal) =>
      fetchBy(withPolicy({ send: sendWhole(maxAnswerBytes), policy: repeatPolicy, clock, debug }), signal),
    transferFor: (signal) => fetchBy(limitSilence(sendOnce, { clock, debug }), signal),
    streamFor: (signal) => fetchBy(limitHeaders(sendOnce, { clock, debug }), signal),
  }
}

/** Limits the time until the headers arrive; the body may take any time. */
function limitHeaders(send: Send, options: { clock: Clock; debug: DebugHttp | undefined }): Send {
  const { clock, debug } = options
  return async (url, request) => {
    const startedAt = clock.now()
    const { method = 'GET' } = request
    const report = (result: number | string) =>
      debug?.(describeTry({ method, url, result, durationMs: clock.now() - startedAt, attempt: 1 }))
    const limit = limitTime({ limitMs: defaultPolicy.perTryMs, clock })
    try {
      const signals = [limit.signal, ...(request.signal ? [request.signal] : [])]
      const response = await send(url, { ...request, signal: AbortSignal.any(signals) })
      report(response.status)
      return response
    } catch (error) {
      report(failureCode(error))
      throw error
    } finally {
      limit.clear()
    }
  }
}
