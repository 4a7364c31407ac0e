import type { Clock } from '../../src/http/clock.ts'
import { systemClock } from '../../src/http/clock.ts'

/**
 * A clock that runs faster than this machine's, for what happens between two parties that both look at it.
 *
 * @param speed how many of its seconds pass in one of this machine's
 */
export function createFastClock(speed: number): Clock {
  const begin = systemClock.now()
  return {
    now: () => Math.round(begin + (systemClock.now() - begin) * speed),
    sleep: (ms, signal) => systemClock.sleep(ms / speed, signal),
    timer: (ms, run) => systemClock.timer(ms / speed, run),
  }
}
