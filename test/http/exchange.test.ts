import { describe, expect, test } from '@jest/globals'
import { NoAnswerError } from '../../src/http/errors.ts'
import {
  type Answer,
  defaultPolicy,
  type HttpPolicy,
  type OutgoingRequest,
  withPolicy,
} from '../../src/http/exchange.ts'
import { createFakeClock, type FakeClock } from './fake-clock.ts'

const url = 'https://hub.test/api'
const policy: HttpPolicy = { ...defaultPolicy, retries: 3, firstDelayMs: 500 }

type Outcome = number | { status: number; headers: Record<string, string> } | Error | 'hang'

const systemError = (code: string) => Object.assign(new Error(code), { code })
const lost = systemError('ECONNRESET')
const neverReached = systemError('ECONNREFUSED')

/** The other side as a list of what happens to each try; the last one repeats. */
function otherSide(
  outcomes: readonly Outcome[],
  clock: FakeClock,
  change: Partial<HttpPolicy> = {},
  random = 0,
) {
  const debugLines: string[] = []
  const tries: { method: string | undefined; at: number; signal: AbortSignal }[] = []
  let arrived = () => {}
  const firstTry = new Promise<void>((resolve) => {
    arrived = resolve
  })
  const send = async (_: string, { method, signal }: OutgoingRequest): Promise<Answer> => {
    if (!signal) throw new Error('Every try has a signal.')
    const outcome = outcomes[Math.min(tries.length, outcomes.length - 1)] ?? 200
    tries.push({ method, at: clock.now(), signal })
    arrived()
    signal.throwIfAborted()
    if (outcome === 'hang') {
      return new Promise((_resolve, reject) => {
        // As node-fetch does: its own error, without the signal's reason.
        signal.addEventListener('abort', () => reject(new DOMException('aborted', 'AbortError')))
      })
    }
    if (outcome instanceof Error) throw outcome
    const { status, headers } = typeof outcome === 'number' ? { status: outcome, headers: {} } : outcome
    return { status, headers: new Headers(headers) }
  }
  const debug = (line: string) => debugLines.push(line)
  const call = withPolicy({ send, policy: { ...policy, ...change }, clock, random: () => random, debug })
  return { call, tries, firstTry, debugLines }
}

test('A good answer is returned at once.', async () => {
  const clock = createFakeClock()
  const { call, tries } = otherSide([200], clock)
  expect(await call(url, {})).toMatchObject({ status: 200 })
  expect(tries).toHaveLength(1)
  expect(clock.sleeps).toEqual([])
})

test.each([200, 500, neverReached])('A try that has ended (%s) leaves no timer behind.', async (outcome) => {
  const clock = createFakeClock()
  const { call } = otherSide([outcome, 200], clock)
  await call(url, {})
  expect(clock.timers()).toBe(0)
})

test('The method is sent in upper case, and the default is GET.', async () => {
  const { call, tries } = otherSide([200], createFakeClock())
  await call(url, { method: 'post' })
  await call(url, {})
  expect(tries.map(({ method }) => method)).toEqual(['POST', 'GET'])
})

describe('Retries after an answer', () => {
  const rows = [
    {
      methods: ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE'],
      retryUnsafe: false,
      again: [408, 429, 500, 502, 503, 504],
    },
    { methods: ['POST', 'PATCH', 'get2'], retryUnsafe: false, again: [429] },
    { methods: ['POST', 'PATCH'], retryUnsafe: true, again: [429, 502, 503, 504] },
  ]
  const statuses = [
    200, 201, 204, 301, 302, 304, 400, 401, 402, 403, 404, 405, 408, 409, 410, 412, 413, 422, 425, 429, 500,
    501, 502, 503, 504, 505, 511,
  ]
  const table = rows.flatMap(({ methods, retryUnsafe, again }) =>
    methods.map((method) => ({ method, retryUnsafe, again, list: again.join(', ') })),
  )

  test.each(table)(
    '$method with retryUnsafe: $retryUnsafe is retried after $list only.',
    async ({ method, retryUnsafe, again }) => {
      for (const status of statuses) {
        const { call, tries } = otherSide([status, 200], createFakeClock(), { retryUnsafe })
        const answer = await call(url, { method })
        expect([status, tries.length]).toEqual([status, again.includes(status) ? 2 : 1])
        expect(answer.status).toBe(again.includes(status) ? 200 : status)
      }
    },
  )

  test.each([
    ['a time to wait', { 'retry-after': '1' }],
    ['nothing left', { 'x-ratelimit-remaining': '0' }],
  ])('A 403 with %s is a rate limit, after which even a POST is retried.', async (_, headers) => {
    const { call, tries } = otherSide([{ status: 403, headers }, 200], createFakeClock())
    expect((await call(url, { method: 'POST' })).status).toBe(200)
    expect(tries).toHaveLength(2)
  })
})

