import type { Task } from './tasks.ts'

/** The trainers a recipe may name. */
export const trainerNames = ['autotrain', 'autotrain-classic', 'job', 'command'] as const

/** The name of a trainer. */
export type TrainerName = (typeof trainerNames)[number]

/** How discussions are kept: one open thread for each model, one for each run, or none. */
export const discussionModes = ['thread', 'each', 'off'] as const

/** One of the ways of opening discussions. */
type DiscussionMode = (typeof discussionModes)[number]

/** What makes a succeeded revision worth another run: `data` always, the others where the recipe lists them. */
export const retrainReasons = ['data', 'recipe', 'base-model'] as const

/** One of the reasons to train a succeeded revision again. */
export type RetrainReason = (typeof retrainReasons)[number]

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
  /** What makes a succeeded revision worth another run. */
  readonly retrainOn: readonly RetrainReason[]
  readonly trainer: TrainerName
  /** Whether a success is proved by the model on the Hub. */
  readonly expectModel: boolean
  /** The hardware of Hugging Face Jobs, by the name of its API. */
  readonly hardware: string
  /** Milliseconds after which a run is stopped. */
  readonly timeout: number
  /** A Docker image; null: the trainer's own. */
  readonly image: string | null
  /** A shell script; null: the trainer's own. */
  readonly command: string | null
  /** The most one run may cost, in USD. */
  readonly maxCost: number
  /** The most runs that may start on one day (UTC); 0: none. */
  readonly maxRunsPerDay: number
  /** Whether to follow the run to its end. */
  readonly wait: boolean
  readonly discussion: DiscussionMode
  /** Whether the model's card gets a section about where the model comes from. */
  readonly modelCard: boolean
  /** The metric by which a run is better than the one before: a name, with `:min` or `:max` where that is not obvious. */
  readonly compareMetric: string | null
  /** How much better it has to be, in the metric's own unit. */
  readonly minImprovement: number
}
