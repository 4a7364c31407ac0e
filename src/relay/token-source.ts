import type { TokenOptions, TokenSource } from '../github/tokens.ts'

/** Creates the token source for these credentials. The code for a GitHub App is loaded only when there is one. */
export function createTokens(options: TokenOptions): TokenSource {
  const { credentials } = options
  if (credentials.kind === 'token') return { get: async () => credentials.token, forget: () => {} }
  const appTokens = import('../github/app-tokens.ts').then(({ createAppTokens }) =>
    createAppTokens({ ...options, credentials }),
  )
  return {
    get: async (repository) => (await appTokens).get(repository),
    forget: (repository) => void appTokens.then((source) => source.forget(repository)),
  }
}
