import type { Clock } from '../http/clock.ts'
import type { TextExchange } from '../http/node-fetch.ts'
import type { Credentials } from '../relay/settings.ts'

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

/** The source of tokens for these credentials. What an App needs is loaded only for an App. */
export function createTokens(options: TokenOptions): TokenSource {
  const { credentials } = options
  if (credentials.kind === 'token') return { get: async () => credentials.token, forget: () => {} }
  const made = import('./app-tokens.ts').then(({ createAppTokens }) =>
    createAppTokens({ ...options, credentials }),
  )
  return {
    get: async (repository) => (await made).get(repository),
    forget: (repository) => void made.then((source) => source.forget(repository)),
  }
}
