import type { RecipeCode } from './plan/code.ts'
import type { Task } from './tasks.ts'

/** The trainers a recipe may name. */
export const trainerNames = ['autotrain', 'script', 'job', 'command', 'autotrain-classic'] as const

/** The name of a trainer. */
export type TrainerName = (typeof trainerNames)[number]

/** How to use discussions: one open thread for each model, one discussion for each run, or none. */
export const discussionModes = ['thread', 'each', 'off'] as const

/** One of the ways of opening discussions. */
type DiscussionMode = (typeof discussionModes)[number]

/** What makes a succeeded revision worth another run: `data` always, the others where the recipe lists them. */
export const retrainReasons = ['data', 'recipe', 'base-model'] as const

/** One of the reasons to train a succeeded revision again. */
type RetrainReason = (typeof retrainReasons)[number]

/** What a training starts from: the base model, or the run that is published now. */
export const startModes = ['base', 'published'] as const

/** One of the models that a training starts from. */
type StartMode = (typeof startModes)[number]

/** The dataset's columns by their roles (`image_column`). A role that may have several columns has a list or one. */
export type ColumnMapping = Readonly<Record<string, string | readonly string[]>>

/** Whether a training is to leave a model on the Hub: AutoTrain's always is. */
export function expectsModel({
  expectModel,
  trainer,
}: Pick<RecipeSettings, 'expectModel' | 'trainer'>): boolean {
  return expectModel || trainer === 'autotrain' || trainer === 'autotrain-classic'
}

/** One entry of the config: what to train, how, and after changes of which dataset. */
export interface Recipe extends RecipeSettings {
  /** The keys that a person gave, by their names here: the others have their defaults. Missing: not known. */
  readonly given?: readonly (keyof RecipeSettings)[]
  /** The code of the trainer `script`, once it was read; missing for the others. */
  readonly code?: RecipeCode
}

/** The keys of a recipe. */
export interface RecipeSettings {
  /** The dataset to watch and to train on, `namespace/name`. */
  readonly inputDataset: string
  /** The model to fine-tune, `namespace/name` or a name without namespace. */
  readonly inputModel: string
  /** The user or organisation that will own the trained model. */
  readonly targetNamespace: string
  /** The beginning of the project's name. */
  readonly autotrainProjectPrefix: string
  /** The branch of the dataset to watch, as a full ref. */
  readonly ref: string
  /** Globs of the files whose changes start a run; empty for all files. */
  readonly paths: readonly string[]
  /** Globs of the files whose changes do not, even if `paths` matches them. */
  readonly pathsIgnore: readonly string[]
  /** How many relevant files must have changed since the last success before it trains again. */
  readonly minChangedFiles: number
  /** By how many percent the data may shrink until only a person starts the training; 100 allows everything. */
  readonly maxRemoved: number
  /** Milliseconds to wait before checking that the revision is still the head; 0 does not wait. */
  readonly settle: number
  readonly task: Task
  readonly trainSplit: string
  /** Null for none. */
  readonly validSplit: string | null
  readonly columnMapping: ColumnMapping
  /** Hyperparameters with AutoTrain's names. */
  readonly params: Readonly<Record<string, unknown>>
  /** What makes a succeeded revision worth another run. */
  readonly retrainOn: readonly RetrainReason[]
  readonly trainer: TrainerName
  /** Whether a success is proved by the model on the Hub. */
  readonly expectModel: boolean
  /** Hardware of Hugging Face Jobs, as its API names it: `t4-small`. */
  readonly hardware: string
  /** The time limit of a run, in milliseconds. */
  readonly timeout: number
  /** A Docker image; null for the trainer's own. */
  readonly image: string | null
  /** A shell script; null for the trainer's own. */
  readonly command: string | null
  /** A Python script: its path in the checkout, or an `https` URL with a commit sha in it; null for none. */
  readonly script: string | null
  /** The script's arguments, with placeholders in braces. */
  readonly scriptArgs: readonly string[]
  /** Globs of the files of the checkout that are shipped with the script. */
  readonly files: readonly string[]
  /** The version of Python that uv runs the script with; null: the script or the image decides. */
  readonly python: string | null
  /** More dependencies, as uv's `--with` takes them. */
  readonly with: readonly string[]
  /** Environment variables of the training, readable by everyone who can read its run. */
  readonly env: Readonly<Record<string, string>>
  /** The names of the environment variables of the step that become secrets of the training. */
  readonly secrets: readonly string[]
  /** Whether the training gets the training token as HF_TOKEN; null: where a model is expected. */
  readonly giveToken: boolean | null
  /** The cost limit of one run, in USD. */
  readonly maxCost: number
  /** How many runs may start per day (UTC); 0 starts none. */
  readonly maxRunsPerDay: number
  /** Whether to wait until the run has ended. */
  readonly wait: boolean
  readonly discussion: DiscussionMode
  /** Whether to add a section about the model's origin to its card. */
  readonly modelCard: boolean
  /** The metric that decides whether a run is better: a name, with `:min` or `:max` where the direction is unclear. */
  readonly compareMetric: string | null
  /** How much better the metric must be, in its own unit. */
  readonly minImprovement: number
  /** The model that people load, `namespace/name`: a run that is better becomes its newest commit. Null: none. */
  readonly publishTo: string | null
  /** Whether a model of private data, or of a private base model, may be published where everyone can read it. */
  readonly publishPublic: boolean
  /** Whether to publish over commits that this recipe did not make. */
  readonly publishOver: boolean
  /** Whether the training's code, which is in the run's repository, is published too. */
  readonly publishCode: boolean
  /** What a training starts from. */
  readonly startFrom: StartMode
}
