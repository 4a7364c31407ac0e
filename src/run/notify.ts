import type { Outcome } from '../domain/outcome.ts'
import type { LedgerRecord } from '../ledger/record.ts'
import { runOf } from './attempt/record-order.ts'
import { emptyOutcome, type Work } from './work.ts'

/** Reports an outcome on the dataset. */
export function notifyDataset(
  { recipe, tools, log }: Work,
  outcome: Outcome,
): Promise<Pick<Outcome, 'discussionUrl' | 'discussionNote'>> {
  return tools.notify.dataset({ recipe, outcome, log, signal: tools.signal })
}

/** Reports an outcome on the model's card. */
export function notifyModel({ recipe, tools, log }: Work, outcome: Outcome): Promise<void> {
  return tools.notify.model({ recipe, outcome, log, signal: tools.signal })
}

/** What is reported of an attempt that another workflow run trained, by its record. */
export function outcomeOf(
  { recipe, facts }: Pick<Work, 'recipe' | 'facts'>,
  record: LedgerRecord,
  ending: Pick<Outcome, 'verdict' | 'reason' | 'end' | 'publication'>,
): Outcome {
  const { revision, attempt, project, discussionUrl } = record
  return {
    ...emptyOutcome,
    ...ending,
    ...{ recipe, revision, attempt, project, discussionUrl },
    datasetVisibility: facts.datasetVisibility,
    baseVisibility: facts.baseVisibility,
    history: facts.history.filter((run) => run.revision !== revision || run.attempt !== attempt),
    run: runOf(record),
  }
}
