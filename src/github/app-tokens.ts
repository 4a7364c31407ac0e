import { createAppAuth } from '@octokit/auth-app'
import { request as octokitRequest } from '@octokit/request'
import type { Clock } from '../http/clock.ts'
import { NoAnswerError } from '../http/errors.ts'
import type { TextExchange } from '../http/exchange.ts'
import { type HttpPolicy, withPolicy } from '../http/exchange.ts'
import { isRateLimited, retryAfterMs } from '../http/headers/retry-after.ts'
import { toPkcs8 } from './app-key.ts'
import { type Credentials, CredentialsError, type TokenOptions, type TokenSource } from './tokens.ts'

/** Fits inside the time limit of a delivery. A token is created once an hour. */
const tokenPolicy: HttpPolicy = {
  perTryMs: 2_000,
  totalMs: 4_000,
  retries: 1,
  firstDelayMs: 250,
  retryUnsafe: true,
}

/**
 * Creates a source of GitHub App tokens. Each is valid for one repository, for `contents: write` only, and for an
 * hour; it is reused until a minute before it expires.
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
  const auth = createAppAuth({
    appId: credentials.appId,
    privateKey: toPkcs8(credentials.privateKey),
    request,
  })
  const installations = new Map<string, number>()
  const refused = new Set<string>()

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
          refresh: refused.delete(repository),
        })
        return token
      } catch (cause) {
        installations.delete(repository)
        throw toCredentialsError(cause, repository)
      }
    },
    forget(repository) {
      refused.add(repository)
      installations.delete(repository)
    },
  }
}

/**
 * The `fetch` for octokit: its requests go through our policy and our sender. It throws for the answers whose details
 * octokit would drop.
 */
function asFetch(http: TextExchange, clock: Clock) {
  return async (url: string, init: { method: string; headers: Record<string, string>; body?: string }) => {
    const { method, headers, body } = init
    const answer = await http(url, { method, headers, ...(body !== undefined && { body }) })
    const { status, text } = answer
    if (isRateLimited(status, answer.headers, text)) {
      throw new CredentialsError(`GitHub answered ${status}: the rate limit of the App is used up`, {
        permanent: false,
        retryAfterMs: retryAfterMs(answer.headers, clock.now()),
      })
    }
    if (status >= 300 && status < 400) {
      const message =
        `GitHub answered ${status} when the App asked for a token: the repository was renamed or moved, so ` +
        'set GITHUB_REPOSITORY (or the route) to its new name'
      throw new CredentialsError(message, { permanent: true })
    }
    return new Response(text, { status, headers: { 'content-type': 'application/json' } })
  }
}

function toCredentialsError(cause: unknown, repository: string): CredentialsError {
  const known = findKnownCause(cause)
  if (known instanceof CredentialsError) return known
  const status =
    cause instanceof Error && 'status' in cause && typeof cause.status === 'number' ? cause.status : null
  const refusals: Record<number, string> = {
    401: 'GitHub rejects the id and the key of the App: check GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY, and the clock of this machine',
    403: `the App cannot create a token for ${repository}: its installation is suspended, unsuspend it`,
    404: `the App is not installed on ${repository}: install it there`,
    422: `the App lacks the permission Contents: write on ${repository}: grant it, and accept it in the installation`,
  }
  const refusal = status === null ? undefined : refusals[status]
  if (refusal !== undefined) return new CredentialsError(refusal, { permanent: true, cause })
  if (status === null && known === null) {
    const message =
      'GITHUB_APP_PRIVATE_KEY is not a valid key: set it to the text of the .pem file from GitHub'
    return new CredentialsError(message, { permanent: true, cause })
  }
  const message =
    known !== null
      ? `GitHub did not answer when the App asked for a token: ${known.message}`
      : `GitHub answered ${status} when the App asked for a token`
  return new CredentialsError(message, { permanent: false, cause })
}

/** Octokit wraps the errors of its `fetch` in an error with status 500. */
function findKnownCause(error: unknown): CredentialsError | NoAnswerError | null {
  if (error instanceof CredentialsError || error instanceof NoAnswerError) return error
  return error instanceof Error ? findKnownCause(error.cause) : null
}
