import type { Clock } from '../../http/clock.ts'

/** Work that is done again and again. */
export interface Loop {
  /** Starts nothing new, and resolves when the work in progress has ended. */
  stop(): Promise<void>
}

/** A relay that has just started does its first work soon: it does not know what it missed. */
const firstAfterMs = 10_000

/**
 * Does some work soon, and then again and again.
 *
 * @param options.work must not throw
 * @param options.everyMs from the end of one to the start of the next, a tenth more or less, so that relays which
 *   started together do not ask together
 * @param options.random returns a number from 0 to 1
 */
export function startLoop(options: {
  work: () => Promise<unknown>
  everyMs: number
  clock: Clock
  random: () => number
}): Loop {
  const { work, everyMs, clock, random } = options
  const stopped = new AbortController()
  const { signal } = stopped
  const run = async () => {
    let delayMs = Math.min(everyMs, firstAfterMs) * random()
    while (!signal.aborted) {
      const isOver = await clock.sleep(delayMs, signal).then(
        () => false,
        () => true,
      )
      if (isOver) return
      await work()
      delayMs = everyMs * (0.9 + 0.2 * random())
    }
  }
  const ended = run()
  return {
    async stop() {
      stopped.abort()
      await ended
    },
  }
}
