import { formatDuration } from '../report/format.ts'
import { Refused } from '../verdict.ts'
import type { TrainingOrder } from './trainer.ts'

/**
 * Refuses to wait for longer than the runner lives: it would be gone, and the run with nobody to follow it.
 * https://docs.github.com/en/actions/reference/limits
 *
 * @param limit milliseconds that the runner gives a job; null: no limit
 * @throws Refused with the ways out
 */
export function checkWait({ recipe }: TrainingOrder, limit: number | null): void {
  if (limit === null || !recipe.wait || recipe.timeout <= limit) return
  const ways =
    recipe.trainer === 'command'
      ? 'shorten timeout, or use a self-hosted runner'
      : 'shorten timeout, set wait: false (the next run of the workflow tells how it ended), ' +
        'or use a self-hosted runner'
  throw new Refused(
    `timeout: a job on a runner of GitHub ends after ${formatDuration(limit)}, ` +
      `and the training may take ${formatDuration(recipe.timeout)}: ${ways}.`,
  )
}
