import { formatDuration } from '../domain/format.ts'
import type { Clock } from '../http/clock.ts'
import type { Log } from './log/log.ts'

/** Milliseconds between two progress lines. */
const progressEveryMs = 30_000

/**
 * Waits for a dataset to settle: commits often come in bursts, and only the last one is worth a run.
 *
 * @param options.durationMs milliseconds
 * @throws the signal's reason as soon as it is aborted
 */
export async function waitToSettle(options: {
  durationMs: number
  clock: Clock
  log: Log
  signal: AbortSignal
}): Promise<void> {
  const { durationMs, clock, log, signal } = options
  const end = clock.now() + durationMs
  for (let leftMs = durationMs; leftMs > 0; leftMs = end - clock.now()) {
    log.info(`Waiting for the dataset to settle: ${formatDuration(leftMs)} left`)
    await clock.sleep(Math.min(leftMs, progressEveryMs), signal)
  }
}
