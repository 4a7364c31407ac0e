import type { Trainer, TrainingOrder, TrainingRun } from '../../domain/training.ts'
import { pollUntil } from '../../http/poll.ts'
import { takeOverAfterMs } from '../../ledger/decide.ts'
import type { Entry } from '../../ledger/entry.ts'
import { claimedAt } from '../../ledger/history.ts'
import type { Work } from '../work.ts'

/** The time between two questions. */
const askEveryMs = 5_000

/**
 * Looks for the run of a claim whose owner died before it recorded one. "Re-run jobs" can be pressed seconds after the
 * order was sent, whether the claim says so or not, and a provider may list a run late: it is asked for as long as no
 * other run may take the claim over.
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
  return pollUntil({
    everyMs: askEveryMs,
    giveUpAfterMs: Math.max(0, claimedAt(entry) + takeOverAfterMs - clock.now()),
    clock,
    signal,
    check: () => find(order, signal),
  })
}