describe('Retries without an answer', () => {
  test.each(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE'])('%s is retried.', async (method) => {
    const { call, tries } = otherSide([lost, 200], createFakeClock())
    expect((await call(url, { method })).status).toBe(200)
    expect(tries).toHaveLength(2)
  })

  test.each(['POST', 'PATCH'])('%s is not retried, because it may have been carried out.', async (method) => {
    const clock = createFakeClock()
    const { call, tries } = otherSide([lost, 200], clock)
    await expect(call(url, { method })).rejects.toMatchObject({
      name: 'NoAnswerError',
      neverSent: false,
      cause: lost,
    })
    expect(tries).toHaveLength(1)
    expect(clock.sleeps).toEqual([])
  })

  test('POST is retried when the policy allows it.', async () => {
    const { call, tries } = otherSide([lost, 200], createFakeClock(), { retryUnsafe: true })
    expect((await call(url, { method: 'POST' })).status).toBe(200)
    expect(tries).toHaveLength(2)
  })

  test.each(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'])(
    'POST is retried after %s, because it was never sent.',
    async (code) => {
      const { call, tries } = otherSide([systemError(code), 200], createFakeClock())
      expect((await call(url, { method: 'POST' })).status).toBe(200)
      expect(tries).toHaveLength(2)
    },
  )

  test.each(['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'UND_ERR_SOCKET', 'ERR_STREAM_PREMATURE_CLOSE'])(
    'POST is not retried after %s.',
    async (code) => {
      const { call, tries } = otherSide([systemError(code), 200], createFakeClock())
      await expect(call(url, { method: 'POST' })).rejects.toBeInstanceOf(NoAnswerError)
      expect(tries).toHaveLength(1)
    },
  )

  test('The error of the last try is thrown when no try gets an answer.', async () => {
    const { call, tries } = otherSide([lost, lost, lost, neverReached], createFakeClock())
    await expect(call(url, {})).rejects.toMatchObject({ neverSent: true, cause: neverReached })
    expect(tries).toHaveLength(4)
  })
})

