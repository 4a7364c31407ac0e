import { randomBytes } from 'node:crypto'
import { notFound, userAgentMissing } from './answers.ts'
import { refuseUnknownToken } from './auth.ts'
import { createDispatch, type Dispatch } from './dispatches.ts'
import type { Faults } from './faults.ts'
import { type Answer, listenOnLoopback, type RecordedRequest } from './loopback.ts'
import { createRateLimit } from './rate-limit.ts'
import {
  createRepositories,
  findRepository,
  type Permissions,
  type Repository,
  type RepositoryOptions,
} from './repositories.ts'

/** A stand-in for api.github.com on loopback. */
export interface SandboxGitHub extends Faults {
  /** For `GITHUB_API_URL`. */
  url: string
  /** Every request that arrived. */
  requests: RecordedRequest[]
  /** The dispatches that were accepted. */
  dispatches: Dispatch[]
  repositories: Repository[]
  /** Calls the listener for each accepted dispatch; returns a function that stops it. */
  onDispatch(listener: (dispatch: Dispatch) => void): () => void
  /**
   * Makes a token for one repository, as GitHub does for every job (`GITHUB_TOKEN`).
   * https://docs.github.com/en/actions/concepts/security/github_token
   */
  issueToken(repository: string, permissions: Permissions): string
  /** Makes a token void everywhere, as at the end of a job. */
  revokeToken(token: string): void
  close(): Promise<void>
}

/**
 * Starts a sandbox GitHub.
 *
 * @param options.repositories the repositories it knows, and who may do what there
 * @param options.requestsPerHour primary rate limit of a token; default 5,000
 * @param options.now milliseconds since the epoch
 */
export async function startGitHub(options: {
  repositories: RepositoryOptions[]
  requestsPerHour?: number
  now?: () => number
}): Promise<SandboxGitHub> {
  const repositories = createRepositories(options.repositories)
  const dispatches: Dispatch[] = []
  const listeners = new Set<(dispatch: Dispatch) => void>()
  const perHour = options.requestsPerHour
  const limited = createRateLimit({
    now: options.now ?? Date.now,
    ...(perHour === undefined ? {} : { perHour }),
  })

  function accept(dispatch: Dispatch) {
    dispatches.push(dispatch)
    for (const listener of listeners) {
      listener(dispatch)
    }
  }

  function route(request: RecordedRequest): Answer {
    const dispatch = /^\/repos\/([^/]+\/[^/]+)\/dispatches$/.exec(request.path)
    if (dispatch && request.method === 'POST') {
      const name = decodeURIComponent(dispatch[1] ?? '')
      return createDispatch({ repositories, request, name, serverUrl: server.url, accept })
    }
    return notFound()
  }

  const server = await listenOnLoopback((request) => {
    if ((request.headers['user-agent'] ?? '') === '') {
      return userAgentMissing()
    }
    return limited(request, () => refuseUnknownToken(repositories, request) ?? route(request))
  })

  return {
    url: server.url,
    requests: server.requests,
    fault: server.fault,
    close: server.close,
    dispatches,
    repositories,
    onDispatch(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    issueToken(name, permissions) {
      const repository = findRepository(repositories, name)
      if (repository === undefined) {
        throw new Error(`The sandbox GitHub has no repository ${name}.`)
      }
      const token = `ghs_${randomBytes(27).toString('base64url')}`
      repository.tokens.set(token, permissions)
      return token
    },
    revokeToken(token) {
      for (const repository of repositories) {
        repository.tokens.delete(token)
      }
    },
  }
}
