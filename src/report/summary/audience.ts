import type { Outcome, ReportContext } from '../../domain/outcome.ts'
import { mayName } from '../../domain/visibility.ts'

/** What the job summary may say of the dataset. */
export interface SummaryAudience {
  /** Whether it may name the dataset, what is in it and what was logged about it. */
  readonly namesDataset: boolean
  /** A text from elsewhere, without the dataset's name where that is not to be named. */
  say(text: string): string
}

/** Who reads the job summary: whoever can see the workflow's repository. */
export function summaryAudience(outcome: Outcome, context: ReportContext): SummaryAudience {
  const namesDataset = mayName({ place: context.repositoryVisibility, thing: outcome.datasetVisibility })
  const dataset = outcome.recipe?.inputDataset
  return {
    namesDataset,
    say: (text) => (namesDataset || dataset === undefined ? text : text.replaceAll(dataset, 'the dataset')),
  }
}
