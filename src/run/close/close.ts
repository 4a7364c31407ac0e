import { isSameData } from '../../domain/data.ts'
import { messageOf } from '../../domain/error-message.ts'
import type { Outcome } from '../../domain/outcome.ts'
import { shortRevision } from '../../domain/revision.ts'
import type { OutOfSight, Trainer, TrainingEnd, TrainingRun } from '../../domain/training.ts'
import { NotJudged } from '../../domain/verdict.ts'
import { isAbandoned, isOverdue, isRerunOf } from '../../ledger/decide.ts'
import { type Entry, LaggingReplica, TakenOver } from '../../ledger/entry.ts'
import { claimedAt } from '../../ledger/history.ts'
import type { RecipeLedger } from '../../ledger/ledger.ts'
import { type LedgerRecord, mayRun, type RecordFacts, type RecordState } from '../../ledger/record.ts'
import { endFacts, orderOf, runOf, trainerOf } from '../attempt/record-order.ts'
import { mayQuote } from '../log/quoting.ts'
import { notifyDataset, notifyModel, outcomeOf } from '../notify.ts'
import type { Work } from '../work.ts'

/**
 * Open records that one check asks their provider about: more are open only after an outage. The newest half is asked
 * at every check; the others take turns, so that no record waits for ever behind those that give no answer.
 */
const maxAsked = 10

/** What a run may wait in its provider's queue at least. */
const minQueueMs = 3_600_000

/** Why a claim without a run is closed at its deadline. */
const neverBegan =
  'The provider never showed a run for this claim until its deadline: it never began, and nothing was trained.'

/** What a check found out about open records. */
export interface Closed {
  /** The entries that changed, by ref. */
  readonly changed: ReadonlyMap<string, Entry>
  /** The refs of those whose provider gave no answer, or was not asked this time. */
  readonly unasked: ReadonlySet<string>
}

/**
 * Brings the open records of a recipe up to date: a run that was not followed to its end (`wait: false`, a runner that
 * died), one that is out of sight, and one whose start could not be recorded. Failures to do so are warnings: what
 * cannot be seen is assumed to run, and the next check asks again.
 *
 * @param open newest first
 */
export async function closeOpenRecords(
  work: Work,
  ledger: RecipeLedger,
  open: readonly Entry[],
): Promise<Closed> {
  const changed = new Map<string, Entry>()
  const unasked = new Set<string>()
  const toAsk = open.filter((entry) => isToAsk(work, entry))
  const asked = inTurn(toAsk, work.tools.clock.now())
  for (const { ref } of toAsk) unasked.add(ref)
  const found = await Promise.allSettled(asked.map((entry) => findUpdate(work, entry)))
  work.tools.signal.throwIfAborted()
  for (const [index, entry] of asked.entries()) {
    const answer = found[index]
    try {
      if (answer?.status === 'rejected') throw answer.reason
      unasked.delete(entry.ref)
      const now = answer?.value == null ? null : await update(work, ledger, { entry, update: answer.value })
      if (now !== null) changed.set(entry.ref, now)
    } catch (error) {
      work.tools.signal.throwIfAborted()
      if (error instanceof TakenOver) changed.set(entry.ref, error.current)
      else {
        unasked.add(entry.ref)
        warn(work, entry, error)
      }
    }
  }
  await endOverlaps(work, ledger, { open, changed })
  return { changed, unasked }
}

function warn({ log }: Work, { record }: Entry, error: unknown): void {
  if (error instanceof LaggingReplica) return
  if (error instanceof NotJudged) {
    log.warning(`The earlier run on ${shortRevision(record.revision)} has ended. ${error.message}`)
    return
  }
  log.warning(
    `Could not check the earlier run on ${shortRevision(record.revision)}, so it counts as running: ${messageOf(error)}`,
  )
}

