import { trainerNames } from '../../domain/recipe.ts'
import type { Trainer, TrainingEnd, TrainingOrder, TrainingRun } from '../../domain/training.ts'
import type { Entry } from '../../ledger/entry.ts'
import type { LedgerRecord, RecordFacts } from '../../ledger/record.ts'
import { UnknownTrainer } from '../errors.ts'
import type { Work } from '../work.ts'

/** The order that a record's run was given. */
export function orderOf({ recipe, tools }: Work, record: LedgerRecord): TrainingOrder {
  const { revision, project, nonce, recipe: key, modelHead } = record
  const { publishedThen: published, startedFrom: startFrom } = record
  const order = { recipe, revision, published, startFrom, project: project ?? '', nonce, key, modelHead }
  return { ...order, ledger: tools.workflow.ledger }
}

/**
 * The run of a record; null while there is none.
 *
 * @param trainer says what a person has to do before it trains
 */
export function runOf(
  { run, workflow, state }: LedgerRecord,
  { nextStep = null }: { readonly nextStep?: string | null } = {},
): TrainingRun | null {
  if (run === null) return null
  const isUnseen = state === 'out-of-sight'
  return { id: run.id, url: run.url ?? workflow.url, nextStep, ...(isUnseen && { isUnseen }) }
}

/**
 * The trainer that made a record.
 *
 * @throws UnknownTrainer when this version does not have it
 */
export function trainerOf({ tools }: Pick<Work, 'tools'>, { record }: Pick<Entry, 'record'>): Trainer {
  const name = trainerNames.find((known) => known === record.trainer)
  if (name === undefined) throw new UnknownTrainer(record.trainer)
  return tools.trainers[name]
}

/** Whether a record's run trains only once a person launches it, as a project of AutoTrain's does. */
export function needsPerson({ tools }: Pick<Work, 'tools'>, { trainer }: LedgerRecord): boolean {
  const known = Object.values(tools.trainers).find(({ name }) => name === trainer)
  return known !== undefined && known.follow === undefined
}

/**
 * What the ledger is told of an end.
 *
 * @param options.isNamed whether the ledger may name the dataset, which the reason may do
 * @param options.run the run, where it may be new to the record
 */
export function endFacts(
  end: TrainingEnd,
  { isNamed, run }: { isNamed: boolean; run: TrainingRun | null },
): RecordFacts {
  const { reason, metrics, unmeasured = [], cost, cause, began, trainedMs } = end
  return {
    began,
    cause,
    metrics,
    ...(unmeasured.length > 0 && { unmeasured: unmeasured.map((each) => ({ ...each })) }),
    cost,
    trainedMs,
    reason: isNamed ? reason : null,
    ...(run !== null && { run: { id: run.id, url: run.url } }),
  }
}

/** How the training of an ended record ended, without what only its own log said. */
export function recordedEnd(record: LedgerRecord): TrainingEnd {
  const { metrics, unmeasured, cost, reason, trainedMs } = record
  const { state } = record
  return {
    verdict: state === 'succeeded' || state === 'cancelled' ? state : 'failed',
    reason: reason ?? '',
    cause: record.cause,
    began: record.began,
    trainedMs,
    endedAt: null,
    metrics: metrics ?? {},
    unmeasured: unmeasured ?? [],
    curve: [],
    logTail: [],
    cost,
  }
}
