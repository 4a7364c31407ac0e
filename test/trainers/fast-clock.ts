import type { Clock } from '../../src/http/clock.ts'
import { systemClock } from '../../src/http/clock.ts'

/** A sleep or a timer that has not come due. */
interface Wait {
  readonly at: number
  readonly run: () => void
}

/**
 * A clock for tests in which a trainer and the sandbox wait for each other and for real processes. Its time moves only
 * while something waits on it, and never past a moment that is due: a busy machine slows the test down but cannot
 * make a time limit expire early.
 *
 * @param speed how many of its seconds pass in one of this machine's, at most
 */
export function createFastClock(speed: number): Clock {
  let reached = systemClock.now()
  let reachedAt = reached
  let waits: readonly Wait[] = []
  let stopTimer = () => {}

  const next = () => Math.min(...waits.map(({ at }) => at))
  const now = () =>
    waits.length === 0 ? reached : Math.min(next(), reached + (systemClock.now() - reachedAt) * speed)

  const change = (time: number, changed: readonly Wait[]) => {
    stopTimer()
    reached = time
    reachedAt = systemClock.now()
    waits = changed
    if (waits.length > 0) stopTimer = systemClock.timer((next() - reached) / speed, runDue)
  }
  const runDue = () => {
    const time = next()
    const due = waits.filter(({ at }) => at <= time)
    change(
      time,
      waits.filter(({ at }) => at > time),
    )
    for (const { run } of due) run()
  }
  const timer = (ms: number, run: () => void) => {
    const wait = { at: now() + ms, run }
    change(now(), [...waits, wait])
    return () => {
      if (waits.includes(wait)) {
        change(
          now(),
          waits.filter((other) => other !== wait),
        )
      }
    }
  }
  return {
    now: () => Math.round(now()),
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        signal?.throwIfAborted()
        const cancel = timer(ms, () => {
          signal?.removeEventListener('abort', stop)
          resolve()
        })
        const stop = () => {
          cancel()
          reject(signal?.reason)
        }
        signal?.addEventListener('abort', stop, { once: true })
      }),
    timer,
  }
}
