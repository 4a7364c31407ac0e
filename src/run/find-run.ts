import type { Trainer, TrainingOrder, TrainingRun } from '../domain/training.ts'
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
  for (;;) {
    const run = await trainer.find(order, signal)
    if (run !== null || clock.now() > deadline) return run
    await clock.sleep(everyMs, signal)
  }
}
