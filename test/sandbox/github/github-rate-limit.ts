import { randomBytes } from 'node:crypto'
import { tokenOf } from './auth.ts'
import { json, refusal } from './github-answers.ts'
import type { Repository } from './github-repositories.ts'

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const primaryPage = '/using-the-rest-api/rate-limits-for-the-rest-api'
const secondaryPage = `${primaryPage}#about-secondary-rate-limits`

/**
 * GitHub's limits; each can be raised or lowered.
 * https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
 */
export interface Limits {
  /** @default 1,000 for all `GITHUB_TOKEN`s of a repository together, 5,000 for another token, 60 without one */
  requestsPerHour?: number
  /** Points of GraphQL, one for each query. @default 1,000 and 5,000, as for requests */
  pointsPerHour?: number
  /** Requests that create content: tag objects, refs, dispatches. @default 80 */
  creationsPerMinute?: number
  /** @default 500 */
  creationsPerHour?: number
  /** GitHub may use either. @default 403 */
  refusalStatus?: 403 | 429
}

/** For long simulations whose subject is something else. */
export const noLimits: Limits = {
  requestsPerHour: 1e9,
  pointsPerHour: 1e9,
  creationsPerMinute: 1e9,
  creationsPerHour: 1e9,
}

type Resource = 'core' | 'graphql'

interface Window {
  used: number
  resets: number
}

/** Counts requests, and refuses those beyond a limit. */
export interface RateLimit {
  /** Answers the request, or refuses it, with the headers that every answer of GitHub carries. */
  limited(request: Request, answer: () => Promise<Response>): Promise<Response>
  /** Counts requests or points as used, without any request. */
  spend(spent: { token: string; requests?: number; points?: number }): void
}

/**
 * The primary limits of REST and GraphQL, which are separate, and the secondary limit on creating content. A
 * creation that GitHub refuses for another reason counts; one that this limit refuses does not.
 *
 * @param options.now milliseconds since the epoch
 * @param options.repositories whose tokens are known
 */
export function createRateLimit(options: {
  limits: Limits
  now: () => number
  repositories: Repository[]
}): RateLimit {
  const { limits, now, repositories } = options
  const windows = new Map<string, Window>()
  const creations = new Map<string, number[]>()

  function budgetOf(token: string, resource: Resource) {
    const ofActions = token.startsWith('ghs_')
      ? repositories.find((repository) => repository.tokens.has(token))
      : undefined
    const owner = ofActions?.name ?? token
    const given = resource === 'core' ? limits.requestsPerHour : limits.pointsPerHour
    const limit = token === '' ? 60 : (given ?? (ofActions ? 1000 : 5000))
    return { owner, limit, who: whoIs({ token, id: ofActions?.id }) }
  }

  function spend(owner: string, resource: Resource, count: number, limit: number) {
    const key = `${resource} ${owner}`
    const known = windows.get(key)
    const window = known && known.resets > now() ? known : { used: 0, resets: now() + hourMs }
    windows.set(key, window)
    const allowed = window.used + count <= limit
    window.used = Math.min(window.used + count, limit)
    return { allowed, ...window }
  }

  /** Seconds to wait before the next creation; 0 when this one may go through. */
  function waitToCreate(owner: string): number {
    const { creationsPerMinute = 80, creationsPerHour = 500 } = limits
    const recent = (creations.get(owner) ?? []).filter((at) => at > now() - hourMs)
    const lastMinute = recent.filter((at) => at > now() - minuteMs)
    const freeAt = Math.max(
      recent.length < creationsPerHour ? 0 : (recent.at(-creationsPerHour) ?? 0) + hourMs,
      lastMinute.length < creationsPerMinute ? 0 : (recent.at(-creationsPerMinute) ?? 0) + minuteMs,
    )
    const wait = Math.ceil(Math.max(0, freeAt - now()) / 1000)
    creations.set(owner, wait > 0 ? recent : [...recent, now()])
    return wait
  }

  return {
    async limited(request, answer) {
      const { pathname } = new URL(request.url)
      const resource: Resource = pathname === '/graphql' ? 'graphql' : 'core'
      const { owner, limit, who } = budgetOf(tokenOf(request) ?? '', resource)
      const { allowed, used, resets } = spend(owner, resource, 1, limit)
      const wait = allowed && createsContent(request.method, pathname) ? waitToCreate(owner) : 0
      const status = limits.refusalStatus ?? 403
      const given = !allowed
        ? usedUp({ who, resource, status })
        : wait > 0
          ? tooManyCreations({ wait, status })
          : await answer()
      const headers = new Headers({
        'x-ratelimit-limit': String(limit),
        'x-ratelimit-remaining': String(limit - used),
        'x-ratelimit-used': String(used),
        'x-ratelimit-reset': String(Math.ceil(resets / 1000)),
        'x-ratelimit-resource': resource,
        'x-github-request-id': requestId(),
        'x-github-media-type': 'github.v3; format=json',
      })
      for (const [name, value] of given.headers) headers.set(name, value)
      return new Response(given.body, { status: given.status, headers })
    },
    spend({ token, requests = 0, points = 0 }) {
      const spent: [Resource, number][] = [
        ['core', requests],
        ['graphql', points],
      ]
      for (const [resource, count] of spent) {
        const { owner, limit } = budgetOf(token, resource)
        if (count > 0) spend(owner, resource, count, limit)
      }
    },
  }
}

// https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits
function createsContent(method: string, path: string): boolean {
  if (method === 'POST') return /\/git\/(tags|refs)$|\/dispatches$/.test(path)
  return ['PATCH', 'DELETE'].includes(method) && path.includes('/git/refs/')
}

// Sentences seen in https://github.com/github/codeql/issues/5106 and https://docs.github.com/en/rest
function whoIs({ token, id }: { token: string; id: number | undefined }): string {
  if (token === '') return '127.0.0.1'
  return id === undefined ? 'user ID 1' : `installation ID ${id}`
}

/**
 * GraphQL answers 200 with an error inside, REST a refusal without `retry-after`: `x-ratelimit-reset` has the time.
 * https://docs.github.com/en/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api#exceeding-the-rate-limit
 */
function usedUp(options: { who: string; resource: Resource; status: number }): Response {
  const message = `API rate limit exceeded for ${options.who}.`
  if (options.resource === 'graphql') return json(200, { errors: [{ type: 'RATE_LIMITED', message }] })
  return refusal(options.status, message, primaryPage)
}

// The sentence: https://github.com/app-sre/github-mirror/pull/62
function tooManyCreations({ wait, status }: { wait: number; status: number }): Response {
  const message = 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.'
  const refused = refusal(status, message, secondaryPage)
  refused.headers.set('retry-after', String(wait))
  return refused
}

function requestId(): string {
  const hex = randomBytes(14).toString('hex').toUpperCase()
  return [hex.slice(0, 4), hex.slice(4, 10), hex.slice(10, 16), hex.slice(16, 22), hex.slice(22)].join(':')
}
