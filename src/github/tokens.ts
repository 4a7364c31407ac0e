import type { Clock } from '../http/clock.ts'
import type { TextExchange } from '../http/exchange.ts'

/** How the relay authenticates with GitHub. */
export type Credentials =
  | { readonly kind: 'token'; readonly token: string }
  | { readonly kind: 'app'; readonly appId: string; readonly privateKey: string }

/** There is no token: the credentials are wrong, or GitHub did not create one. */
export class CredentialsError extends Error {
  override readonly name = 'CredentialsError'
  /** True when the credentials need a fix; false when a retry may help. */
  readonly final: boolean
  /** How long GitHub asks to wait, in milliseconds; null when it names no time. */
  readonly retryAfterMs: number | null

  constructor(message: string, options: { final: boolean; retryAfterMs?: number | null; cause?: unknown }) {
    super(message, { cause: options.cause })
    this.final = options.final
    this.retryAfterMs = options.retryAfterMs ?? null
  }
}

/** Provides tokens that may dispatch. */
export interface TokenSource {
  /**
   * @param repository `owner/name`
   * @throws CredentialsError
   */
  get(repository: string): Promise<string>
  /** Forgets the token of a repository after GitHub rejected it, so that the next one is new where possible. */
  forget(repository: string): void
}

/** What creating tokens needs. */
export interface TokenOptions {
  credentials: Credentials
  /** Sends a request once and does not follow redirects. */
  send: TextExchange
  /** GitHub's API, without a trailing slash. */
  apiUrl: string
  clock: Clock
  random: () => number
}
