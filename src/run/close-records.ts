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
import { emptyOutcome, namesDataset, notifyDataset, notifyModel, type Work } from './work.ts'

/** More than a few records are open only after an outage; of the others, each workflow run looks at some. */
const asked = { first: 3, others: 2 }

/**
 * Closes the records of a recipe that nobody else will: a run that was not followed to its end (`wait: false`, a
 * runner that died), and a run whose start nobody could record. The run of the revision that is asked for comes first:
 * what is decided next rests on whether it goes on.
 *
 * @throws Error when nobody can tell whether a claim that was left has a run
 */
export async function closeOpenRecords(work: Work, ledger: RecipeLedger, revision: string): Promise<void> {
  const turns = turnsOf(work.tools.workflow)
  const wanted = await ledger.latest(revision)
  const open = await ledger.open(turns.slots)
  // Each of these is closed or stops everything, so that they never become many.
  const left = open.filter(({ record }) => record.verdict === null)
  const others = open.filter(({ ref }) => ref !== wanted?.ref)
  const started = [...(wanted === null ? [] : [wanted]), ...others].filter(
    ({ record }) => record.verdict === 'started' && canEnd(work, record),
  )
  for (const entry of [...left, ...takeTurns(started, { ...asked, turn: turns.records })]) {
    try {
      await closeRecord(work, ledger, entry)
    } catch (error) {
      work.tools.signal.throwIfAborted()
      // Somebody else closed it meanwhile; whoever claims looks at the ledger once more.
      if (error instanceof TakenOver) continue
      const said = messageOf(error)
      // A left claim may have a run that the ledger does not know: what to train would be judged without it.
      if (entry.record.verdict === null) throw new Error(unknownRun(entry, said), { cause: error })
      await logError(work.log, error)
      // Any other open record does no harm: the next run closes it.
      work.log.warning(`The record of ${shortRevision(entry.record.revision)} stays open: ${said}`)
    }
  }
}

/**
 * Workflow runs have no number without gaps among those of one workflow; a hash hits every remainder. Which slots are
 * read and which of their records are asked about must not hang together: some would never meet.
 */
function turnsOf({ runId, runAttempt }: Work['tools']['workflow']): { slots: number; records: number } {
  const hash = createHash('sha256').update(`${runId} ${runAttempt}`).digest()
  return { slots: hash.readUInt32BE(0), records: hash.readUInt32BE(4) }
}

/** Whether anybody can find out how a run ended: a project that a person launches elsewhere stays `started`. */
function canEnd(work: Work, record: LedgerRecord): boolean {
  const trainer = trainerNames.find((known) => known === record.trainer)
  if (trainer === undefined) return true
  const { inspect, follow } = work.tools.trainers[trainer]
  return inspect !== undefined || follow !== undefined
}

function unknownRun({ ref, record }: Entry, said: string): string {
  return (
    `Another workflow run went away when it was about to train ${shortRevision(record.revision)}, and whether it did ` +
    `cannot be written down: ${said}${said.endsWith('.') ? '' : '.'} Run this again; if it stays so and nothing was started, delete the claim ` +
    `with \`git push origin --delete ${ref}\`.`
  )
}

async function closeRecord(work: Work, ledger: RecipeLedger, entry: Entry): Promise<void> {
  const { record } = entry
  const became = await whatBecameOf(work, record)
  if (became === null) return
  await ledger.save(entry, became.changes)
  const { verdict } = became.changes
  work.log.info(`Closed the record of ${shortRevision(record.revision)}: ${verdict ?? 'started'}`)
  if (became.ending !== null) await tellOfEnd(work, record, became.ending)
}

/** How a run ended, and what is known of its end: null when nobody saw it. */
interface SeenEnding extends Pick<Outcome, 'verdict' | 'reason'> {
  readonly end: TrainingEnd | null
}

/** Says what the run's own workflow run could not say any more. */
export async function tellOfEnd(work: Work, record: LedgerRecord, ending: SeenEnding): Promise<void> {
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

interface Became {
  readonly changes: RecordChanges
  /** Null: it is still going, or never began. */
  readonly ending: SeenEnding | null
}

async function whatBecameOf(work: Work, record: LedgerRecord): Promise<Became | null> {
  const { tools } = work
  const trainer = trainerOf(work, record)
  const order = orderOf(work, record)
  const run: TrainingRun | null = runOf(record) ?? (await trainer.find?.(order, tools.signal)) ?? null
  if (run === null && record.verdict === null) {
    return { changes: { verdict: 'cancelled', reason: neverStartedReason }, ending: null }
  }
  const written = run && { id: run.id, url: run.url }
  const end = run === null ? null : await trainer.inspect?.(order, run, tools.signal)
  if (end) {
    const { verdict, reason } = end
    const changes = { run: written, ...changesForEnd(end, namesDataset(work)) }
    return { changes, ending: { verdict, reason, end } }
  }
  if (diedUnseen(work, trainer, record)) {
    const reason = 'Its runner went away before anybody saw how it ended.'
    const verdict = 'failed'
    return { changes: { verdict, reason }, ending: { verdict, reason, end: null } }
  }
  return record.verdict === null ? { changes: { run: written, verdict: 'started' }, ending: null } : null
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
