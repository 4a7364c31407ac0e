import type { Clock } from '../../src/http/clock.ts'

/** A clock that only moves when something sleeps on it or a test moves it. */
export interface FakeClock extends Clock {
  /** Every sleep so far, in milliseconds. */
  readonly sleeps: readonly number[]
  /** Lets time pass: the time limits that come due abort. */
  advance(ms: number): void
}

/**
 * @param start milliseconds since the epoch
 */
export function createFakeClock(start = 1_790_000_000_000): FakeClock {
  let time = start
  const sleeps: number[] = []
  const limits: { at: number; controller: AbortController }[] = []
  const advance = (ms: number) => {
    time += ms
    for (const { at, controller } of limits) {
      if (at <= time) controller.abort(new DOMException('The time limit was reached.', 'TimeoutError'))
    }
  }
  return {
    sleeps,
    advance,
    now: () => time,
    sleep: async (ms, signal) => {
      signal?.throwIfAborted()
      sleeps.push(ms)
      advance(ms)
    },
    timeout: (ms) => {
      const controller = new AbortController()
      limits.push({ at: time + ms, controller })
      return controller.signal
    },
  }
}
