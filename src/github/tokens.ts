import type { Clock } from '../http/clock.ts'
import type { TextExchange } from '../http/exchange.ts'

/** How the relay authenticates to GitHub. */
export type Credentials =
  | { readonly kind: 'token'; readonly token: string }
  | { readonly kind: 'app'; readonly appId: string; readonly privateKey: string }

/** Thrown when there is no token to send. */
export class CredentialsError extends Error {
  override readonly name = 'CredentialsError'
  /** True when the operator must fix something; false when trying again may help. */
  readonly permanent: boolean
  /** The wait that GitHub asks for; null when it names none. */
  readonly retryAfterMs: number | null

  constructor(
    message: string,
    options: { permanent: boolean; retryAfterMs?: number | null; cause?: unknown },
  ) {
    super(message, { cause: options.cause })
    this.permanent = options.permanent
    this.retryAfterMs = options.retryAfterMs ?? null
  }
}

/** A source of tokens that may dispatch. */
export interface TokenSource {
  /**
   * Returns a token for a repository, from memory or new.
   *
   * @param repository `owner/name`
   * @throws CredentialsError when there is none
   */
  get(repository: string): Promise<string>
  /** Drops the token of this repository, because GitHub refused it. The next `get` creates a new one, if it can. */
  forget(repository: string): void
}

/** What a token source needs. */
export interface TokenOptions {
  credentials: Credentials
  /** Sends a request once and does not follow redirects. */
  send: TextExchange
  /** GitHub's API, without a trailing slash. */
  apiUrl: string
  clock: Clock
  random: () => number
}
