import type { Clock } from '../../src/http/clock.ts'

/** A clock that only moves when something sleeps on it or a test moves it. */
export interface FakeClock extends Clock {
  /** Every sleep so far, in milliseconds. */
  readonly sleeps: readonly number[]
  /** Lets time pass: the timers and time limits that come due run. */
  advance(ms: number): void
  /** How many timers and time limits have neither come due nor been cancelled. */
  timers(): number
}

/**
 * @param start milliseconds since the epoch
 */
export function createFakeClock(start = 1_790_000_000_000): FakeClock {
  let time = start
  const sleeps: number[] = []
  let timers: { at: number; run: () => void }[] = []
  const advance = (ms: number) => {
    time += ms
    const due = timers.filter(({ at }) => at <= time)
    timers = timers.filter(({ at }) => at > time)
    for (const { run } of due) run()
  }
  const timer = (ms: number, run: () => void) => {
    const one = { at: time + ms, run }
    timers.push(one)
    return () => {
      timers = timers.filter((other) => other !== one)
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
    timer,
    timers: () => timers.length,
  }
}
