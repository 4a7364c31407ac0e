import { createAppAuth } from '@octokit/auth-app'
import { request as octokitRequest } from '@octokit/request'
import type { Clock } from '../http/clock.ts'
import { NoAnswerError } from '../http/errors.ts'
import type { TextExchange } from '../http/exchange.ts'
import { type HttpPolicy, withPolicy } from '../http/exchange.ts'
import { isRateLimited, retryAfterMs } from '../http/headers/retry-after.ts'
import { type Credentials, CredentialsError, type TokenOptions, type TokenSource } from './tokens.ts'

/** Half of the time limit of a dispatch, so that the dispatch itself still fits; a token is created once an hour. */
const tokenPolicy: HttpPolicy = {
  perTryMs: 2_000,
  totalMs: 4_000,
  retries: 1,
  firstDelayMs: 250,
  retryUnsafe: true,
}

/**
 * Creates tokens of a GitHub App. Each is limited to one repository and to dispatching, and is valid for an hour. It
 * is reused until a minute before it expires.
 * https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/authenticating-as-a-github-app-installation
 */
export function createAppTokens(
  options: TokenOptions & { credentials: Extract<Credentials, { kind: 'app' }> },
): TokenSource {
  const { credentials, send, apiUrl, clock, random } = options
  const http = withPolicy({ send, policy: tokenPolicy, clock, random })
  const request = octokitRequest.defaults({
    baseUrl: apiUrl,
    headers: { 'user-agent': 'auto-retrain-relay' },
    request: { fetch: asFetch(http, clock) },
  })
  const auth = createAppAuth({ appId: credentials.appId, privateKey: credentials.privateKey, request })
  const installations = new Map<string, number>()
  const stale = new Set<string>()

  const findInstallation = async (owner: string, repo: string): Promise<number> => {
    const key = `${owner}/${repo}`
    const known = installations.get(key)
    if (known !== undefined) return known
    const { token } = await auth({ type: 'app' })
    const headers = { authorization: `bearer ${token}` }
    const { data } = await request('GET /repos/{owner}/{repo}/installation', { owner, repo, headers })
    installations.set(key, data.id)
    return data.id
  }

  return {
    async get(repository) {
      const [owner = '', repo = ''] = repository.split('/')
      try {
        const { token } = await auth({
          type: 'installation',
          installationId: await findInstallation(owner, repo),
          repositoryNames: [repo],
          permissions: { contents: 'write' },
          refresh: stale.delete(repository),
        })
        return token
      } catch (cause) {
        installations.delete(repository)
        throw toCredentialsError(cause, repository)
      }
    },
    forget(repository) {
      stale.add(repository)
      installations.delete(repository)
    },
  }
}

/**
 * Adapts an exchange with the HTTP policy to the `fetch` that octokit needs. It throws for rate limits and redirects,
 * because octokit's own errors for them lack the details.
 */
function asFetch(http: TextExchange, clock: Clock) {
  return async (url: string, init: { method: string; headers: Record<string, string>; body?: string }) => {
    const { method, headers, body } = init
    const answer = await http(url, { method, headers, ...(body !== undefined && { body }) })
    const { status, text } = answer
    if (isRateLimited(status, answer.headers, text)) {
      throw new CredentialsError(`GitHub answered ${status}: the App has used up its rate limit`, {
        final: false,
        retryAfterMs: retryAfterMs(answer.headers, clock.now()),
      })
    }
    if (status >= 300 && status < 400) {
      const message =
        `GitHub answered ${status} when the App asked for a token: the repository was renamed or moved, so ` +
        'set GITHUB_REPOSITORY (or the route) to its new name'
      throw new CredentialsError(message, { final: true })
    }
    return new Response(text, { status, headers: { 'content-type': 'application/json' } })
  }
}

function toCredentialsError(cause: unknown, repository: string): CredentialsError {
  const known = knownCause(cause)
  if (known instanceof CredentialsError) return known
  const status =
    cause instanceof Error && 'status' in cause && typeof cause.status === 'number' ? cause.status : null
  const refusals: Record<number, string> = {
    401: "GitHub rejects the App's id or key: check GITHUB_APP_ID, GITHUB_APP_PRIVATE_KEY and the relay's clock",
    403: `the App may not create a token for ${repository}: its installation is suspended`,
    404: `the App is not installed on ${repository}: install it there`,
    422: `the App lacks the permission Contents: write on ${repository}: add it, and accept it in the installation`,
  }
  const refusal = status === null ? undefined : refusals[status]
  if (refusal !== undefined) return new CredentialsError(refusal, { final: true, cause })
  if (status === null && known === null) {
    const message =
      'GITHUB_APP_PRIVATE_KEY cannot be read: set it to the .pem file from GitHub (on Workers converted to PKCS#8)'
    return new CredentialsError(message, { final: true, cause })
  }
  const what = status === null || known !== null ? 'did not answer' : `answered ${status}`
  return new CredentialsError(`GitHub ${what} when the App asked for a token`, { final: false, cause })
}

/** Octokit wraps errors of its `fetch` in an error with status 500. */
function knownCause(error: unknown): CredentialsError | NoAnswerError | null {
  if (error instanceof CredentialsError || error instanceof NoAnswerError) return error
  return error instanceof Error ? knownCause(error.cause) : null
}
