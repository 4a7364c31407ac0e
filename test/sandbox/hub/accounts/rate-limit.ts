import { HubRefusal, refusalResponse } from '../errors.ts'

/** Requests per window of five minutes, by what they count against. */
export interface Quotas {
  api: number
  resolvers: number
  pages: number
}

/** Counts requests and says what is left. */
export interface RateLimiter {
  /** Headers for the answer, and the 429 when nothing was left. */
  count(request: { path: string; caller: string }): { headers: Record<string, string>; refusal?: Response }
}

const WINDOW_SECONDS = 300

/** https://huggingface.co/docs/hub/rate-limits: callers without a token, and the free plan */
const ANONYMOUS: Quotas = { api: 500, resolvers: 3000, pages: 100 }
const FREE: Quotas = { api: 1000, resolvers: 5000, pages: 200 }

function bucketOf(path: string): keyof Quotas {
  if (/^\/api\/resolve-cache\//.test(path)) return 'resolvers'
  if (/^\/api\//.test(path) || /\.git\//.test(path)) return 'api'
  return /\/(resolve|raw)\//.test(path) ? 'resolvers' : 'pages'
}

/**
 * @param options quotas that replace the plan's, and the clock
 * @returns a limiter with fixed windows, one per caller and bucket
 */
export function createRateLimiter(options: { quotas?: Partial<Quotas>; now: () => Date }): RateLimiter {
  const windows = new Map<string, { startedAt: number; used: number }>()
  return {
    count({ path, caller }) {
      const bucket = bucketOf(path)
      const quota = { ...(caller === 'anonymous' ? ANONYMOUS : FREE), ...options.quotas }[bucket]
      const seconds = options.now().getTime() / 1000
      const key = `${caller} ${bucket}`
      const known = windows.get(key)
      const window =
        known !== undefined && seconds < known.startedAt + WINDOW_SECONDS
          ? known
          : { startedAt: seconds, used: 0 }
      windows.set(key, window)
      window.used += 1
      const reset = Math.ceil(window.startedAt + WINDOW_SECONDS - seconds)
      const headers = {
        ratelimit: `"${bucket}";r=${Math.max(0, quota - window.used)};t=${reset}`,
        'ratelimit-policy': `"fixed window";"${bucket}";q=${quota};w=${WINDOW_SECONDS}`,
      }
      if (window.used <= quota) return { headers }
      const message =
        'We had to rate limit your IP. To continue using our service, create a HF account or login.'
      return { headers, refusal: refusalResponse(new HubRefusal(429, message)) }
    },
  }
}
