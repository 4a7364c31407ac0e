import { createHash } from 'node:crypto'
import { messageOf } from '../domain/error-message.ts'
import type { Outcome } from '../domain/outcome.ts'
import { trainerNames } from '../domain/recipe.ts'
import { shortRevision } from '../domain/revision.ts'
import type { Trainer, TrainingEnd, TrainingRun } from '../domain/training.ts'
import { type Entry, TakenOver } from '../ledger/entry.ts'
import type { RecipeLedger } from '../ledger/ledger.ts'
import type { LedgerRecord, RecordChanges } from '../ledger/record.ts'
import { takeTurns } from '../ledger/take-turns.ts'
import { logError } from './log/error-log.ts'
import { changesForEnd, neverStartedReason, orderOf, runOf, trainerOf } from './record-view.ts'
import { emptyOutcome, mayNameDataset, notifyDataset, notifyModel, type Work } from './work.ts'

/** How many started records a workflow run checks. More than a few are open only after an outage. */
const checkedPerRun = { first: 3, others: 2 }

/**
 * Closes records that their own workflow run left open: a training that was not followed to its end (`wait: false`, a
 * dead runner), and a claim whose run was not recorded. The requested revision comes first, because the next decision
 * depends on whether its run has ended.
 *
 * @param revision the requested revision of the dataset
 * @throws Error when it cannot be determined whether an abandoned claim has a run
 */
export async function closeOpenRecords(work: Work, ledger: RecipeLedger, revision: string): Promise<void> {
  const turns = turnsOf(work.tools.workflow)
  const requested = await ledger.latest(revision)
  const open = await ledger.open(turns.slots)
  // All of them, every time: each is closed or stops this run, so there are never many.
  const abandoned = open.filter(({ record }) => record.verdict === null)
  const others = open.filter(({ ref }) => ref !== requested?.ref)
  const started = [...(requested === null ? [] : [requested]), ...others].filter(
    ({ record }) => record.verdict === 'started' && canLearnEnd(work, record),
  )
  for (const entry of [...abandoned, ...takeTurns(started, { ...checkedPerRun, turn: turns.records })]) {
    try {
      await closeRecord(work, ledger, entry)
    } catch (error) {
      work.tools.signal.throwIfAborted()
      // Another workflow run has closed it; the ledger is read again before a claim.
      if (error instanceof TakenOver) continue
      const message = messageOf(error)
      // The claim may have a run that the ledger does not know, and the change would be compared without it.
      if (entry.record.verdict === null) {
        throw new Error(unrecordedRunMessage(entry, message), { cause: error })
      }
      await logError(work.log, error)
      work.log.warning(`The record of ${shortRevision(entry.record.revision)} stays open: ${message}`)
    }
  }
}

/**
 * Two numbers that differ from one workflow run to the next. They come from a hash, because the ids of one workflow's
 * runs have gaps. They are independent of each other, so that every record of every slot gets its turn.
 */
function turnsOf({ runId, runAttempt }: Work['tools']['workflow']): { slots: number; records: number } {
  const hash = createHash('sha256').update(`${runId} ${runAttempt}`).digest()
  return { slots: hash.readUInt32BE(0), records: hash.readUInt32BE(4) }
}

/** Whether the action can find out how a run ended; a project that a person launches elsewhere stays `started`. */
function canLearnEnd(work: Work, record: LedgerRecord): boolean {
  const trainer = trainerNames.find((known) => known === record.trainer)
  if (trainer === undefined) return true
  const { inspect, follow } = work.tools.trainers[trainer]
  return inspect !== undefined || follow !== undefined
}

function unrecordedRunMessage({ ref, record }: Entry, message: string): string {
  return (
    `Another workflow run died while it started the training of ${shortRevision(record.revision)}, and its outcome ` +
    `could not be recorded: ${message}${message.endsWith('.') ? '' : '.'} Run this workflow again. If that does not ` +
    `help and no training was started, delete the claim with \`git push origin --delete ${ref}\`.`
  )
}

async function closeRecord(work: Work, ledger: RecipeLedger, entry: Entry): Promise<void> {
  const { record } = entry
  const update = await findUpdate(work, record)
  if (update === null) return
  await ledger.save(entry, update.changes)
  const { verdict } = update.changes
  work.log.info(`Updated the record of ${shortRevision(record.revision)}: ${verdict ?? 'started'}`)
  if (update.ending !== null) await notifyEnd(work, record, update.ending)
}

/** How a run ended. */
interface RunEnding extends Pick<Outcome, 'verdict' | 'reason'> {
  /** Null when only the verdict is known. */
  readonly end: TrainingEnd | null
}

/** Sends the notifications that the run's own workflow run could not send. */
export async function notifyEnd(work: Work, record: LedgerRecord, ending: RunEnding): Promise<void> {
  const { revision, attempt, project, discussionUrl } = record
  const { verdict } = ending
  const { recipe, facts } = work
  const outcome = {
    ...emptyOutcome,
    ...ending,
    ...{ recipe, revision, attempt, project, discussionUrl },
    datasetVisibility: facts.datasetVisibility,
    run: runOf(record),
  }
  await notifyDataset(work, outcome)
  if (verdict === 'succeeded') await notifyModel(work, outcome)
}

interface RecordUpdate {
  readonly changes: RecordChanges
  /** Null when the run is active or never started. */
  readonly ending: RunEnding | null
}

/** What the provider knows about the run of a record; null when the record is up to date. */
async function findUpdate(work: Work, record: LedgerRecord): Promise<RecordUpdate | null> {
  const { tools } = work
  const trainer = trainerOf(work, record)
  const order = orderOf(work, record)
  const run: TrainingRun | null = runOf(record) ?? (await trainer.find?.(order, tools.signal)) ?? null
  if (run === null && record.verdict === null) {
    return { changes: { verdict: 'cancelled', reason: neverStartedReason }, ending: null }
  }
  const recordedRun = run && { id: run.id, url: run.url }
  const end = run === null ? null : await trainer.inspect?.(order, run, tools.signal)
  if (end) {
    const { verdict, reason } = end
    const changes = { run: recordedRun, ...changesForEnd(end, mayNameDataset(work)) }
    return { changes, ending: { verdict, reason, end } }
  }
  if (diedWithItsRunner(work, trainer, record)) {
    const reason = 'Its runner died before the end of the training was recorded.'
    const verdict = 'failed'
    return { changes: { verdict, reason }, ending: { verdict, reason, end: null } }
  }
  return record.verdict === null ? { changes: { run: recordedRun, verdict: 'started' }, ending: null } : null
}

/**
 * Whether a training on the runner itself has ended, as it does with its workflow run's attempt. GitHub begins the next
 * attempt only after that; for another workflow run only the deadline is known.
 */
function diedWithItsRunner({ tools }: Work, trainer: Trainer, record: LedgerRecord): boolean {
  if (trainer.find !== undefined || trainer.inspect !== undefined || trainer.follow === undefined)
    return false
  const { runId, runAttempt } = tools.workflow
  const isEarlierAttempt = record.workflow.runId === runId && record.workflow.runAttempt < runAttempt
  const isOverdue = record.deadline !== null && Date.parse(record.deadline) < tools.clock.now()
  return isEarlierAttempt || isOverdue
}
