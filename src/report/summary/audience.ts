import type { Outcome, ReportContext } from '../../domain/outcome.ts'
import { maskPrivate, mayName, namedIn } from '../../domain/visibility.ts'

/** What the job summary may say about the dataset and the base model. */
export interface SummaryAudience {
  /** Whether it may name the dataset and list its files. */
  readonly namesDataset: boolean
  readonly namesBase: boolean
  /** Whether it may quote the training's log, which may show either. */
  readonly quotesLog: boolean
  /** Replaces the names that the summary must not have in text from elsewhere. */
  mask(text: string): string
}

/** @returns what the readers of the job summary, everyone who can see the workflow's repository, may know */
export function summaryAudience(outcome: Outcome, context: ReportContext): SummaryAudience {
  const place = context.repositoryVisibility
  const namesDataset = mayName({ place, thing: outcome.datasetVisibility })
  const namesBase = mayName({ place, thing: outcome.baseVisibility })
  return {
    namesDataset,
    namesBase,
    quotesLog: namesDataset && namesBase,
    mask: (text) => maskPrivate(text, { place, things: namedIn(outcome) }),
  }
}
