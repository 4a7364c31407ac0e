/** The method of `Headers` that is used here; every implementation has it. */
export interface HeaderReader {
  get(name: string): string | null
}

/**
 * How long the server asks to wait, in milliseconds, or null when it names no time. The first of these headers wins:
 *
 * - `Retry-After`, seconds or a date. https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
 * - GitHub: `x-ratelimit-reset` (epoch seconds) once `x-ratelimit-remaining` is 0.
 *   https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
 * - the Hub: `RateLimit: "api";r=0;t=12`, present on every answer, so it counts only with `r=0`.
 *   https://huggingface.co/docs/hub/rate-limits
 * - the body: "retry this action in 35 minutes".
 *
 * @param headers the headers of the answer
 * @param now milliseconds since the epoch
 * @param body the body of the answer; without it only the headers count
 */
export function retryAfterMs(headers: HeaderReader, now: number, body = ''): number | null {
  return [fromRetryAfter, fromGitHub, fromHub, () => fromText(body.slice(0, 20_000))].reduce<number | null>(
    (found, read) => found ?? read(headers, now),
    null,
  )
}

/**
 * Whether an answer is a rate limit. GitHub also uses 403 for it, and then names a time, reports 0 remaining requests
 * or, for a secondary limit, may explain it only in the body.
 * https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit
 *
 * @param body the body of the answer; without it only status and headers count
 */
export function isRateLimited(status: number, headers: HeaderReader, body = ''): boolean {
  if (status === 429) return true
  if (status !== 403) return false
  const isNamed = headers.get('retry-after') !== null || headers.get('x-ratelimit-remaining') === '0'
  return isNamed || saysRateLimited(body)
}

/**
 * Whether a body is GitHub's message about a rate limit, which may come without any header. Older servers call a
 * secondary limit "abuse detection". https://github.com/octokit/plugin-throttling.js/issues/438
 */
function saysRateLimited(body: string): boolean {
  return /secondary rate limit|abuse detection|rate limit exceeded|temporarily blocked from content creation/i.test(
    body,
  )
}

function fromRetryAfter(headers: HeaderReader, now: number): number | null {
  const value = headers.get('retry-after')
  if (value === null) return null
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1000
  // `Date.parse` also reads "-5" and "1.5" as years; an HTTP date begins with the day of the week.
  const date = /^[A-Z][a-z]{2}/.test(value) ? Date.parse(value) : Number.NaN
  return Number.isNaN(date) ? null : Math.max(0, date - now)
}

function fromGitHub(headers: HeaderReader, now: number): number | null {
  const reset = headers.get('x-ratelimit-reset')
  if (headers.get('x-ratelimit-remaining') !== '0' || reset === null || !/^\d{1,12}$/.test(reset)) return null
  return Math.max(0, Number(reset) * 1000 - now)
}

function fromHub(headers: HeaderReader): number | null {
  // Several limits are a list, and the parameters of one come in any order.
  const limits = (headers.get('ratelimit') ?? '')
    .split(',')
    .filter((limit) => /(?:^|;)\s*r=0\s*(?:;|$)/.test(limit))
  const seconds = limits.flatMap((limit) => /(?:^|;)\s*t=(\d{1,6})\s*(?:;|$)/.exec(limit)?.[1] ?? [])
  return seconds.length === 0 ? null : (Math.max(...seconds.map(Number)) + 1) * 1000
}

const unitsMs = { s: 1000, m: 60_000, h: 3_600_000 } as const

function fromText(body: string): number | null {
  const match =
    /\b(?:(?:re)?try\b[^.\d]{0,40}?\b(?:in|after)|wait(?: for)?) (?:about )?(\d{1,4}|an?) ?(s|m|h)(?:ec|in|r|econd|inute|our)?s?\b/i.exec(
      body,
    )
  if (match === null) return null
  const [, count = '', unit = ''] = match
  const size = unitsMs[unit.toLowerCase() as keyof typeof unitsMs]
  return (/^\d/.test(count) ? Number(count) : 1) * size
}
