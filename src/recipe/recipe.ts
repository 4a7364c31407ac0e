import type { Task } from './tasks.ts'

/** The trainers a recipe may name. */
export const trainerNames = ['autotrain-classic'] as const

/** The name of a trainer. */
export type TrainerName = (typeof trainerNames)[number]

/** How discussions are opened: one for each run, or none. */
export const discussionModes = ['each', 'off'] as const

/** One of the ways of opening discussions. */
export type DiscussionMode = (typeof discussionModes)[number]

/** What to train, when which dataset changes, and how: one entry of the config. */
export interface Recipe {
  /** The dataset that is watched and trained on, `namespace/name`. */
  readonly inputDataset: string
  /** The model that is fine-tuned, `namespace/name` or a name without namespace. */
  readonly inputModel: string
  /** The user or organisation that gets the trained model. */
  readonly targetNamespace: string
  /** The beginning of the project's name. */
  readonly autotrainProjectPrefix: string
  /** The branch of the dataset that is watched, a full ref. */
  readonly ref: string
  /** Globs of the files whose change is worth a run; empty: all. */
  readonly paths: readonly string[]
  /** Globs of the files whose change is not, even where `paths` has them. */
  readonly pathsIgnore: readonly string[]
  /** Milliseconds to wait before looking whether the revision is still head; 0: none. */
  readonly settle: number
  readonly task: Task
  readonly trainSplit: string
  /** Null: none. */
  readonly validSplit: string | null
  /** From the role (`image_column`) to the dataset's column. */
  readonly columnMapping: Readonly<Record<string, string>>
  /** Hyperparameters by AutoTrain's names. */
  readonly params: Readonly<Record<string, unknown>>
  readonly trainer: TrainerName
  /** The most runs that may start on one day (UTC); 0: none. */
  readonly maxRunsPerDay: number
  readonly discussion: DiscussionMode
}
