import type { TokenOptions, TokenSource } from '../github/tokens.ts'

/** The source of tokens for these credentials. What an App needs is loaded only for an App. */
export function createTokens(options: TokenOptions): TokenSource {
  const { credentials } = options
  if (credentials.kind === 'token') return { get: async () => credentials.token, forget: () => {} }
  const made = import('../github/app-tokens.ts').then(({ createAppTokens }) =>
    createAppTokens({ ...options, credentials }),
  )
  return {
    get: async (repository) => (await made).get(repository),
    forget: (repository) => void made.then((source) => source.forget(repository)),
  }
}
