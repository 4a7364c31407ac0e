import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { isRateLimited, retryAfterMs } from '../../../src/http/headers/retry-after.ts'

const now = Date.parse('2026-09-21T14:13:20Z')
const asked = (headers: Record<string, string>) => retryAfterMs(new Headers(headers), now)

describe('The delay that a server asks for', () => {
  test.each([
    ['seconds', { 'retry-after': '120' }, 120_000],
    ['no second at all', { 'retry-after': '0' }, 0],
    ['a date', { 'retry-after': 'Mon, 21 Sep 2026 14:14:20 GMT' }, 60_000],
    ['a date of the older form', { 'retry-after': 'Monday, 21-Sep-26 14:14:20 GMT' }, 60_000],
    ['a date that has passed', { 'retry-after': 'Mon, 21 Sep 2026 14:13:19 GMT' }, 0],
    [
      'the reset of GitHub',
      { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(now / 1000 + 50) },
      50_000,
    ],
    ['the reset of the Hub, and a second for rounding', { ratelimit: '"api";r=0;t=55' }, 56_000],
    [
      'the reset of the Hub, with its parameters in another order',
      { ratelimit: '"api";t=55;w=300;r=0' },
      56_000,
    ],
    [
      'the exhausted one of several limits of the Hub',
      { ratelimit: '"pages";r=9;t=5, "api";r=0;t=55' },
      56_000,
    ],
  ])('It is read from %s.', (_, headers, expected) => {
    expect(asked(headers as Record<string, string>)).toBe(expected)
  })

  test.each([
    ['there are no headers', {}],
    ['it is negative', { 'retry-after': '-5' }],
    ['it is a fraction', { 'retry-after': '1.5' }],
    ['it has a unit', { 'retry-after': '5s' }],
    ['it is a year', { 'retry-after': '2026-09-21' }],
    ['it is empty', { 'retry-after': '' }],
    ['it is prose', { 'retry-after': 'soon' }],
    ['it is endless', { 'retry-after': '9'.repeat(30) }],
    ['GitHub has calls left', { 'x-ratelimit-remaining': '1', 'x-ratelimit-reset': '1790000000' }],
    ['GitHub names no reset', { 'x-ratelimit-remaining': '0' }],
    ['the reset of GitHub is no number', { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': 'soon' }],
    ['the Hub has calls left, as every answer of it says', { ratelimit: '"api";r=499;t=55' }],
    ['the Hub names no time', { ratelimit: '"api";r=0' }],
  ])('It is null when %s.', (_, headers) => {
    expect(asked(headers as Record<string, string>)).toBeNull()
  })

  test('Retry-After takes precedence over the rate limits of GitHub and the Hub.', () => {
    const github = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(now / 1000 + 50) }
    const hub = { ratelimit: '"api";r=0;t=55' }
    expect(asked({ ...github, ...hub, 'retry-after': '3' })).toBe(3000)
    expect(asked({ ...github, ...hub })).toBe(50_000)
    expect(asked({ ...github, ...hub, 'retry-after': 'soon' })).toBe(50_000)
  })

  test('A reset in the past asks for no delay.', () => {
    expect(asked({ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(now / 1000 - 50) })).toBe(0)
  })

  test('It is null or a number of 0 or more for any headers.', () => {
    const value = fc.oneof(
      fc.stringMatching(/^[\x20-\x7e]*$/),
      fc.integer().map(String),
      fc.double().map(String),
    )
    fc.assert(
      fc.property(value, value, value, (first, second, third) => {
        const ms = asked({
          'retry-after': first,
          'x-ratelimit-remaining': '0',
          'x-ratelimit-reset': second,
          ratelimit: third,
        })
        expect(ms === null || (Number.isFinite(ms) && ms >= 0)).toBe(true)
      }),
    )
  })
})

/** GitHub's words. */
const secondaryLimit =
  'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.'

test.each([
  ['retry this action in 35 minutes', 2_100_000],
  ['try again after 30 seconds', 30_000],
  ['Please wait 60 seconds', 60_000],
  ['retry in 250s', 250_000],
  ['You can try again in about an hour', 3_600_000],
  ['Please wait a few minutes before you try again', null],
])('The words "%s" say how long to wait.', (words, ms) => {
  expect(retryAfterMs(new Headers(), now, words)).toBe(ms)
})

describe('isRateLimited', () => {
  test.each([
    [429, {}, true],
    [403, {}, false],
    [403, { 'x-ratelimit-remaining': '12' }, false],
    [403, { 'x-ratelimit-remaining': '0' }, true],
    [403, { 'retry-after': '60' }, true],
    [401, { 'retry-after': '60' }, false],
    [503, { 'retry-after': '60' }, false],
    [200, { 'x-ratelimit-remaining': '0' }, false],
  ])('A %d with %j: %s.', (status, headers, expected) => {
    expect(isRateLimited(status, new Headers(headers as Record<string, string>))).toBe(expected)
  })

  test.each([
    ['{"message":"%s"}', true],
    ['{"message":"You have been temporarily blocked from content creation. Please retry later."}', true],
    ['{"message":"Resource not accessible by integration"}', false],
  ])('A 403 without such a header and with the body %s: %s.', (body, expected) => {
    expect(isRateLimited(403, new Headers(), body.replace('%s', secondaryLimit))).toBe(expected)
  })
})
