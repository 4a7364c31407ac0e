import { isSameData } from '../../domain/data.ts'
import { messageOf } from '../../domain/error-message.ts'
import type { ListedRun, TrainingOrder } from '../../domain/training.ts'
import { Skipped } from '../../domain/verdict.ts'
import type { Entry } from '../../ledger/entry.ts'
import { basesOf, isActive } from '../../ledger/history.ts'
import type { RecipeLedger } from '../../ledger/ledger.ts'
import { linkOf } from '../../ledger/record.ts'
import { mayBecome } from '../../ledger/transitions.ts'
import { explainOtherParams } from '../check/other-params.ts'
import { laterMs, soonMs } from '../check-again.ts'
import { reportEnd } from '../close/close.ts'
import { mayQuote } from '../log/quoting.ts'
import type { Planned } from '../plan/plan.ts'
import type { Work } from '../work.ts'
import { endFacts, needsPerson, orderOf, trainerOf } from './record-order.ts'

/** What the check has judged: the attempt that it compared the data with, and the one that it takes over. */
export type Judged = Pick<Planned['checked']['next'], 'base' | 'abandoned'>

/** The time for the order to stop a run that must not go on. */
export const stopWithinMs = 30_000

/**
 * While this workflow run checked, another one may have claimed the same data under another revision, and a commit
 * that only touched the card came in between: what the other trains need not be trained again.
 *
 * @param before the newest attempts whose slots come before this one's, read after the claim
 * @param options.entry this workflow run's own claim
 * @throws Skipped with the link of the other
 */
export function checkSameData(
  work: Work,
  before: readonly Entry[],
  { entry, judged }: { entry: Entry; judged: Judged },
): void {
  const { request, tools } = work
  const { base, abandoned } = judged
  const now = tools.clock.now()
  const isAsked = request.force || request.revision !== null
  const others = before.filter(({ ref }) => ref !== abandoned?.ref)
  const { good } = basesOf(others, now)
  const isRunning = (other: Entry) => isActive(other.record, now) && !needsPerson(work, other.record)
  const same = others.find(
    (other) =>
      other.ref !== base?.ref &&
      isSameData(other.record.data, entry.record.data) &&
      (isRunning(other) || (other === good && !isAsked)),
  )
  if (same === undefined) return
  const reason = `Another workflow run is training the same data: ${linkOf(same.record)}.`
  const explained = explainOtherParams(work, same.record, { reason, isWarning: false })
  throw new Skipped(explained.reason, { isWarning: explained.isWarning, againAt: now + soonMs })
}

/** The skip because of a live run of this revision that the ledger has no record of. */
export function notOurs(
  { tools }: Work,
  { order, older }: { order: TrainingOrder; older: ListedRun },
): Skipped {
  const isOurs = older.ledger === order.ledger
  return new Skipped(
    isOurs
      ? `A run of this revision is under way whose record is gone from the ledger: ${older.run.url}. Wait for its ` +
          'end, or stop it there.'
      : `Another copy of this repository is training this revision (its own ledger): ${older.run.url}.`,
    { isWarning: isOurs, comesBack: 'asked', againAt: tools.clock.now() + laterMs },
  )
}

/** A run that ended by its record, and that its provider still shows: it was stopped a moment ago, or was not. */
export async function stillStopping(work: Work, entry: Entry, { run }: ListedRun): Promise<Skipped> {
  const { clock } = work.tools
  const trainer = trainerOf(work, entry)
  await trainer
    .cancel?.(orderOf(work, entry.record), run, AbortSignal.timeout(stopWithinMs))
    .catch((error: unknown) => work.log.warning(messageOf(error)))
  const options = { isWarning: true, comesBack: 'next-check', againAt: clock.now() + soonMs } as const
  return new Skipped(
    `An earlier run of this revision is still being stopped: ${run.url}. Run the workflow again in some minutes.`,
    options,
  )
}

/**
 * Records the end of a run whose claim does not know it: its order had no clear answer, or its owner died, and now the
 * provider lists it as ended. What it trained was paid for, so that nothing is ordered beside it.
 *
 * @param runs what the provider lists for the recipe and the revision
 * @throws Skipped when there was one: the next check decides by its end
 */
export async function recordEndedRuns(
  work: Work,
  ledger: RecipeLedger,
  runs: readonly ListedRun[],
): Promise<void> {
  const known = await ledger.recent()
  for (const { run, nonce, isLive } of runs) {
    const entry = known.find(({ record }) => record.nonce === nonce)
    if (isLive || entry === undefined || !isUnseen(entry)) continue
    const trainer = trainerOf(work, entry)
    const end = await trainer.inspect?.(orderOf(work, entry.record), run, work.tools.signal)
    if (end === undefined || end === null || end.verdict === 'out-of-sight') continue
    const { verdict, reason } = end
    const saved = await ledger.save(entry, verdict, endFacts(end, { isNamed: mayQuote(work), run }))
    await reportEnd(work, saved.record, { verdict, reason, end })
    throw new Skipped(
      `An earlier run of this revision has turned up, and had ended (${verdict}): ${run.url}.`,
      {
        againAt: work.tools.clock.now() + soonMs,
      },
    )
  }
}

/** Whether its record says nothing of a run, and may still learn of one. */
function isUnseen({ record }: Entry): boolean {
  return record.run === null && mayBecome(record, 'succeeded')
}
