import type { Outcome, ReportContext } from '../../domain/outcome.ts'
import { maskDataset, mayName } from '../../domain/visibility.ts'

/** What the job summary may say about the dataset. */
export interface SummaryAudience {
  /** Whether it may name the dataset, list its files and quote the training's log. */
  readonly namesDataset: boolean
  /** Replaces the dataset's name in text from elsewhere, unless the summary may name it. */
  mask(text: string): string
}

/** @returns what the readers of the job summary, everyone who can see the workflow's repository, may know */
export function summaryAudience(outcome: Outcome, context: ReportContext): SummaryAudience {
  const visibilities = { place: context.repositoryVisibility, thing: outcome.datasetVisibility }
  const dataset = outcome.recipe?.inputDataset
  return {
    namesDataset: mayName(visibilities),
    mask: (text) => maskDataset(text, { dataset, ...visibilities }),
  }
}
