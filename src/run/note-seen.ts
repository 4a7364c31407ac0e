import { messageOf } from '../domain/error-message.ts'
import { Refused } from '../domain/verdict.ts'
import type { Seen } from '../event/seen.ts'
import { readSeenModels, seenModelText } from '../event/watched-models.ts'
import { type Decision, decideUnattended, isOverdue } from '../ledger/decide.ts'
import type { Entry } from '../ledger/entry.ts'
import type { RecipeLedger } from '../ledger/ledger.ts'
import { hasEnded, isOpen, type LedgerRecord } from '../ledger/record.ts'
import { needsPerson } from './attempt/record-order.ts'
import type { Confirmed } from './check/confirm.ts'
import { laterMs, soonMs } from './check-again.ts'
import type { Ending } from './ending.ts'
import { discreet, mayQuote } from './log/quoting.ts'
import type { Work } from './work.ts'

const dayMs = 24 * laterMs

/** When to check again, and the reason that a check which trusts it gives. */
interface Again {
  /** Milliseconds since the epoch; null: nothing is left to do. */
  readonly at: number | null
  readonly reason: string
  readonly warns: boolean
  /** What happens without a person, where the reason is an earlier failure. */
  readonly comesBack?: Ending['comesBack']
}

/**
 * Writes down what was seen at the head, for the next check and for a reconciler: only by a run that has confirmed the
 * revision as head, and not by a dry run that a person started. Without write permission it says so and goes on.
 *
 * @param entry the head's own attempt, where this run has one
 * @param next what the next check decides about that attempt, where it has ended
 */
export async function noteSeen(
  work: Work,
  options: { ending: Ending; entry: Entry | null; next?: Decision | null },
): Promise<void> {
  const { ending, entry, next = null } = options
  const { known, request, hashes, tools, log } = work
  const { ledger, confirmed } = known
  // What was trusted stays as it is: it costs a check neither a read nor a write.
  if (known.trustsSeen) return
  if (ledger === null || confirmed === null || !confirmed.isHead || request.revision !== null) return
  if (request.dryRun && request.byPerson) return
  try {
    const before = await ledger.seen()
    const again = await earliest(work, { ending, entry, next, ledger, before })
    const isQuotable = mayQuote(work) || ending.verdict !== 'failed'
    await ledger.writeSeen({
      revision: confirmed.revision,
      verdict: ending.verdict,
      reason: isQuotable
        ? discreet(again.reason, work)
        : 'The dataset or the base model may be private: the workflow run has the reason.',
      warns: again.warns,
      comesBack: again.comesBack ?? null,
      again: again.at === null ? null : new Date(again.at).toISOString(),
      wait: again.at === null ? 0 : Math.max(0, again.at - tools.clock.now()),
      workflow: tools.workflow.file,
      config: tools.workflow.config,
      howItRuns: hashes.howItRuns,
      howItChecks: hashes.howItChecks,
      claims: ledger.claims,
      models: await watchedModels(work, before),
    })
  } catch (error) {
    // A person gives a permission; an outage or a rate limit passes, and the next check writes it.
    const say = error instanceof Refused ? log.warning : log.info
    say(`What this check saw could not be written into the ledger: ${messageOf(error)}`)
  }
}

/**
 * What an earlier check saw at this head by the rules of today, where it left nothing to do.
 *
 * @returns null where there is no such entry, or this run must not trust it: a person's run, or an older revision
 */
export async function seenForGood(
  { request, hashes }: Pick<Work, 'request' | 'hashes'>,
  { ledger, confirmed }: { ledger: RecipeLedger; confirmed: Confirmed },
): Promise<Seen | null> {
  if (request.byPerson || request.force || request.dryRun || !confirmed.isHead) return null
  const seen = await ledger.seen()
  if (seen === null || seen.again !== null || seen.revision !== confirmed.revision) return null
  return seen.howItRuns === hashes.howItRuns && seen.howItChecks === hashes.howItChecks ? seen : null
}

/** The earliest over the head's own row and the rows of all open records of the recipe. */
async function earliest(
  work: Work,
  options: {
    ending: Ending
    entry: Entry | null
    next: Decision | null
    ledger: RecipeLedger
    before: Seen | null
  },
): Promise<Again> {
  const { ending, entry, next, ledger, before } = options
  const now = work.tools.clock.now()
  const own =
    entry === null
      ? ofVerdict(ending, { before, now })
      : ofRecord(work, { record: entry.record, ending, next })
  const open = (await ledger.recent()).filter(
    ({ record }) => isOpen(record) && !needsPerson(work, record) && record.nonce !== entry?.record.nonce,
  )
  const times = [own.at, ...open.map(({ record }) => whenOpen(record, now))].filter((at) => at !== null)
  return { ...own, at: times.length === 0 ? null : Math.min(...times) }
}

/**
 * The models whose new commits are a reason to check: the base model where `retrain-on` lists it, with the head that this
 * check compared. Where the Hub did not say, the one before is kept, so that a reconciler goes on watching.
 */
async function watchedModels(
  { recipe, known }: Pick<Work, 'recipe' | 'known'>,
  before: Seen | null,
): Promise<string[]> {
  if (!recipe.retrainOn.includes('base-model')) return []
  const { inputModel: name } = recipe
  const base = known.baseModel
  if (base?.head != null)
    return [await seenModelText({ name, head: base.head }, base.visibility === 'public')]
  const kept = before?.models ?? []
  if (base?.at !== 'missing') return kept
  // It was public, and may have become private.
  const models = await readSeenModels(kept, [name])
  return Promise.all(models.map((model) => seenModelText(model, base.visibility === 'public')))
}

/** When an attempt that has not ended is to be checked again, in milliseconds since the epoch. */
export function whenOpen(record: LedgerRecord, now: number): number {
  if (record.state !== 'started' || isOverdue(record, now)) return now + soonMs
  const deadline = record.deadline === null ? Number.POSITIVE_INFINITY : Date.parse(record.deadline)
  return Math.min(now + laterMs, deadline)
}

function ofRecord(
  work: Work,
  { record, ending, next }: { record: LedgerRecord; ending: Ending; next: Decision | null },
): Again {
  const now = work.tools.clock.now()
  const waits = needsPerson(work, record) && record.state === 'started'
  // A publication that is due is work that is left, however the training ended.
  if (record.publish === 'due') return { at: now + soonMs, reason: ending.reason, warns: false }
  if (!hasEnded(record) && !waits) return { at: whenOpen(record, now), reason: ending.reason, warns: false }
  const decision = next ?? decideUnattended({ last: record, needsPerson: waits, bound: null, now })
  return decision.do === 'skip'
    ? {
        at: null,
        reason: decision.reason,
        warns: decision.isWarning,
        comesBack: ending.comesBack ?? decision.comesBack,
      }
    : { at: now + laterMs, reason: ending.reason, warns: true }
}

function ofVerdict(ending: Ending, { before, now }: { before: Seen | null; now: number }): Again {
  const { verdict, reason, isWarning = false, comesBack, againAt } = ending
  if (againAt !== undefined) return { at: againAt, reason, warns: isWarning, comesBack }
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
  return Math.min(dayMs, Math.max(laterMs, repeats ? before.wait * 2 : laterMs))
}
