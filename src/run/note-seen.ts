import { messageOf } from '../domain/error-message.ts'
import type { Seen } from '../event/seen.ts'
import { decide, isOverdue } from '../ledger/decide.ts'
import type { Entry } from '../ledger/entry.ts'
import type { RecipeLedger } from '../ledger/ledger.ts'
import { hasEnded, isOpen, type LedgerRecord } from '../ledger/record.ts'
import type { Ending } from './ending.ts'
import { mayNameDataset, type Work } from './work.ts'

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs

/** How long until the next check of what is not clear yet. */
const unclearMs = 10 * minuteMs

/** When to check again, and the reason that a check which trusts it gives. */
interface Again {
  /** Milliseconds since the epoch; null: nothing is left to do. */
  readonly at: number | null
  readonly reason: string
  readonly warns: boolean
  /** Whether the wait doubles with each failure. */
  readonly doubles?: boolean
}

/**
 * Writes down what was seen at the head, for the next check and for a reconciler: only by a run that has confirmed the
 * revision as head, and not by a dry run that a person started. Without write permission it says so and goes on.
 *
 * @param entry the head's own attempt, where this run has one
 */
export async function noteSeen(
  work: Work,
  { ending, entry }: { ending: Ending; entry: Entry | null },
): Promise<void> {
  const { known, request, hashes, tools, log } = work
  const { ledger, confirmed } = known
  if (ledger === null || confirmed === null || !confirmed.isHead || request.revision !== null) return
  if (known.isSeenTrusted || (request.dryRun && request.byPerson)) return
  try {
    const before = await ledger.seen()
    const again = await earliest(work, { ending, entry, ledger, before })
    const named = mayNameDataset(work) || ending.verdict !== 'failed'
    await ledger.writeSeen({
      revision: confirmed.revision,
      verdict: ending.verdict,
      reason: named ? again.reason : 'The dataset is private: the workflow run has the reason.',
      warns: again.warns,
      again: again.at === null ? null : new Date(again.at).toISOString(),
      wait: again.at === null ? 0 : Math.max(0, again.at - tools.clock.now()),
      workflow: tools.workflow.file,
      config: tools.workflow.config,
      howItRuns: hashes.howItRuns,
      models: [],
    })
  } catch (error) {
    log.debug(`What was seen could not be written down: ${messageOf(error)}`)
  }
}

/** The earliest over the head's own row and the rows of all open records of the recipe. */
async function earliest(
  work: Work,
  options: { ending: Ending; entry: Entry | null; ledger: RecipeLedger; before: Seen | null },
): Promise<Again> {
  const { ending, entry, ledger, before } = options
  const now = work.tools.clock.now()
  const own = entry === null ? ofVerdict(ending, { before, now }) : ofRecord(entry.record, { ending, now })
  const open = (await ledger.recent()).filter(
    ({ record }) => isOpen(record) && record.nonce !== entry?.record.nonce,
  )
  const times = [own.at, ...open.map(({ record }) => whenOpen(record, now))].filter((at) => at !== null)
  return { ...own, at: times.length === 0 ? null : Math.min(...times) }
}

function whenOpen(record: LedgerRecord, now: number): number {
  if (record.state !== 'started' || isOverdue(record, now)) return now + unclearMs
  const deadline = record.deadline === null ? Number.POSITIVE_INFINITY : Date.parse(record.deadline)
  return Math.min(now + hourMs, deadline)
}

function ofRecord(record: LedgerRecord, { ending, now }: { ending: Ending; now: number }): Again {
  if (!hasEnded(record)) return { at: whenOpen(record, now), reason: ending.reason, warns: false }
  const decision = decide({
    last: record,
    workflow: { runId: '', runAttempt: 1 },
    byPerson: false,
    force: false,
    runsTheSame: true,
    bound: null,
    now,
  })
  return decision.do === 'skip'
    ? { at: null, reason: decision.reason, warns: decision.isWarning }
    : { at: now + hourMs, reason: ending.reason, warns: true }
}

function ofVerdict(ending: Ending, { before, now }: { before: Seen | null; now: number }): Again {
  const { verdict, reason, isWarning = false, againAt } = ending
  if (againAt !== undefined) return { at: againAt, reason, warns: isWarning }
  switch (verdict) {
    case 'planned':
      return { at: now + dayMs, reason, warns: false }
    case 'refused':
    case 'failed':
      return { at: now + nextWait(before, verdict), reason, warns: true }
    default:
      return { at: null, reason, warns: isWarning }
  }
}

/** An hour, doubled with each check that ends in the same verdict, up to a day. */
function nextWait(before: Seen | null, verdict: Ending['verdict']): number {
  const repeats = before !== null && before.verdict === verdict && before.again !== null
  return Math.min(dayMs, Math.max(hourMs, repeats ? before.wait * 2 : hourMs))
}
