import type { LedgerRecord } from '../../ledger/record.ts'
import type { Work } from '../work.ts'

/** Why a revision is skipped, and whether a person should know. */
interface Reason {
  readonly reason: string
  readonly isWarning: boolean
}

/** Whether the recipe still runs as it did in an attempt; also where an older version did not record how. */
export function runsTheSame({ hashes }: Pick<Work, 'hashes'>, { howItRuns }: LedgerRecord): boolean {
  return howItRuns === null || howItRuns === hashes.howItRuns
}

/**
 * Explains a skip because of an attempt that runs in another way: params, commands and hardware do not make another
 * recipe, so that of several legs of a matrix only one trains. A leg that is not trained is a warning.
 *
 * @param record of the attempt that the skip is about; one that failed is no reason to explain
 */
export function explainOtherParams(work: Work, record: LedgerRecord, given: Reason): Reason {
  if (runsTheSame(work, record) || record.state === 'failed' || record.state === 'cancelled') return given
  const isLeg = record.workflow.runId === work.tools.workflow.runId
  const why = isLeg
    ? 'Another leg of this workflow run, with other params, trains this revision; params, command and hardware do ' +
      'not make another recipe: give each leg its own autotrain-project-prefix.'
    : 'That run has other params; params, command and hardware do not make another recipe: to train both, give each ' +
      'its own autotrain-project-prefix; to train again after a change, add recipe to retrain-on.'
  return { reason: `${given.reason} ${why}`, isWarning: given.isWarning || isLeg }
}
