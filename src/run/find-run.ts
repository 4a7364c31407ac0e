import type { Trainer, TrainingOrder, TrainingRun } from '../domain/training.ts'
import { pollUntil } from '../http/poll.ts'
import type { Collaborators } from './work.ts'

/**
 * Looks for the run of an order at its provider, again and again until a time: providers show new runs late.
 *
 * @param options.until milliseconds since the epoch; it is looked once at least
 * @param options.every milliseconds between two looks
 * @returns null when there is none by then, or the trainer cannot look
 */
export async function findRun(
  { clock, signal }: Pick<Collaborators, 'clock' | 'signal'>,
  options: { trainer: Trainer; order: TrainingOrder; until: number; every: number },
): Promise<TrainingRun | null> {
  const { trainer, order, until, every } = options
  if (trainer.find === undefined) return null
  return pollUntil({
    everyMs: every,
    giveUpAfterMs: until - clock.now(),
    clock,
    signal,
    check: () => trainer.find?.(order, signal) ?? Promise.resolve(null),
  })
}
