import type { Clock } from './clock.ts'

/**
 * Calls `check` until it returns something, with a pause between two calls. It checks at least once, the last time at
 * the deadline, and never sleeps after the last check.
 *
 * @param options.everyMs milliseconds between the end of one check and the start of the next
 * @param options.giveUpAfterMs milliseconds from now to the deadline; 0 checks once
 * @param options.clock the time; a parameter so that tests need not wait
 * @param options.signal stops the polling; a check that is running is not interrupted, unless it uses the signal too
 * @param options.check returns null while there is nothing yet
 * @returns the first value that is not null, or null when time is up
 * @throws the signal's reason once it is aborted, or what `check` throws
 */
export async function pollUntil<T>(options: {
  everyMs: number
  giveUpAfterMs: number
  clock: Clock
  signal?: AbortSignal | undefined
  check: () => Promise<T | null>
}): Promise<T | null> {
  const { everyMs, giveUpAfterMs, clock, signal, check } = options
  const deadline = clock.now() + giveUpAfterMs
  signal?.throwIfAborted()
  while (true) {
    const isLastCheck = clock.now() >= deadline
    const found = await check()
    if (found !== null) return found
    signal?.throwIfAborted()
    if (isLastCheck) return null
    // A check that started before the deadline and ended after it is followed by one more, at once.
    await clock.sleep(Math.max(0, Math.min(everyMs, deadline - clock.now())), signal)
  }
}
