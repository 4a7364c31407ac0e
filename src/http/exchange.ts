import pRetry from 'p-retry'
import type { Clock } from './clock.ts'
import { type DebugHttp, describeTry } from './debug-line.ts'
import { failureCode, NoAnswerError } from './errors.ts'
import { type HeaderReader, isRateLimited, retryAfterMs } from './headers/retry-after.ts'
import { limitTime } from './time-limit.ts'

/** The part that all kinds of answers share. */
export interface Answer {
  readonly status: number
  readonly headers: HeaderReader
}

/** The part of a request that the policy reads and sets. */
export interface OutgoingRequest {
  readonly method?: string | undefined
  readonly signal?: AbortSignal | null | undefined
}

/** Sends one request once; resolves when the answer is complete. */
export type Exchange<A extends Answer, R extends OutgoingRequest> = (url: string, request: R) => Promise<A>

/** An answer with its body as text. */
export interface TextAnswer extends Answer {
  readonly text: string
}

/** A request whose body is text. */
interface TextRequest extends OutgoingRequest {
  readonly headers?: Record<string, string>
  readonly body?: string
}

/** The kind of exchange that the project's own API calls use. */
export type TextExchange = Exchange<TextAnswer, TextRequest>

/** Time limits and retries of outgoing requests. */
export interface HttpPolicy {
  /** Milliseconds for one try, including the answer's body. */
  readonly perTryMs: number
  /** Milliseconds for all tries and the delays between them. */
  readonly totalMs: number
  /** Tries after the first. */
  readonly retries: number
  /** The first delay in milliseconds when the server names none. It doubles with each try, plus jitter. */
  readonly firstDelayMs: number
  /**
   * Whether to retry a POST or PATCH that may have been carried out: only where doing it twice is harmless.
   * When false, they are retried only after failures that rule out an effect.
   */
  readonly retryUnsafe: boolean
}

/**
 * The policy of the action's calls to the Hub, AutoTrain and GitHub: a try gets more time than a slow listing needs,
 * and a failing service delays a workflow by at most a minute and a half.
 */
export const defaultPolicy: HttpPolicy = {
  perTryMs: 30_000,
  totalMs: 90_000,
  retries: 3,
  firstDelayMs: 500,
  retryUnsafe: false,
}

/** Methods that may be repeated. https://www.rfc-editor.org/rfc/rfc9110#name-idempotent-methods */
const idempotentMethods = ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']
const retriedStatuses = [408, 500, 502, 503, 504]
const retriedUnsafeStatuses = [502, 503, 504]

/** Thrown inside `withPolicy` to retry after an answer. */
class RetryableAnswer extends Error {
  readonly answer: Answer
  constructor(answer: Answer) {
    super(`answered ${answer.status}`)
    this.answer = answer
  }
}

/**
 * Applies the one HTTP policy to a function that sends requests: time limits for each try and for all of them, retries
 * by allow-list, `Retry-After` in preference to the computed delay, and the caller's signal.
 *
 * @param options.send sends a request once
 * @param options.policy see each field
 * @param options.clock the time; a parameter so that tests need not wait
 * @param options.random returns a number from 0 to 1, for the jitter
 * @param options.debug receives one line for each try
 * @returns a function of the same kind: it returns the last answer, whatever its status, and throws `NoAnswerError`
 *   when there was none, or the reason of the caller's signal
 */
export function withPolicy<A extends Answer, R extends OutgoingRequest>(options: {
  send: Exchange<A, R>
  policy: HttpPolicy
  clock: Clock
  random?: () => number
  debug?: DebugHttp | undefined
}): Exchange<A, R> {
  const { send, policy, clock, random = Math.random, debug } = options
  return async (url, request) => {
    const method = (request.method ?? 'GET').toUpperCase()
    const deadline = clock.now() + policy.totalMs

    const tryOnce = async (attempt: number): Promise<A> => {
      const startedAt = clock.now()
      const report = (result: number | string) =>
        debug?.(describeTry({ method, url, result, durationMs: clock.now() - startedAt, attempt }))
      const limitMs = Math.min(policy.perTryMs, deadline - startedAt)
      const limit = limitTime({ limitMs, clock, caller: request.signal })
      const { signal } = limit
      let answer: A
      try {
        answer = await send(url, { ...request, method, signal })
      } catch (error) {
        // node-fetch throws an error of its own, without the signal's reason.
        const cause = signal.aborted ? signal.reason : error
        report(request.signal?.aborted ? 'aborted by the caller' : failureCode(cause))
        request.signal?.throwIfAborted()
        throw new NoAnswerError({ method, url, cause })
      } finally {
        limit.clear()
      }
      report(answer.status)
      if (mayRetryStatus(answer, method, policy)) throw new RetryableAnswer(answer)
      return answer
    }

    const waitForNextTry = async (error: Error, attempt: number): Promise<boolean> => {
      if (request.signal?.aborted || clock.now() >= deadline || !mayRetry(error, method, policy)) return false
      const askedMs =
        error instanceof RetryableAnswer ? retryAfterMs(error.answer.headers, clock.now()) : null
      const delayMs = askedMs ?? policy.firstDelayMs * 2 ** (attempt - 1) * (1 + random())
      if (clock.now() + delayMs >= deadline) return false
      await clock.sleep(delayMs, request.signal ?? undefined)
      return true
    }

    try {
      return await pRetry(tryOnce, {
        retries: policy.retries,
        minTimeout: 0,
        shouldRetry: ({ error, attemptNumber }) => waitForNextTry(error, attemptNumber),
      })
    } catch (error) {
      // `RetryableAnswer` only ever holds an answer that `send` returned.
      if (error instanceof RetryableAnswer) return error.answer as A
      throw error
    }
  }
}

function mayRetry(error: Error, method: string, policy: HttpPolicy): boolean {
  if (error instanceof RetryableAnswer) return true
  if (!(error instanceof NoAnswerError)) return false
  return error.neverSent || policy.retryUnsafe || idempotentMethods.includes(method)
}

function mayRetryStatus({ status, headers }: Answer, method: string, policy: HttpPolicy): boolean {
  if (isRateLimited(status, headers)) return true
  if (idempotentMethods.includes(method)) return retriedStatuses.includes(status)
  return policy.retryUnsafe && retriedUnsafeStatuses.includes(status)
}
