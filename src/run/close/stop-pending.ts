import type { TrainerName } from '../../domain/recipe.ts'
import type { Trainer, TrainingRun } from '../../domain/training.ts'
import type { Clock } from '../../http/clock.ts'
import { pollUntil } from '../../http/poll.ts'
import type { Log } from '../log/log.ts'
import type { PendingTraining } from './pending.ts'

/** How long a provider may not show a run that was just ordered, and the time between two questions. */
const unseenForMs = 45_000
const askEveryMs = 3_000

/** How the end of the job left a training. */
export type Stopped =
  /** Its run was stopped, or its process ended. */
  | { readonly is: 'stopped'; readonly run: TrainingRun | null }
  /** The provider shows no run: it may not have been started. */
  | { readonly is: 'not found' }
  /** A project that waits for a person, which stays as it is. */
  | { readonly is: 'kept'; readonly run: TrainingRun }
  /** A project that was being prepared: what there is of it trains nothing until a person launches it. */
  | { readonly is: 'unlaunched' }
  /** A command of which no process is left. */
  | { readonly is: 'gone' }
  /** It had ended, which could not be recorded. */
  | { readonly is: 'ended' }
  /** A command whose process was not noted: it may not have begun yet, or still be running. */
  | { readonly is: 'unnoted' }

/**
 * Stops a training from what the step saved alone: neither GitHub nor the ledger is asked, because a run that is billed
 * must not wait for them.
 *
 * @throws Error when the run may still be running
 */
export async function stopPending(
  { order, run: known, process }: PendingTraining,
  tools: {
    trainers: Readonly<Record<TrainerName, Trainer>>
    clock: Clock
    signal: AbortSignal
    log: Log
  },
): Promise<Stopped> {
  const { clock, signal, log } = tools
  const trainer = tools.trainers[order.recipe.trainer]
  if (trainer.endProcess !== undefined) {
    if (process === null) return { is: 'unnoted' }
    if (!(await trainer.endProcess(process))) return { is: 'gone' }
    log.info(`Ended the processes of the command for ${order.project}.`)
    return { is: 'stopped', run: known }
  }
  const { find } = trainer
  const run =
    known ??
    (find === undefined
      ? null
      : await pollUntil({
          everyMs: askEveryMs,
          giveUpAfterMs: unseenForMs,
          clock,
          signal,
          check: () => find(order, signal),
        }))
  if (run === null) return { is: find === undefined ? 'unlaunched' : 'not found' }
  if (trainer.cancel === undefined) return { is: 'kept', run }
  await trainer.cancel(order, run, signal)
  log.info(`Stopped the training ${order.project}: ${run.url}`)
  return { is: 'stopped', run }
}
