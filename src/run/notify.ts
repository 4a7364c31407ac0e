import type { Outcome } from '../domain/outcome.ts'
import type { Work } from './work.ts'

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
