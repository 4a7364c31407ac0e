import type { Clock } from '../http/clock.ts'
import type { TextExchange } from '../http/exchange.ts'

/** How the relay proves to GitHub who it is. */
export type Credentials =
  | { readonly kind: 'token'; readonly token: string }
  | { readonly kind: 'app'; readonly appId: string; readonly privateKey: string }

/** No token could be had. */
export class CredentialsError extends Error {
  override readonly name = 'CredentialsError'
  /** True when a person has to mend something; false when trying again may help. */
  readonly final: boolean
  /** How long GitHub asks to wait, in milliseconds; null when it does not say. */
  readonly retryAfterMs: number | null

  constructor(message: string, options: { final: boolean; retryAfterMs?: number | null; cause?: unknown }) {
    super(message, { cause: options.cause })
    this.final = options.final
    this.retryAfterMs = options.retryAfterMs ?? null
  }
}

/** Gives tokens that may dispatch. */
export interface TokenSource {
  /**
   * @param repository `owner/name`
   * @throws CredentialsError
   */
  get(repository: string): Promise<string>
  /** GitHub no longer takes the token of this repository: the next one is made anew, where that is possible. */
  forget(repository: string): void
}

/** What making a token takes. */
export interface TokenOptions {
  credentials: Credentials
  /** Sends a request once and follows no redirect. */
  send: TextExchange
  /** GitHub's API, without a slash at its end. */
  apiUrl: string
  clock: Clock
  random: () => number
}
