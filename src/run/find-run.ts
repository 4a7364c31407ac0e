import type { Trainer, TrainingOrder, TrainingRun } from '../domain/training.ts'
import { pollUntil } from '../http/poll.ts'
import type { Collaborators } from './work.ts'

/**
 * Looks for the run of an order at its provider until a deadline, because providers list new runs late.
 *
 * @param options.deadline milliseconds since the epoch; the provider is asked at least once
 * @param options.everyMs milliseconds between two requests
 * @returns null when there is no run by then, or when the trainer cannot look for runs
 */
export async function findRun(
  { clock, signal }: Pick<Collaborators, 'clock' | 'signal'>,
  options: { trainer: Trainer; order: TrainingOrder; deadline: number; everyMs: number },
): Promise<TrainingRun | null> {
  const { trainer, order, deadline, everyMs } = options
  if (trainer.find === undefined) return null
  return pollUntil({
    everyMs,
    giveUpAfterMs: deadline - clock.now(),
    clock,
    signal,
    check: () => trainer.find?.(order, signal) ?? Promise.resolve(null),
  })
}
