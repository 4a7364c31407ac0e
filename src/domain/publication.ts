import type { Visibility } from './visibility.ts'

/**
 * How a publication ended: docs/publish.md.
 *
 * - `published`: the run's files are the newest commit of the model that people load
 * - `held`: they are not, for the reason that stands beside it; a person may publish them all the same
 * - `superseded`: a run that was claimed later was published before
 */
export const publicationEnds = ['published', 'held', 'superseded'] as const

/** One of the ends of a publication. */
type PublicationEnd = (typeof publicationEnds)[number]

/** What was compared before a publication. */
export interface Gate {
  /** The metric, as the run names it. */
  readonly metric: string
  /** Of the run; null: not measured. */
  readonly value: number | null
  /** Of what is published; null: there is nothing to compare with. */
  readonly baseline: number | null
  /**
   * On which rows the baseline was measured: `same`, in this training beside the new model; `other`, as its own training
   * recorded it. Null without a baseline.
   */
  readonly rows: 'same' | 'other' | null
}

/** A run whose model is, or was, published under the stable name. */
export interface PublishedRun {
  /** The number of the publication in the recipe's ledger. */
  readonly n: number
  /** The dataset's commit that it was trained on. */
  readonly revision: string
  readonly attempt: number
  /** The run's own model, `namespace/name`, and the commit whose files were published. */
  readonly runModel: string
  readonly runCommit: string
  /** The commit of the stable model. */
  readonly commit: string
  /** The tag that loads it; null: none was made. */
  readonly tag: string | null
  readonly metrics: Readonly<Record<string, number>>
  /** Whether a person published it with `publish-revision`. */
  readonly byHand: boolean
  /** Milliseconds since the epoch. */
  readonly at: number
}

/** The stable model of a recipe, and what this workflow run did about it. */
export interface Publication {
  /** `publish-to`, `namespace/name`. */
  readonly model: string
  /** Who can read it. */
  readonly visibility: Visibility
  /** `due`: not yet, the next check publishes it. Null: this outcome has nothing that was to be published. */
  readonly end: PublicationEnd | 'due' | null
  /** One sentence that explains the end; empty where it is null. May contain untrusted text. */
  readonly reason: string
  /** Whether a person asked for it with `publish-revision`. */
  readonly byHand: boolean
  /** The run that was to be published; null where the end is null. */
  readonly run: { readonly revision: string; readonly attempt: number } | null
  /** Null: nothing was compared. */
  readonly gate: Gate | null
  /** What is published when the workflow run ends; null: nothing. */
  readonly now: PublishedRun | null
  /** What this publication replaced; null: nothing was published before. */
  readonly replaced: PublishedRun | null
  /**
   * The model of another run that this workflow run published, the newest, where this one was not: one that an earlier
   * training left. Null: none.
   */
  readonly alsoPublished: PublishedRun | null
  /** What a person should know, a sentence each. */
  readonly warnings: readonly string[]
}
