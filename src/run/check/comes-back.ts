import type { TrainingEnd } from '../../domain/training.ts'
import type { ComesBack } from '../../domain/verdict.ts'
import { type Decision, decideUnattended } from '../../ledger/decide.ts'
import type { Entry } from '../../ledger/entry.ts'
import type { RecipeLedger } from '../../ledger/ledger.ts'
import type { Work } from '../work.ts'
import { attemptsOn, boundOf } from './decide-next.ts'

/**
 * What the next check decides about a training that failed.
 *
 * @param options.entry its record, whether or not the end could be written into it
 * @param options.end how it ended
 * @returns null for a success, and where the ledger cannot be read or the workflow run must end now
 */
export async function decideAfter(
  work: Work,
  options: { ledger: RecipeLedger; entry: Entry; end: TrainingEnd | null },
): Promise<Decision | null> {
  const { ledger, entry, end } = options
  if (end === null || end.verdict === 'succeeded' || work.tools.signal.aborted) return null
  const { verdict: state, cause, began, cost, trainedMs } = end
  const last = { ...entry.record, state, cause, began, cost, trainedMs }
  const recent = await ledger.recent().catch(() => null)
  if (recent === null) return null
  const now = recent.map((other) => (other.ref === entry.ref ? { ...other, record: last } : other))
  const { revision, data: facts } = last
  const bound = boundOf(work, attemptsOn({ revision, facts }, now))
  return decideUnattended({ last, bound, now: work.tools.clock.now() })
}

/** What happens without a person by the decision of {@link decideAfter}; null where there is none. */
export function comesBackBy(decision: Decision | null): ComesBack | null {
  if (decision === null) return null
  return decision.do === 'skip' ? decision.comesBack : 'next-check'
}
