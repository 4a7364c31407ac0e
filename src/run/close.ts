import { messageOf } from '../domain/error-message.ts'
import type { Outcome } from '../domain/outcome.ts'
import { shortRevision } from '../domain/revision.ts'
import type { OutOfSight, Trainer, TrainingEnd, TrainingRun } from '../domain/training.ts'
import { isAbandoned, isOverdue, isRerunOf } from '../ledger/decide.ts'
import { type Entry, LaggingReplica, TakenOver } from '../ledger/entry.ts'
import type { RecipeLedger } from '../ledger/ledger.ts'
import type { LedgerRecord, RecordFacts, RecordState } from '../ledger/record.ts'
import { mayQuote } from './log/quoting.ts'
import { endFacts, orderOf, runOf, trainerOf } from './record-order.ts'
import { emptyOutcome, notifyDataset, notifyModel, type Work } from './work.ts'

/** Open records that one check asks their provider about: more are open only after an outage. */
const maxAsked = 10

/** Why a claim without a run is closed at its deadline. */
const neverBegan =
  'The provider never showed a run for this claim until its deadline: it never began, and nothing was trained.'

/**
 * Brings the open records of a recipe up to date: a run that was not followed to its end (`wait: false`, a runner that
 * died), one that is out of sight, and one whose start could not be recorded. Failures to do so are warnings: what
 * cannot be seen is assumed to run, and the next check asks again.
 *
 * @param open newest first
 * @returns the entries that changed, by ref
 */
export async function closeOpenRecords(
  work: Work,
  ledger: RecipeLedger,
  open: readonly Entry[],
): Promise<Map<string, Entry>> {
  const changed = new Map<string, Entry>()
  for (const entry of open.slice(0, maxAsked)) {
    try {
      const now = await updateRecord(work, ledger, entry)
      if (now !== null) changed.set(entry.ref, now)
    } catch (error) {
      work.tools.signal.throwIfAborted()
      if (error instanceof TakenOver) {
        changed.set(entry.ref, error.current)
        continue
      }
      if (error instanceof LaggingReplica) continue
      const { revision } = entry.record
      work.log.warning(
        `Could not check the earlier run on ${shortRevision(revision)}, so it counts as running: ${messageOf(error)}`,
      )
    }
  }
  return changed
}

interface Update {
  readonly to: RecordState
  readonly facts: RecordFacts
  /** How it ended; null while it has not. */
  readonly end: Pick<TrainingEnd, 'verdict' | 'reason'> | null
  readonly seen: TrainingEnd | null
}

async function updateRecord(work: Work, ledger: RecipeLedger, entry: Entry): Promise<Entry | null> {
  const update = await findUpdate(work, entry)
  if (update === null) return null
  const saved = await ledger.save(entry, update.to, update.facts)
  work.log.info(`The earlier run on ${shortRevision(entry.record.revision)} is ${update.to} now.`)
  if (update.end !== null) await reportEnd(work, saved.record, { ...update.end, end: update.seen })
  return saved
}

async function findUpdate(work: Work, entry: Entry): Promise<Update | null> {
  const trainer = trainerOf(work, entry)
  return entry.record.state === 'claimed'
    ? updateClaim(work, entry.record, trainer)
    : updateRun(work, entry.record, trainer)
}

/** A claim whose owner is gone: its order may have been sent. */
async function updateClaim(work: Work, record: LedgerRecord, trainer: Trainer): Promise<Update | null> {
  const { workflow, clock, signal } = work.tools
  const now = clock.now()
  if (!isAbandoned(record, now) && !isRerunOf({ last: record, workflow })) return null
  const order = orderOf(work, record)
  const run = (await trainer.find?.(order, signal)) ?? null
  if (run !== null) {
    const found = await trainer.inspect?.(order, run, signal)
    if (found === undefined || found === null || found.verdict === 'out-of-sight') {
      return {
        to: 'started',
        facts: { run: { id: run.id, url: run.url }, began: true },
        end: null,
        seen: null,
      }
    }
    return ended(work, found, run)
  }
  // A run that only lives in the step's own process cannot outlive it, and was never recorded as started.
  const isOver = trainer.find === undefined || isOverdue(record, now)
  if (!isOver) return null
  const facts: RecordFacts = { began: false, cause: 'infrastructure', reason: neverBegan, cost: 0 }
  return { to: 'failed', facts, end: null, seen: null }
}

async function updateRun(work: Work, record: LedgerRecord, trainer: Trainer): Promise<Update | null> {
  const { signal, clock } = work.tools
  const run = runOf(record, trainer)
  if (run === null) return null
  const order = orderOf(work, record)
  if (trainer.inspect === undefined) return updateUnseen(work, record, trainer)
  const found: TrainingEnd | OutOfSight | null = await trainer.inspect(order, run, signal)
  if (found === null) {
    return record.state === 'out-of-sight' ? { to: 'started', facts: {}, end: null, seen: null } : null
  }
  if (found.verdict !== 'out-of-sight') return ended(work, found, run)
  if (isOverdue(record, clock.now()) && trainer.judgeByModel !== undefined) {
    return ended(work, await trainer.judgeByModel(order, run, signal), run)
  }
  return record.state === 'started'
    ? { to: 'out-of-sight', facts: { reason: found.reason }, end: null, seen: null }
    : null
}

/**
 * A run that lives on the runner itself ends with the workflow run's attempt. GitHub begins another attempt only after
 * that; of another workflow run it is not known until the deadline. A project that a person launches elsewhere stays
 * started.
 */
function updateUnseen(work: Work, record: LedgerRecord, trainer: Trainer): Update | null {
  const { workflow, clock } = work.tools
  if (trainer.follow === undefined) return null
  if (!isRerunOf({ last: record, workflow }) && !isOverdue(record, clock.now())) return null
  const reason = 'Its runner was lost before the end of the command was seen.'
  const facts: RecordFacts = { began: true, cause: 'infrastructure', reason }
  return { to: 'failed', facts, end: { verdict: 'failed', reason }, seen: null }
}

function ended(work: Work, end: TrainingEnd, run: TrainingRun): Update {
  const { verdict, reason } = end
  const facts = endFacts(end, { isNamed: mayQuote(work), run })
  return { to: verdict, facts, end: { verdict, reason }, seen: end }
}

/** Publishes the end that the run's own workflow run could not publish any more. */
export async function reportEnd(
  work: Work,
  record: LedgerRecord,
  ending: Pick<Outcome, 'verdict' | 'reason'> & { end: TrainingEnd | null },
): Promise<void> {
  const { revision, attempt, project, discussionUrl } = record
  const { recipe, facts } = work
  const outcome: Outcome = {
    ...emptyOutcome,
    ...ending,
    ...{ recipe, revision, attempt, project, discussionUrl },
    datasetVisibility: facts.datasetVisibility,
    baseVisibility: facts.baseVisibility,
    run: runOf(record),
  }
  await notifyDataset(work, outcome)
  if (ending.verdict === 'succeeded') await notifyModel(work, outcome)
}
