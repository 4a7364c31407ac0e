import { formatDuration } from '../domain/format.ts'
import type { Clock } from '../http/clock.ts'
import type { Log } from './log/log.ts'

/** Milliseconds between two lines of progress. */
const progressEvery = 30_000

/**
 * Waits until a dataset had time to settle: commits often come in bursts, and only the last is worth a run.
 *
 * @param options.duration milliseconds
 * @throws the signal's reason as soon as it is aborted
 */
export async function waitToSettle(options: {
  duration: number
  clock: Clock
  log: Log
  signal: AbortSignal
}): Promise<void> {
  const { duration, clock, log, signal } = options
  const end = clock.now() + duration
  for (let left = duration; left > 0; left = end - clock.now()) {
    log.info(`Waiting for the dataset to settle: ${formatDuration(left)} left`)
    await clock.sleep(Math.min(left, progressEvery), signal)
  }
}