/** Whether there is something to ask: not about a claim whose owner may be alive, or a project that waits for a person. */
function isToAsk(work: Work, entry: Entry): boolean {
  const { record } = entry
  const { workflow, clock } = work.tools
  if (record.state === 'claimed') {
    return isAbandoned(record, clock.now()) || isRerunOf({ last: record, workflow })
  }
  const trainer = knownTrainer(work, entry)
  return (
    trainer === null || trainer.follow !== undefined || trainer.inspect !== undefined || record.run === null
  )
}

function knownTrainer(work: Work, entry: Entry): Trainer | null {
  try {
    return trainerOf(work, entry)
  } catch {
    return null
  }
}

function inTurn(entries: readonly Entry[], now: number): readonly Entry[] {
  if (entries.length <= maxAsked) return entries
  const half = maxAsked / 2
  const others = entries.slice(half)
  const first = now % others.length
  return [...entries.slice(0, half), ...[...others.slice(first), ...others.slice(0, first)].slice(0, half)]
}

/**
 * A run that showed only after another attempt at the same data was started wins, and the newer one is stopped: the
 * price of a provider that lists a run later than a claim may be taken over.
 */
async function endOverlaps(
  work: Work,
  ledger: RecipeLedger,
  { open, changed }: { open: readonly Entry[]; changed: Map<string, Entry> },
): Promise<void> {
  const late = open.flatMap((entry) => {
    const now = changed.get(entry.ref)
    return entry.record.state === 'claimed' && now?.record.state === 'started' ? [now] : []
  })
  for (const older of late) {
    for (const before of open) {
      const newer = changed.get(before.ref) ?? before
      if (!isOverlap(older, newer)) continue
      try {
        changed.set(newer.ref, await endNewer(work, ledger, newer))
      } catch (error) {
        work.tools.signal.throwIfAborted()
        warn(work, newer, error)
      }
    }
  }
}

function isOverlap(older: Entry, newer: Entry): boolean {
  const [a, b] = [older.record, newer.record]
  const isSame = a.revision === b.revision || isSameData(a.data, b.data)
  return isSame && mayRun(b) && claimedAt(newer) > claimedAt(older)
}

async function endNewer(work: Work, ledger: RecipeLedger, newer: Entry): Promise<Entry> {
  const { record } = newer
  const trainer = trainerOf(work, newer)
  const run = runOf(record, trainer)
  if (run === null || trainer.cancel === undefined) return newer
  await trainer.cancel(orderOf(work, record), run, work.tools.signal)
  const reason = 'An earlier run on the same data was still running and goes on, so this one was stopped.'
  const saved = await ledger.save(newer, 'cancelled', {
    began: true,
    cause: 'infrastructure',
    gaveWay: true,
    reason,
  })
  work.log.warning(`${run.url}: ${reason}`)
  await reportEnd(work, saved.record, { verdict: 'cancelled', reason, end: null })
  return saved
}

interface Update {
  readonly to: RecordState
  readonly facts: RecordFacts
  /** How it ended; null while it has not. */
  readonly end: Pick<TrainingEnd, 'verdict' | 'reason'> | null
  readonly seen: TrainingEnd | null
}

async function update(
  work: Work,
  ledger: RecipeLedger,
  { entry, update }: { entry: Entry; update: Update },
): Promise<Entry> {
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
  const { clock, signal } = work.tools
  const now = clock.now()
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
    return ended(work, found, { record, run })
  }
  // A run that only lives in the step's own process cannot outlive it, and was never recorded as started.
  const isOver = trainer.find === undefined || isOverdue(record, now)
  if (!isOver) return null
  const facts: RecordFacts = { began: false, cause: 'infrastructure', reason: neverBegan, cost: 0 }
  return { to: 'failed', facts, end: null, seen: null }
}

