/** The part of a response's headers that is read here; every `Headers` class has it. */
export interface HeaderReader {
  get(name: string): string | null
}

/**
 * How long the server asks to wait, in milliseconds, or null when it says nothing. An ordered list: the first
 * header that says something wins.
 *
 * - `Retry-After`, seconds or a date. https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
 * - GitHub: `x-ratelimit-reset` (epoch seconds) once `x-ratelimit-remaining` is 0.
 *   https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
 * - the Hub: `RateLimit: "api";r=0;t=12`, present on every answer, so only `r=0` counts.
 *   https://huggingface.co/docs/hub/rate-limits
 *
 * @param headers of the answer
 * @param now milliseconds since the epoch
 */
export function retryAfterMs(headers: HeaderReader, now: number): number | null {
  return [fromRetryAfter, fromGitHub, fromHub].reduce<number | null>(
    (found, read) => found ?? read(headers, now),
    null,
  )
}

/**
 * Whether a 403 is a rate limit rather than a missing permission: only then does GitHub name a time, say that
 * nothing is left, or, for a secondary limit, say so in words alone.
 * https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit
 *
 * @param body of the answer; without one only the headers count
 */
export function isRateLimited(status: number, headers: HeaderReader, body = ''): boolean {
  if (status === 429) return true
  if (status !== 403) return false
  const isNamed = headers.get('retry-after') !== null || headers.get('x-ratelimit-remaining') === '0'
  return isNamed || saysRateLimited(body)
}

/** Whether GitHub's words are those of a secondary rate limit, which may come without any header. */
export function saysRateLimited(body: string): boolean {
  return /secondary rate limit/i.test(body)
}

function fromRetryAfter(headers: HeaderReader, now: number): number | null {
  const value = headers.get('retry-after')
  if (value === null) return null
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1000
  // `Date.parse` also takes "-5" and "1.5" for years; a date of HTTP begins with the day of the week.
  const date = /^[A-Z][a-z]{2}/.test(value) ? Date.parse(value) : Number.NaN
  return Number.isNaN(date) ? null : Math.max(0, date - now)
}

function fromGitHub(headers: HeaderReader, now: number): number | null {
  const reset = headers.get('x-ratelimit-reset')
  if (headers.get('x-ratelimit-remaining') !== '0' || reset === null || !/^\d{1,12}$/.test(reset)) return null
  return Math.max(0, Number(reset) * 1000 - now)
}

function fromHub(headers: HeaderReader): number | null {
  const match = /;r=0;t=(\d{1,6})/.exec(headers.get('ratelimit') ?? '')
  return match === null ? null : (Number(match[1]) + 1) * 1000
}
