import type { Outcome, ReportContext } from './outcome.ts'

/** Who can see a repository. */
export type Visibility = 'public' | 'private' | 'unknown'

/**
 * Whether a place may name a thing and link to it: not where strangers read the place and may not know the thing.
 * What is not known counts as the worse: an unknown place as public, an unknown thing as private.
 *
 * @param options.place where it would be written: the workflow's repository, or the dataset
 * @param options.thing what would be named
 */
export function mayName({ place, thing }: { place: Visibility; thing: Visibility }): boolean {
  return thing === 'public' || place === 'private'
}

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