async function updateRun(work: Work, record: LedgerRecord, trainer: Trainer): Promise<Update | null> {
  const { signal, clock } = work.tools
  if (trainer.inspect === undefined) return updateUnseen(work, record, trainer)
  const order = orderOf(work, record)
  const run = runOf(record, trainer) ?? (await trainer.find?.(order, signal)) ?? null
  if (run === null) return null
  const found: TrainingEnd | OutOfSight | null = await trainer.inspect(order, run, signal)
  if (found === null) {
    // Nothing runs past its deadline: the next check sees how it ended.
    if (isOverdue(record, clock.now())) await trainer.cancel?.(order, run, signal)
    return record.state === 'out-of-sight' ? { to: 'started', facts: {}, end: null, seen: null } : null
  }
  if (found.verdict !== 'out-of-sight') return ended(work, found, { record, run })
  if (isOverdue(record, clock.now()) && trainer.judgeByModel !== undefined) {
    return ended(work, await trainer.judgeByModel(order, run, signal), { record, run })
  }
  return record.state === 'started'
    ? { to: 'out-of-sight', facts: { reason: mayQuote(work) ? found.reason : null }, end: null, seen: null }
    : null
}

/**
 * A run that lives on the runner itself ends with the workflow run's attempt. GitHub begins another attempt only after
 * that; of another workflow run it is not known until the deadline. A project that a person launches elsewhere stays
 * started, also where its runner died before it was recorded: nothing can look it up, and only `force` makes another.
 */
async function updateUnseen(work: Work, record: LedgerRecord, trainer: Trainer): Promise<Update | null> {
  const { workflow, clock, signal } = work.tools
  const isElsewhere = trainer.follow === undefined
  if (isElsewhere && record.run !== null) return null
  const hasEndedHere = !isElsewhere && isRerunOf({ last: record, workflow })
  if (!hasEndedHere && !isOverdue(record, clock.now())) return null
  const run = runOf(record, trainer)
  if (run !== null && trainer.judgeByModel !== undefined) {
    return ended(work, await trainer.judgeByModel(orderOf(work, record), run, signal), { record, run })
  }
  const reason = 'Its runner was lost before its end was seen.'
  const facts: RecordFacts = { began: true, cause: 'infrastructure', reason }
  return { to: 'failed', facts, end: { verdict: 'failed', reason }, seen: null }
}

function ended(
  work: Work,
  found: TrainingEnd,
  { record, run }: { record: LedgerRecord; run: TrainingRun },
): Update {
  const end = withOwnCancel(work, found, record)
  const { verdict, reason } = end
  const facts = endFacts(end, { isNamed: mayQuote(work), run })
  return { to: verdict, facts, end: { verdict, reason }, seen: end }
}

/**
 * A provider shows our own cancel like a person's. A run that ended when it had waited or run too long was ended for
 * that. One that its own workflow run followed, or had not yet recorded, was most likely stopped with it, at the end of
 * a job that could not reach GitHub.
 */
function withOwnCancel({ recipe, tools }: Work, end: TrainingEnd, record: LedgerRecord): TrainingEnd {
  if (end.cause !== 'person') return end
  const endedAt = end.endedAt ?? tools.clock.now()
  const waited = endedAt - Date.parse(record.times.claimed) >= Math.max(recipe.timeout, minQueueMs)
  if (isOverdue(record, endedAt) || (!end.began && waited)) return { ...end, cause: 'infrastructure' }
  if (!recipe.wait && record.times.started !== null) return end
  const reason = `${end.reason} Its workflow run did not record it, and may have ended it.`
  return { ...end, cause: 'workflow', reason }
}

/** Publishes the end that the run's own workflow run could not publish any more. */
export async function reportEnd(
  work: Work,
  record: LedgerRecord,
  ending: Pick<Outcome, 'verdict' | 'reason'> & { end: TrainingEnd | null },
): Promise<void> {
  const outcome = outcomeOf(work, record, { ...ending, publication: work.facts.publication })
  await notifyDataset(work, outcome)
  if (ending.verdict === 'succeeded') await notifyModel(work, outcome)
}
