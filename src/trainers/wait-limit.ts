import type { PlannedOrder } from '../domain/plan/training-plan.ts'
import { formatDuration } from '../domain/text/format.ts'
import { Refused } from '../domain/verdict.ts'
import { jobQueueMs } from './jobs/times.ts'

const minuteMs = 60_000

/** Time reserved for the rest of the job: checkout before the training, notifications and cleanup after it. */
const otherStepsMs = 10 * minuteMs

/**
 * Refuses a recipe that waits longer than the runner lets a job run: the run would go on with nothing to follow it.
 * https://docs.github.com/en/actions/reference/limits
 *
 * The settle times of earlier recipes in the same step do not count. A run that outlives its runner because of them is
 * recorded by the next workflow run.
 *
 * @param limitMs how long the runner lets a job run; null: no limit
 * @throws Refused with the parts of the time, and what to change
 */
export function checkWait({ recipe }: PlannedOrder, limitMs: number | null): void {
  const { settle, timeout, trainer, wait } = recipe
  const isJob = trainer !== 'command'
  const queueMs = isJob ? jobQueueMs : 0
  const besideMs = settle + queueMs + otherStepsMs
  if (limitMs === null || !wait || timeout + besideMs <= limitMs) return
  const parts = [
    `timeout ${formatDuration(timeout)}`,
    ...(settle > 0 ? [`settle ${formatDuration(settle)}`] : []),
    ...(isJob ? [`${formatDuration(queueMs)} in the queue of Hugging Face Jobs`] : []),
    `${formatDuration(otherStepsMs)} for the other steps`,
  ]
  const longest = Math.floor((limitMs - besideMs) / minuteMs)
  throw new Refused(
    `timeout: a job on a GitHub-hosted runner ends after ${formatDuration(limitMs)}, and this one may need ` +
      `${formatDuration(timeout + besideMs)} (${parts.join(', ')}): ` +
      `${longest < 1 ? 'shorten settle' : `shorten timeout to ${longest}m`}, ` +
      `${isJob ? 'set wait: false (the next workflow run records the result), ' : ''}` +
      'or use a self-hosted runner.',
  )
}
