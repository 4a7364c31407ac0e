import type { Trainer, TrainingOrder, TrainingRun } from '../../domain/training.ts'
import { pollUntil } from '../../http/poll.ts'
import { startWithinMs, takeOverAfterMs } from '../../ledger/decide.ts'
import type { Entry } from '../../ledger/entry.ts'
import { claimedAt } from '../../ledger/history.ts'
import type { Work } from '../work.ts'

/** How long a provider usually takes at most to list a run, and the time between two questions. */
const unlistedForMs = 120_000
const askEveryMs = 5_000

/**
 * Looks for the run of a claim whose owner died before it recorded one. "Re-run jobs" can be pressed seconds after the
 * order was sent, so a provider that does not list the run yet is asked until it had time to: where the order was sent
 * for certain, as long as no other run may take the claim over.
 *
 * @returns null when there is none
 */
export async function findUnrecorded(
  { tools }: Pick<Work, 'tools'>,
  { trainer, order, entry }: { trainer: Trainer; order: TrainingOrder; entry: Entry },
): Promise<TrainingRun | null> {
  const { clock, signal } = tools
  const { find } = trainer
  if (find === undefined) return null
  const { ordered } = entry.record.times
  const lastOrderAt = Math.min(clock.now(), claimedAt(entry) + startWithinMs)
  const until = ordered === null ? lastOrderAt + unlistedForMs : claimedAt(entry) + takeOverAfterMs
  return pollUntil({
    everyMs: askEveryMs,
    giveUpAfterMs: Math.max(0, until - clock.now()),
    clock,
    signal,
    check: () => find(order, signal),
  })
}
