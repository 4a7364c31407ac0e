import { formatDuration } from '../domain/format.ts'
import type { TrainingOrder } from '../domain/training.ts'
import { Refused } from '../domain/verdict.ts'

const minute = 60_000

/** Milliseconds for what a job does beside the training: it checks out before, and tells and tidies up after. */
const aroundIt = 10 * minute

/**
 * Milliseconds that a Job is given to get its hardware and its image. Mostly it takes seconds; where hardware is
 * short nothing bounds it, and what is not seen then is left to the end of the job and the next workflow run.
 */
const inTheQueue = 20 * minute

/**
 * Refuses to wait for longer than the runner lives: it would be gone, and the run with nobody to follow it.
 * https://docs.github.com/en/actions/reference/limits
 *
 * What the recipes before it in the same step waited for, to settle, is not counted: a run that outlives its runner
 * then is closed by the next workflow run, which is better than none.
 *
 * @param limit milliseconds that the runner gives a job; null: no limit
 * @throws Refused with what the time is made of, and the ways out
 */
export function checkWait({ recipe }: TrainingOrder, limit: number | null): void {
  const { settle, timeout, trainer, wait } = recipe
  const isJob = trainer !== 'command'
  const queue = isJob ? inTheQueue : 0
  const beside = settle + queue + aroundIt
  if (limit === null || !wait || timeout + beside <= limit) return
  const parts = [
    `timeout ${formatDuration(timeout)}`,
    ...(settle > 0 ? [`settle ${formatDuration(settle)}`] : []),
    ...(isJob ? [`${formatDuration(queue)} for the queue of Hugging Face Jobs`] : []),
    `${formatDuration(aroundIt)} for what comes before and after`,
  ]
  const longest = Math.floor((limit - beside) / minute)
  throw new Refused(
    `timeout: a job on a runner of GitHub ends after ${formatDuration(limit)}, and this one may need ` +
      `${formatDuration(timeout + beside)} (${parts.join(', ')}): ` +
      `${longest < 1 ? 'shorten settle' : `shorten timeout to ${longest}m`}, ` +
      `${isJob ? 'set wait: false (the next run of the workflow tells how it ended), ' : ''}` +
      'or use a self-hosted runner.',
  )
}
