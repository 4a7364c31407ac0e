import type { Entry } from '../ledger/entry.ts'
import type { RecipeLedger } from '../ledger/ledger.ts'
import type { LedgerRecord, RecordChanges } from '../ledger/record.ts'
import type { TrainerName } from '../recipe/recipe.ts'
import { trainerNames } from '../recipe/recipe.ts'
import type { Trainer, TrainingOrder, TrainingRun } from '../trainers/trainer.ts'
import { namesDataset, type Work } from './work.ts'

/** More than a few records are open only after an outage; the rest is closed by the next runs. */
const maxClosed = 5

/**
 * Closes the records of a recipe that nobody else will: a run that was not followed to its end (`wait: false`, a
 * runner that died), and a run whose start nobody could record.
 */
export async function closeOpenRecords(work: Work, ledger: RecipeLedger): Promise<void> {
  const entries = await ledger.open()
  for (const entry of entries.slice(0, maxClosed)) {
    const changes = await whatBecameOf(work, entry)
    if (changes === null) continue
    await ledger.save(entry, changes)
    work.log.info(
      `Closed the record of ${entry.record.revision.slice(0, 7)}: ${changes.verdict ?? 'started'}`,
    )
  }
}

/** The order that a record's run was given. */
export function orderOf({ recipe }: Work, record: LedgerRecord): TrainingOrder {
  const { revision, project, nonce } = record
  return { recipe, revision, project: project ?? '', nonce }
}

/** The run of a record; null while there is none. */
export function runOf({ run, workflow }: LedgerRecord): TrainingRun | null {
  return run === null ? null : { id: run.id, url: run.url ?? workflow.url, nextStep: null }
}

/** The trainer that a record was made by. */
export function trainerOf({ tools }: Work, record: LedgerRecord): Trainer {
  const name: TrainerName | undefined = trainerNames.find((known) => known === record.trainer)
  if (name !== undefined) return tools.trainers[name]
  throw new Error(
    `The ledger has a run by the trainer ${record.trainer}, which this version does not know: update the action.`,
  )
}

async function whatBecameOf(work: Work, { record }: Entry): Promise<RecordChanges | null> {
  const { tools } = work
  const trainer = trainerOf(work, record)
  const order = orderOf(work, record)
  const run: TrainingRun | null = runOf(record) ?? (await trainer.find?.(order, tools.signal)) ?? null
  if (run === null && record.verdict === null) return null
  const written = run && { id: run.id, url: run.url }
  const end = run === null ? null : await trainer.inspect?.(order, run, tools.signal)
  if (end) {
    const { verdict, metrics, cost } = end
    const reason = namesDataset({ facts: work.facts, report: tools.report }) ? end.reason : null
    return { run: written, verdict, reason, metrics, ...(cost !== null && { costEstimate: cost }) }
  }
  if (diedUnseen(work, trainer, record)) {
    return { verdict: 'failed', reason: 'Its runner went away before anybody saw how it ended.' }
  }
  return record.verdict === null ? { run: written, verdict: 'started' } : null
}

/**
 * A run that lives on the runner itself ends with the workflow run's attempt. GitHub begins another attempt only
 * after that; of another workflow run it is not known, until the time is up.
 */
function diedUnseen({ tools }: Work, trainer: Trainer, record: LedgerRecord): boolean {
  if (trainer.find !== undefined || trainer.inspect !== undefined || trainer.follow === undefined)
    return false
  const { runId, runAttempt } = tools.workflow
  const isEarlierAttempt = record.workflow.runId === runId && record.workflow.runAttempt < runAttempt
  const isOverdue = record.deadline !== null && Date.parse(record.deadline) < tools.clock.now()
  return isEarlierAttempt || isOverdue
}
