import { createAppAuth } from '@octokit/auth-app'
import { request as octokitRequest } from '@octokit/request'
import { answerDetails, nextSentence } from '../http/answers/refusal-text.ts'
import type { Clock } from '../http/clock.ts'
import { type HttpError, NoAnswerError } from '../http/errors.ts'
import type { TextExchange } from '../http/exchange.ts'
import { type HttpPolicy, withPolicy } from '../http/exchange.ts'
import { toPkcs8 } from './app-key.ts'
import { toHttpError } from './dispatch-refusals.ts'
import { adviseOnGitHub, type GitHubAsk } from './known-messages.ts'
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
 * The `fetch` for octokit: its requests go through our policy and our sender. It throws for every refusal, since octokit
 * would drop the details.
 */
function asFetch(http: TextExchange, clock: Clock) {
  return async (url: string, init: { method: string; headers: Record<string, string>; body?: string }) => {
    const { method, headers, body } = init
    const answer = await http(url, { method, headers, ...(body !== undefined && { body }) })
    const { status, text } = answer
    if (status >= 300) {
      const exchange = { answer, method: method === 'GET' ? 'GET' : 'POST', url, now: clock.now() } as const
      throw new AppRefusal(toHttpError(exchange))
    }
    return new Response(text, { status, headers: { 'content-type': 'application/json' } })
  }
}

/** GitHub did not give a token; octokit wraps what its `fetch` throws. */
class AppRefusal extends Error {
  override readonly name = 'AppRefusal'
  readonly answer: HttpError

  constructor(answer: HttpError) {
    super(answer.message, { cause: answer })
    this.answer = answer
  }
}

/**
 * What GitHub says about Apps alone, and what to do about it; its other messages are in the table that all requests
 * share. https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app
 */
const appMessages: readonly { says: RegExp; advice: (repository: string) => string }[] = [
  {
    says: /'(?:iat|exp)'|issued at|expiration time/i,
    advice: () =>
      'set the clock of this machine: the time in the request of the App is not the time of GitHub',
  },
  {
    says: /bad credentials|json web token|'iss'|\bissuer\b|integration not found/i,
    advice: () =>
      'GitHub rejects the id and the key of the App: check GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY, and the clock of this machine',
  },
  {
    says: /^not found$/i,
    advice: (repository) => `the App is not installed on ${repository}: install it there`,
  },
  {
    says: /permissions? requested|not granted/i,
    advice: (repository) =>
      `the App lacks the permission Contents: write on ${repository}: grant it, and accept it in the installation`,
  },
  {
    says: /repository that does not exist|not accessible/i,
    advice: (repository) => `add ${repository} to the repositories of the App's installation`,
  },
]

function explainAppRefusal(error: HttpError, repository: string): CredentialsError {
  const { status, words, isLimit, retryAfterMs } = error
  const answered = `GitHub answered ${status} when the App asked for a token for ${repository}${answerDetails(error)}`
  if (isLimit) {
    const message = `${answered}: the rate limit of the App is used up`
    return new CredentialsError(message, { permanent: false, retryAfterMs, cause: error })
  }
  if (status >= 500 || status === 408) {
    return new CredentialsError(answered, { permanent: false, retryAfterMs, cause: error })
  }
  const moved = 'the repository was renamed or moved, so set GITHUB_REPOSITORY (or the route) to its new name'
  const own = appMessages.find(({ says }) => words !== null && says.test(words))?.advice(repository)
  const advice = status < 400 ? moved : (own ?? adviseOnGitHub(words, appAsk(repository)))
  return new CredentialsError(`${answered}.${nextSentence(advice)}`, { permanent: true, cause: error })
}

function appAsk(repository: string): GitHubAsk {
  const rights = `grant the App Contents: write on ${repository}, and accept it in the installation`
  return { token: 'the App', repository, rights, renew: rights, missing: rights }
}

function toCredentialsError(cause: unknown, repository: string): CredentialsError {
  const known = findKnownCause(cause)
  if (known instanceof CredentialsError) return known
  if (known instanceof AppRefusal) return explainAppRefusal(known.answer, repository)
  if (known !== null) {
    const message = `GitHub did not answer when the App asked for a token: ${known.message}`
    return new CredentialsError(message, { permanent: false, cause })
  }
  const message = 'GITHUB_APP_PRIVATE_KEY is not a valid key: set it to the text of the .pem file from GitHub'
  return new CredentialsError(message, { permanent: true, cause })
}

/** Octokit wraps the errors of its `fetch` in an error with status 500. */
function findKnownCause(error: unknown): AppRefusal | NoAnswerError | null {
  if (error instanceof AppRefusal || error instanceof NoAnswerError) return error
  return error instanceof Error ? findKnownCause(error.cause) : null
}
