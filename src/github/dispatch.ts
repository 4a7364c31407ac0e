import type { Clock } from '../http/clock.ts'
import { NoAnswerError } from '../http/errors.ts'
import type { TextAnswer, TextExchange } from '../http/exchange.ts'
import { type HttpPolicy, withPolicy } from '../http/exchange.ts'
import { isRateLimited, retryAfterMs } from '../http/headers/retry-after.ts'
import { explainDispatchRefusal } from './dispatch-refusals.ts'
import { CredentialsError, type TokenSource } from './tokens.ts'

/**
 * The Hub waits about 30 s for an answer; 8 s leave room for a slow network on both sides. A POST may be retried: when
 * an event is dispatched twice, the ledger still starts only one training.
 * https://github.com/huggingface/dataset-viewer/issues/2651
 */
const dispatchPolicy: HttpPolicy = {
  perTryMs: 4_000,
  totalMs: 8_000,
  retries: 2,
  firstDelayMs: 250,
  retryUnsafe: true,
}

/** `Retry-After` for the Hub when GitHub names no time: long enough for a short outage to end. */
const defaultRetryAfterSeconds = 30

/** The result of one dispatch. `reason` is for the log only: it explains the cause and the fix. */
export type DispatchResult =
  | { readonly outcome: 'accepted' }
  | { readonly outcome: 'refused'; readonly reason: string }
  | { readonly outcome: 'unavailable'; readonly reason: string; readonly retryAfterSeconds: number }

/** Sends a `client_payload` to a repository. */
export type Dispatch = (
  target: { readonly repository: string; readonly eventType: string },
  clientPayload: object,
) => Promise<DispatchResult>

/** The headers of the relay's requests to GitHub, which rejects those without a `User-Agent`. */
export function githubHeaders(token: string): Record<string, string> {
  return {
    accept: 'application/vnd.github+json',
    authorization: `Bearer ${token}`,
    'user-agent': 'auto-retrain-relay',
    'x-github-api-version': '2022-11-28',
  }
}

/**
 * Makes the function that sends a delivery as `repository_dispatch`. Its retries share one time limit.
 * https://docs.github.com/en/rest/repos/repos#create-a-repository-dispatch-event
 *
 * @param options.send sends a request once and follows no redirect
 * @param options.tokens creates the token for a repository
 * @param options.apiUrl GitHub's API, without a trailing slash
 */
export function createDispatch(options: {
  send: TextExchange
  tokens: TokenSource
  apiUrl: string
  clock: Clock
  random: () => number
}): Dispatch {
  const { send, tokens, apiUrl, clock, random } = options
  return async ({ repository, eventType }, clientPayload) => {
    const start = clock.now()
    try {
      const token = await tokens.get(repository)
      const totalMs = dispatchPolicy.totalMs - (clock.now() - start)
      const http = withPolicy({ send, policy: { ...dispatchPolicy, totalMs }, clock, random })
      const answer = await http(`${apiUrl}/repos/${repository}/dispatches`, {
        method: 'POST',
        headers: { ...githubHeaders(token), 'content-type': 'application/json' },
        body: JSON.stringify({ event_type: eventType, client_payload: clientPayload }),
      })
      if (answer.status === 401) tokens.forget(repository)
      return classify(answer, repository, clock.now())
    } catch (error) {
      if (error instanceof NoAnswerError || error instanceof CredentialsError) return withoutAnswer(error)
      throw error
    }
  }
}

function classify(answer: TextAnswer, repository: string, now: number): DispatchResult {
  const { status, headers, text } = answer
  if (status >= 200 && status < 300) return { outcome: 'accepted' }
  if (status >= 500 || isRateLimited(status, headers, text)) {
    const reason = `GitHub answered ${status}: no action is needed, the Hub will retry`
    return { outcome: 'unavailable', reason, retryAfterSeconds: inSeconds(retryAfterMs(headers, now)) }
  }
  return { outcome: 'refused', reason: explainDispatchRefusal(answer, repository) }
}

function withoutAnswer(error: NoAnswerError | CredentialsError): DispatchResult {
  if (error instanceof CredentialsError && error.final) return { outcome: 'refused', reason: error.message }
  const askedMs = error instanceof CredentialsError ? error.retryAfterMs : null
  return { outcome: 'unavailable', reason: error.message, retryAfterSeconds: inSeconds(askedMs) }
}

function inSeconds(askedMs: number | null): number {
  return askedMs === null ? defaultRetryAfterSeconds : Math.max(1, Math.ceil(askedMs / 1000))
}
