import { randomBytes } from 'node:crypto'
import { Hono } from 'hono'
import { type SandboxServer, startServer } from '../server.ts'
import { refuseUnknownToken } from './auth.ts'
import { type Dispatch, dispatchRoutes } from './dispatch-routes.ts'
import { gitDataRoutes } from './git-data-routes.ts'
import { notFound, refusal, userAgentMissing } from './github-answers.ts'
import { createRateLimit, type Limits, type RateLimit } from './github-rate-limit.ts'
import {
  createRepositories,
  findRepository,
  type Permissions,
  type Repository,
  type RepositoryOptions,
} from './github-repositories.ts'
import type { GitHubState } from './github-state.ts'
import { graphqlRoutes } from './graphql/routes.ts'
import { createReplicas, type Replicas } from './replicas.ts'
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
  /** Lets reads fall behind the writes, in milliseconds of `now`. */
  lag: Replicas['lag']
  /** Sets GitHub's clock ahead of `now`, or behind it below 0: its `Date` headers and the times of its objects. */
  skew(ms: number): void
  /** Uses up a part of a token's hourly budget, as other workflows of the repository do. */
  spend: RateLimit['spend']
}

/**
 * Starts a sandbox GitHub.
 *
 * @param options.repositories the repositories it knows, and who may do what there
 * @param options.limits how many requests and creations are allowed; default GitHub's own numbers
 * @param options.now milliseconds since the epoch
 * @param options.graphqlRefs what GraphQL shows: whether it has refs of other namespaces is not documented; default
 * all of them
 * @param options.skewMs how far GitHub's own clock is ahead of `now`, or behind it below 0; default 0
 */
export async function startGitHub(options: {
  repositories: RepositoryOptions[]
  limits?: Limits
  now?: () => number
  skewMs?: number
  graphqlRefs?: 'all' | 'branches and tags'
}): Promise<SandboxGitHub> {
  const trueNow = options.now ?? Date.now
  const repositories = createRepositories(options.repositories, trueNow)
  const replicas = createReplicas(trueNow)
  const dispatches: Dispatch[] = []
  const listeners = new Set<(dispatch: Dispatch) => void>()
  const address = { url: '' }
  const clock = { skewMs: options.skewMs ?? 0 }
  const state: GitHubState = {
    repositories,
    replicas,
    now: () => trueNow() + clock.skewMs,
    showsInGraphql: (ref) => options.graphqlRefs !== 'branches and tags' || /^refs\/(heads|tags)\//.test(ref),
    serverUrl: () => address.url,
  }
  const rateLimit = createRateLimit({ repositories, now: state.now, limits: options.limits ?? {} })

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
    clock: state.now,
    app: {
      fetch(request) {
        if ((request.headers.get('user-agent') ?? '') === '') return userAgentMissing()
        return rateLimit.limited(
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
    spend: rateLimit.spend,
    lag: replicas.lag,
    skew(ms) {
      clock.skewMs = ms
    },
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
