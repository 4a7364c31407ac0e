import { randomBytes } from 'node:crypto'
import { Hono } from 'hono'
import { type SandboxServer, startServer } from '../server.ts'
import { refuseUnknownToken } from './auth.ts'
import { type Dispatch, dispatchRoutes } from './dispatch-routes.ts'
import { gitDataRoutes } from './git-data-routes.ts'
import { graphqlRoutes } from './git-graphql.ts'
import { notFound, refusal, userAgentMissing } from './github-answers.ts'
import { createRateLimit } from './github-rate-limit.ts'
import {
  createRepositories,
  findRepository,
  type Permissions,
  type Repository,
  type RepositoryOptions,
} from './github-repositories.ts'
import type { GitHubState } from './github-state.ts'
import { repositoryInfoRoutes } from './repository-info.ts'

/** A fake api.github.com on loopback. Its `url` is the value of `GITHUB_API_URL`. */
export interface SandboxGitHub extends SandboxServer {
  /** The accepted dispatches. */
  dispatches: Dispatch[]
  repositories: Repository[]
  /** Calls the listener for each accepted dispatch. Returns a function that removes the listener. */
  onDispatch(listener: (dispatch: Dispatch) => void): () => void
  /**
   * Creates a token for one repository, as GitHub does for every job (`GITHUB_TOKEN`).
   * https://docs.github.com/en/actions/concepts/security/github_token
   */
  issueToken(repository: string, permissions: Permissions): string
  /** Revokes a token everywhere, as at the end of a job. */
  revokeToken(token: string): void
}

/**
 * Starts a sandbox GitHub.
 *
 * @param options.repositories the repositories and their tokens
 * @param options.requestsPerHour the primary rate limit; default 5,000 for a token, 1,000 for an Actions token
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
  const address = { url: '' }
  const state: GitHubState = {
    repositories,
    now: options.now ?? Date.now,
    serverUrl: () => address.url,
  }
  const perHour = options.requestsPerHour
  const limited = createRateLimit({
    repositories,
    now: state.now,
    ...(perHour === undefined ? {} : { perHour }),
  })

  function accept(dispatch: Dispatch) {
    dispatches.push(dispatch)
    for (const listener of listeners) listener(dispatch)
  }

  const routes = new Hono()
  routes.route('/', dispatchRoutes(state, accept))
  routes.route('/', gitDataRoutes(state))
  routes.route('/', graphqlRoutes(state))
  routes.route('/', repositoryInfoRoutes(state))
  routes.notFound(() => notFound())
  routes.onError((error) => {
    console.error(error)
    return refusal(500, 'Server Error')
  })

  const server = await startServer({
    app: {
      fetch(request) {
        if ((request.headers.get('user-agent') ?? '') === '') return userAgentMissing()
        return limited(
          request,
          async () => refuseUnknownToken(repositories, request) ?? (await routes.fetch(request)),
        )
      },
    },
  })
  address.url = server.url

  return {
    ...server,
    dispatches,
    repositories,
    onDispatch(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    issueToken(name, permissions) {
      const repository = findRepository(repositories, name)
      if (repository === undefined) {
        throw new Error(`The sandbox GitHub has no repository ${name}: add it to the option repositories.`)
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
