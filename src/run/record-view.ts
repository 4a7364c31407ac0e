import { type TrainerName, trainerNames } from '../domain/recipe.ts'
import type { Trainer, TrainingEnd, TrainingOrder, TrainingRun } from '../domain/training.ts'
import type { LedgerRecord, RecordChanges } from '../ledger/record.ts'
import { UnknownTrainer } from './errors.ts'
import type { Work } from './work.ts'

/** The reason of a claim that is closed without a run. */
export const neverStartedReason = 'Its workflow run died before it started a training.'

/** Rebuilds the order of a record's training. */
export function orderOf({ recipe }: Pick<Work, 'recipe'>, record: LedgerRecord): TrainingOrder {
  const { revision, project, nonce } = record
  return { recipe, revision, project: project ?? '', nonce }
}

/**
 * The run of a record; null when it has none.
 *
 * @param trainer the trainer of the record; its `nextStep` becomes the run's
 */
export function runOf(
  { run, workflow }: LedgerRecord,
  { nextStep = null }: { readonly nextStep?: string | null } = {},
): TrainingRun | null {
  return run === null ? null : { id: run.id, url: run.url ?? workflow.url, nextStep }
}

/**
 * The trainer of a record.
 *
 * @throws UnknownTrainer when a newer version of the action wrote the record
 */
export function trainerOf({ tools }: Pick<Work, 'tools'>, record: LedgerRecord): Trainer {
  const name: TrainerName | undefined = trainerNames.find((known) => known === record.trainer)
  if (name === undefined) throw new UnknownTrainer(record.trainer)
  return tools.trainers[name]
}

/**
 * The changes that record how a training ended.
 *
 * @param mayNameDataset whether the ledger may hold the dataset's name, which the reason can contain
 */
export function changesForEnd(end: TrainingEnd, mayNameDataset: boolean): RecordChanges {
  const { verdict, reason, metrics, cost } = end
  return {
    verdict,
    metrics,
    reason: mayNameDataset ? reason : null,
    ...(cost !== null && { costEstimate: cost }),
  }
}
