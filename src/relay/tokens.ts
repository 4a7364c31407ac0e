import type { Credentials } from './settings.ts'

/** No token could be had. */
export class CredentialsError extends Error {
  override readonly name = 'CredentialsError'
  /** True when a person has to mend something; false when trying again may help. */
  readonly final: boolean

  constructor(message: string, options: { final: boolean; cause?: unknown }) {
    super(message, { cause: options.cause })
    this.final = options.final
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

/** The same token for every repository. */
export function fixedToken({ token }: Extract<Credentials, { kind: 'token' }>): TokenSource {
  return { get: async () => token, forget: () => {} }
}