describe('The limits of the retries', () => {
  test('The last answer is returned when no tries are left, without another delay.', async () => {
    const clock = createFakeClock()
    const { call, tries } = otherSide([500, 502, 503, 504], clock)
    expect((await call(url, {})).status).toBe(504)
    expect(tries).toHaveLength(4)
    expect(clock.sleeps).toHaveLength(3)
  })

  test('Without retries a request is sent once and there is no delay.', async () => {
    const clock = createFakeClock()
    const { call, tries } = otherSide([503], clock, { retries: 0 })
    expect((await call(url, {})).status).toBe(503)
    expect(tries).toHaveLength(1)
    expect(clock.sleeps).toEqual([])
  })

  test.each([
    [0, [500, 1000, 2000]],
    [0.5, [750, 1500, 3000]],
    [1, [1000, 2000, 4000]],
  ])('The delays double, plus jitter: random %d leads to %j.', async (random, waits) => {
    const clock = createFakeClock()
    await otherSide([503], clock, {}, random).call(url, {})
    expect(clock.sleeps).toEqual(waits)
  })

  test.each([
    ['seconds', { 'retry-after': '7' }, 7000],
    ['zero seconds', { 'retry-after': '0' }, 0],
    ['a date', { 'retry-after': 'Mon, 21 Sep 2026 14:13:25 GMT' }, 5000],
    ['the reset of GitHub', { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1790000009' }, 9000],
    ['the reset of the Hub', { ratelimit: '"api";r=0;t=12' }, 13_000],
  ])("The server's own delay, as %s, is used instead of the computed one.", async (_, headers, wait) => {
    const clock = createFakeClock()
    await otherSide([{ status: 429, headers }, 200], clock, {}, 1).call(url, {})
    expect(clock.sleeps).toEqual([wait])
  })

  test('An answer whose delay exceeds the total time is returned at once.', async () => {
    const clock = createFakeClock()
    const { call, tries } = otherSide([{ status: 503, headers: { 'retry-after': '90' } }, 200], clock)
    expect((await call(url, {})).status).toBe(503)
    expect(tries).toHaveLength(1)
    expect(clock.sleeps).toEqual([])
  })

  test('A delay that just fits into the total time is used.', async () => {
    const clock = createFakeClock()
    const { call, tries } = otherSide([{ status: 503, headers: { 'retry-after': '89' } }, 200], clock)
    expect((await call(url, {})).status).toBe(200)
    expect(tries).toHaveLength(2)
  })

  test('The total time includes all tries and delays.', async () => {
    const clock = createFakeClock()
    const { call, tries } = otherSide([{ status: 503, headers: { 'retry-after': '40' } }], clock)
    expect((await call(url, {})).status).toBe(503)
    expect(clock.sleeps).toEqual([40_000, 40_000])
    expect(tries).toHaveLength(3)
  })

  test('Each call has its own total time.', async () => {
    const clock = createFakeClock()
    const { call, tries } = otherSide([200], clock)
    await call(url, {})
    clock.advance(policy.totalMs * 2)
    expect((await call(url, {})).status).toBe(200)
    expect(tries.at(-1)?.signal.aborted).toBe(false)
  })
})

describe('Time limits', () => {
  test('A GET that hangs is aborted at the limit of its try and retried.', async () => {
    const clock = createFakeClock()
    const { call, tries, firstTry } = otherSide(['hang', 200], clock)
    const answer = call(url, {})
    await firstTry
    clock.advance(policy.perTryMs)
    expect((await answer).status).toBe(200)
    expect(tries).toHaveLength(2)
  })

  test('A try is not aborted before its limit.', async () => {
    const clock = createFakeClock()
    const { call, tries, firstTry } = otherSide(['hang'], clock, { retries: 0 })
    const answer = call(url, {})
    await firstTry
    clock.advance(policy.perTryMs - 1)
    expect(tries[0]?.signal.aborted).toBe(false)
    clock.advance(1)
    await expect(answer).rejects.toBeInstanceOf(NoAnswerError)
  })

  test('A POST that hangs is not retried, and the error says that it timed out.', async () => {
    const clock = createFakeClock()
    const { call, tries, firstTry } = otherSide(['hang', 200], clock)
    const answer = call(url, { method: 'POST' })
    await firstTry
    clock.advance(policy.perTryMs)
    await expect(answer).rejects.toMatchObject({
      message: `POST ${url} got no answer: timed out`,
      neverSent: false,
    })
    expect(tries).toHaveLength(1)
  })

  test('A try that uses up the total time is not retried.', async () => {
    const clock = createFakeClock()
    const { call, tries, firstTry } = otherSide(['hang', 200], clock, { perTryMs: 90_000, totalMs: 10_000 })
    const answer = call(url, {})
    await firstTry
    clock.advance(10_000)
    await expect(answer).rejects.toMatchObject({ message: `GET ${url} got no answer: timed out` })
    expect(tries).toHaveLength(1)
    expect(clock.sleeps).toEqual([])
  })
})

describe("The caller's signal", () => {
  const reason = new Error('The workflow was cancelled.')

  test('It aborts a try that hangs, and its reason is thrown.', async () => {
    const controller = new AbortController()
    const { call, tries, firstTry } = otherSide(['hang', 200], createFakeClock())
    const answer = call(url, { signal: controller.signal })
    await firstTry
    controller.abort(reason)
    await expect(answer).rejects.toBe(reason)
    expect(tries).toHaveLength(1)
  })

  test('It ends the delay between two tries, and its reason is thrown.', async () => {
    const controller = new AbortController()
    const clock = createFakeClock()
    const sleep: FakeClock['sleep'] = async (ms, signal) => {
      controller.abort(reason)
      await clock.sleep(ms, signal)
    }
    const { call, tries } = otherSide([503, 200], { ...clock, sleep })
    await expect(call(url, { signal: controller.signal })).rejects.toBe(reason)
    expect(tries).toHaveLength(1)
  })

  test('A signal that is already aborted prevents the request.', async () => {
    const clock = createFakeClock()
    const { call, tries } = otherSide([200], clock)
    await expect(call(url, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    expect(tries.every(({ signal }) => signal.aborted)).toBe(true)
    expect(clock.sleeps).toEqual([])
  })

  test('It has no effect on an answer that has arrived.', async () => {
    const controller = new AbortController()
    const { call } = otherSide([404], createFakeClock())
    const answer = await call(url, { signal: controller.signal })
    controller.abort(reason)
    expect(answer.status).toBe(404)
  })
})

describe('The debug hook', () => {
  const page = `${url}?token=hf_secret`

  test('It receives one line for each try, with the status or the error code.', async () => {
    const { call, debugLines } = otherSide([503, lost, 200], createFakeClock())
    await call(page, { method: 'get' })
    expect(debugLines).toEqual([
      'GET https://hub.test/api: 503 in 0 ms (try 1)',
      'GET https://hub.test/api: ECONNRESET in 0 ms (try 2)',
      'GET https://hub.test/api: 200 in 0 ms (try 3)',
    ])
  })

  test('It receives a line about a try that timed out, with its duration.', async () => {
    const clock = createFakeClock()
    const { call, firstTry, debugLines } = otherSide(['hang'], clock, { retries: 0 })
    const answer = call(page, {})
    await firstTry
    clock.advance(policy.perTryMs)
    await expect(answer).rejects.toBeInstanceOf(NoAnswerError)
    expect(debugLines).toEqual(['GET https://hub.test/api: timed out in 30000 ms (try 1)'])
  })

  test('It receives a line about a try that the caller aborted.', async () => {
    const controller = new AbortController()
    const { call, firstTry, debugLines } = otherSide(['hang'], createFakeClock())
    const answer = call(page, { signal: controller.signal })
    await firstTry
    controller.abort(new Error('cancelled'))
    await expect(answer).rejects.toThrow('cancelled')
    expect(debugLines).toEqual(['GET https://hub.test/api: aborted by the caller in 0 ms (try 1)'])
  })
})
