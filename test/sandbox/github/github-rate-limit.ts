import { randomBytes } from 'node:crypto'
import { tokenOf } from './auth.ts'
import { refusal } from './github-answers.ts'
import type { Repository } from './github-repositories.ts'

const hourMs = 3_600_000
const page = '/using-the-rest-api/rate-limits-for-the-rest-api'

/**
 * Creates the primary rate limit: 5,000 requests in an hour for each token, 1,000 for all `GITHUB_TOKEN`s of a repository
 * together, 60 without a token. The `x-ratelimit-*` headers of every answer have the counts.
 * https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
 *
 * @param options.perHour instead of 5,000 and 1,000
 * @param options.now the time in milliseconds since the epoch
 * @param options.repositories the repositories and their tokens
 */
export function createRateLimit(options: {
  perHour?: number
  now: () => number
  repositories: Repository[]
}) {
  const windows = new Map<string, { used: number; resets: number }>()

  function count(request: Request) {
    const token = tokenOf(request) ?? ''
    const ofActions = token.startsWith('ghs_')
      ? options.repositories.find((repository) => repository.tokens.has(token))
      : undefined
    const key = ofActions?.name ?? token
    const known = windows.get(key)
    const window = known && known.resets > options.now() ? known : { used: 0, resets: options.now() + hourMs }
    windows.set(key, window)
    const limit = key === '' ? 60 : (options.perHour ?? (ofActions ? 1000 : 5000))
    const allowed = window.used < limit
    window.used = Math.min(window.used + 1, limit)
    return { allowed, limit, ...window }
  }

  /** Answers or refuses the request, with the headers of every GitHub answer. */
  return async function limited(request: Request, answer: () => Promise<Response>): Promise<Response> {
    const { allowed, limit, used, resets } = count(request)
    const given = allowed ? await answer() : refusal(403, 'API rate limit exceeded for user ID 1.', page)
    const headers = new Headers({
      'x-ratelimit-limit': String(limit),
      'x-ratelimit-remaining': String(limit - used),
      'x-ratelimit-used': String(used),
      'x-ratelimit-reset': String(Math.ceil(resets / 1000)),
      'x-ratelimit-resource': 'core',
      'x-github-request-id': requestId(),
      'x-github-media-type': 'github.v3; format=json',
    })
    for (const [name, value] of given.headers) headers.set(name, value)
    return new Response(given.body, { status: given.status, headers })
  }
}

function requestId(): string {
  const hex = randomBytes(14).toString('hex').toUpperCase()
  return [hex.slice(0, 4), hex.slice(4, 10), hex.slice(10, 16), hex.slice(16, 22), hex.slice(22)].join(':')
}
