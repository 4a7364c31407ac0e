import type { Clock } from '../../src/http/clock.ts'

/** Time that passes only when it is slept or told to. */
export interface TestClock extends Clock {
  /** Each sleep so far, in milliseconds. */
  readonly slept: number[]
  /** Lets time pass; time limits that are reached strike. */
  advance(ms: number): void
}

export function createTestClock(start = Date.UTC(2026, 10, 24)): TestClock {
  let now = start
  const limits: { at: number; controller: AbortController }[] = []
  const slept: number[] = []
  const advance = (ms: number) => {
    now += ms
    for (const { at, controller } of limits) {
      if (at <= now) controller.abort(new DOMException('It took too long.', 'TimeoutError'))
    }
  }
  return {
    slept,
    advance,
    now: () => now,
    async sleep(ms, signal) {
      signal?.throwIfAborted()
      slept.push(ms)
      advance(ms)
    },
    timeout(ms) {
      const controller = new AbortController()
      limits.push({ at: now + ms, controller })
      return controller.signal
    },
  }
}
