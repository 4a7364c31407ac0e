import pRetry from 'p-retry'
import type { Clock } from './clock.ts'
import { NoAnswerError } from './errors.ts'
import { type HeaderReader, isRateLimited, retryAfterMs } from './headers/retry-after.ts'
import { limitTime } from './time-limit.ts'

/** What every kind of answer has. */
export interface Answer {
  readonly status: number
  readonly headers: HeaderReader
}

/** What the policy reads of a request and sets on it. */
export interface OutgoingRequest {
  readonly method?: string | undefined
  readonly signal?: AbortSignal | null | undefined
}

/** Sends one request once, and has read what it wants of the answer when it gives it back. */
export type Exchange<A extends Answer, R extends OutgoingRequest> = (url: string, request: R) => Promise<A>

/** An answer whose body has been read. */
export interface TextAnswer extends Answer {
  readonly text: string
}

/** A request whose body is text. */
interface TextRequest extends OutgoingRequest {
  readonly headers?: Record<string, string>
  readonly body?: string
}

/** Sends text, gives back text: what our own calls go through. */
export type TextExchange = Exchange<TextAnswer, TextRequest>

/** How long to wait and how often to try. */
export interface HttpPolicy {
  /** Milliseconds for one try, its body included. */
  readonly perTryMs: number
  /** Milliseconds for all tries and the waits between them. */
  readonly totalMs: number
  /** Tries after the first. */
  readonly retries: number
  /** The first wait in milliseconds when the server names none; it doubles, with jitter. */
  readonly firstDelayMs: number
  /**
   * Whether a POST or PATCH whose effect is unknown is sent again. Only where doing it twice is harmless; else
   * they are retried only when they were certainly not carried out.
   */
  readonly retryUnsafe: boolean
}

/** The policy of our own calls to the Hub, AutoTrain and GitHub. */
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

class UnwelcomeAnswer extends Error {
  readonly answer: Answer
  constructor(answer: Answer) {
    super(`answered ${answer.status}`)
    this.answer = answer
  }
}

/**
 * Puts the one policy for outgoing requests around a way to send them: a time limit for each try and for all,
 * retries by allow-list, `Retry-After` before our own back-off, and the caller's signal.
 *
 * @param options.send sends a request once
 * @param options.policy limits; see each field
 * @param options.clock the time; a parameter so that tests need not wait
 * @param options.random a number from 0 to 1, for the jitter
 * @returns the same kind of function; it gives back the last answer, whatever its status, and throws
 *   `NoAnswerError` when none came, or the reason of the caller's signal
 */
export function withPolicy<A extends Answer, R extends OutgoingRequest>(options: {
  send: Exchange<A, R>
  policy: HttpPolicy
  clock: Clock
  random?: () => number
}): Exchange<A, R> {
  const { send, policy, clock, random = Math.random } = options
  return async (url, request) => {
    const method = (request.method ?? 'GET').toUpperCase()
    const end = clock.now() + policy.totalMs

    const tryOnce = async (): Promise<A> => {
      const ms = Math.min(policy.perTryMs, end - clock.now())
      const limit = limitTime({ ms, clock, caller: request.signal })
      const { signal } = limit
      let answer: A
      try {
        answer = await send(url, { ...request, method, signal })
      } catch (error) {
        request.signal?.throwIfAborted()
        // node-fetch throws an error of its own, which does not say that time ran out.
        throw new NoAnswerError({ method, url, cause: signal.aborted ? signal.reason : error })
      } finally {
        limit.lift()
      }
      if (mayRetryStatus(answer, method, policy)) throw new UnwelcomeAnswer(answer)
      return answer
    }

    const waitBeforeNext = async (error: Error, attempt: number): Promise<boolean> => {
      if (request.signal?.aborted || clock.now() >= end || !mayRetry(error, method, policy)) return false
      const asked = error instanceof UnwelcomeAnswer ? retryAfterMs(error.answer.headers, clock.now()) : null
      const delay = asked ?? policy.firstDelayMs * 2 ** (attempt - 1) * (1 + random())
      if (clock.now() + delay >= end) return false
      await clock.sleep(delay, request.signal ?? undefined)
      return true
    }

    try {
      return await pRetry(tryOnce, {
        retries: policy.retries,
        minTimeout: 0,
        shouldRetry: ({ error, attemptNumber }) => waitBeforeNext(error, attemptNumber),
      })
    } catch (error) {
      // The answers that are thrown are the ones `send` returned.
      if (error instanceof UnwelcomeAnswer) return error.answer as A
      throw error
    }
  }
}

function mayRetry(error: Error, method: string, policy: HttpPolicy): boolean {
  if (error instanceof UnwelcomeAnswer) return true
  if (!(error instanceof NoAnswerError)) return false
  return error.neverSent || policy.retryUnsafe || idempotentMethods.includes(method)
}

function mayRetryStatus({ status, headers }: Answer, method: string, policy: HttpPolicy): boolean {
  if (isRateLimited(status, headers)) return true
  if (idempotentMethods.includes(method)) return retriedStatuses.includes(status)
  return policy.retryUnsafe && retriedUnsafeStatuses.includes(status)
}
