import type { Clock } from '../../src/http/clock.ts'

/** Simulated time: nothing waits, and what is due happens in order. */
export interface Timeline {
  /** Simulated time; a sleep ends at once, and a time limit is a real one, for what hangs. */
  readonly clock: Clock
  /** Plans something; what is planned for the same moment happens side by side. */
  at(time: number, work: () => Promise<void>): void
  /** Lets everything happen that is planned up to a time. */
  runUntil(time: number): Promise<void>
}

const realTimeLimitMs = 20_000

/** @param start milliseconds since the epoch */
export function createTimeline(start: number): Timeline {
  let now = start
  const planned: { time: number; work: () => Promise<void> }[] = []
  return {
    clock: {
      now: () => now,
      sleep: async (_ms, signal) => signal?.throwIfAborted(),
      timeout: () => AbortSignal.timeout(realTimeLimitMs),
    },
    at(time, work) {
      const index = planned.findIndex((other) => other.time > time)
      planned.splice(index < 0 ? planned.length : index, 0, { time: Math.max(time, now), work })
    },
    async runUntil(time) {
      for (let next = planned[0]; next !== undefined && next.time <= time; next = planned[0]) {
        now = Math.max(now, next.time)
        const due = planned.filter((other) => other.time === next.time)
        planned.splice(0, due.length)
        await Promise.all(due.map(({ work }) => work()))
      }
      now = Math.max(now, time)
    },
  }
}
