import type { Clock } from '../http/clock.ts'
import { NoAnswerError } from '../http/errors.ts'
import type { TextExchange } from '../http/exchange.ts'
import { type HttpPolicy, withPolicy } from '../http/exchange.ts'
import { isRateLimited, retryAfterMs } from '../http/headers/retry-after.ts'
import { createHider } from '../http/hide-secret.ts'
import { describeOutage, explainDispatchRefusal, type RelayRequest } from './dispatch-refusals.ts'
import { CredentialsError, type TokenSource } from './tokens.ts'

/**
 * The Hub waits about 30 s for an answer; 8 s leave room for a slow network on both sides. Dispatching an event
 * twice is harmless, because the ledger starts one training for it, so a POST may be retried.
 * https://github.com/huggingface/dataset-viewer/issues/2651
 */
const dispatchPolicy: HttpPolicy = {
  perTryMs: 4_000,
  totalMs: 8_000,
  retries: 2,
  firstDelayMs: 250,
  retryUnsafe: true,
}

/** The wait we ask of the Hub when GitHub names none. */
const defaultRetryAfterSeconds = 30

/** The result of one dispatch. `reason` names the cause and the fix, for the log only. */
export type DispatchResult =
  | { readonly outcome: 'accepted' }
  | { readonly outcome: 'refused'; readonly reason: string }
  | { readonly outcome: 'unavailable'; readonly reason: string; readonly retryAfterSeconds: number }

/** Sends a `client_payload` to a repository. Failures are results, not exceptions. */
export type Dispatch = (
  target: { readonly repository: string; readonly eventType: string },
  clientPayload: object,
) => Promise<DispatchResult>

/** The headers of every request to GitHub, which refuses requests without a `User-Agent`. */
export function githubHeaders(token: string): Record<string, string> {
  return {
    accept: 'application/vnd.github+json',
    authorization: `Bearer ${token}`,
    'user-agent': 'auto-retrain-relay',
    'x-github-api-version': '2022-11-28',
  }
}

/**
 * Creates the one outgoing call of a delivery: `repository_dispatch`, with retries inside one time limit.
 * https://docs.github.com/en/rest/repos/repos#create-a-repository-dispatch-event
 *
 * @param options.send sends a request once and follows no redirect
 * @param options.tokens returns the token for a repository
 * @param options.apiUrl GitHub's API, without a slash at its end
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
      const url = `${apiUrl}/repos/${repository}/dispatches`
      const answer = await http(url, {
        method: 'POST',
        headers: { ...githubHeaders(token), 'content-type': 'application/json' },
        body: JSON.stringify({ event_type: eventType, client_payload: clientPayload }),
      })
      if (answer.status === 401) tokens.forget(repository)
      const hide = createHider([token])
      const hidden = { ...answer, text: hide(answer.text) }
      return classify({ answer: hidden, method: 'POST', url, repository, now: clock.now() })
    } catch (error) {
      if (error instanceof NoAnswerError || error instanceof CredentialsError) return classifyError(error)
      throw error
    }
  }
}

function classify(request: RelayRequest): DispatchResult {
  const { answer, now } = request
  const { status, headers, text } = answer
  if (status >= 200 && status < 300) return { outcome: 'accepted' }
  if (status >= 500 || isRateLimited(status, headers, text)) {
    const retryAfterSeconds = toSeconds(retryAfterMs(headers, now, text))
    return { outcome: 'unavailable', reason: describeOutage(request), retryAfterSeconds }
  }
  return { outcome: 'refused', reason: explainDispatchRefusal(request) }
}

function classifyError(error: NoAnswerError | CredentialsError): DispatchResult {
  if (error instanceof CredentialsError && error.permanent)
    return { outcome: 'refused', reason: error.message }
  const retryAfter = error instanceof CredentialsError ? error.retryAfterMs : null
  return { outcome: 'unavailable', reason: error.message, retryAfterSeconds: toSeconds(retryAfter) }
}

function toSeconds(ms: number | null): number {
  return ms === null ? defaultRetryAfterSeconds : Math.max(1, Math.ceil(ms / 1000))
}
