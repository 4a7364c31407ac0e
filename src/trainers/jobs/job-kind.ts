import type { Measured } from '../../domain/metrics/measured.ts'
import type { Check } from '../../domain/plan/checks.ts'
import type { DataLook, EffectiveParam, PlannedOrder } from '../../domain/plan/training-plan.ts'
import type { Recipe, TrainerName } from '../../domain/recipe.ts'
import type { TrainingContext, TrainingEnd, TrainingOrder } from '../../domain/training.ts'
import type { Clock } from '../../http/clock.ts'
import type { Hub } from '../../hub/hub.ts'
import type { Job, JobSpec } from '../../hub/jobs/jobs.ts'
import type { DataSource } from '../autotrain/dataset-layout.ts'

/** What the trainers on Hugging Face Jobs need. */
export interface JobTools {
  readonly hub: Hub
  readonly clock: Clock
  /** How long the runner lets a job run; null: no limit. */
  readonly waitLimitMs: number | null
  /** The Hub as the training token sees it, which makes the run's repository: what a Job gets as HF_TOKEN. */
  readonly trainingHub: Hub
  /** The value of an environment variable of the step; undefined or empty where it is not set. */
  readonly stepVariable: (name: string) => string | undefined
}

/** What a kind prepares before the order, at no cost. */
export interface PreparedJob {
  readonly volumes: JobSpec['volumes']
  /** Those that all Jobs have win. */
  readonly labels: Readonly<Record<string, string>>
}

/** What differs between the trainers on Hugging Face Jobs. */
export interface JobKind {
  readonly name: Extract<TrainerName, 'autotrain' | 'job' | 'script'>
  /** @throws Refused when the recipe has a key that this trainer cannot use, or lacks one that it needs */
  check(recipe: Recipe): void
  /**
   * Looks at the dataset before anything is paid for.
   *
   * @returns what a person should know about the training, as steps of the plan, and what was checked
   */
  review?(order: PlannedOrder, source: DataSource): { steps: readonly string[]; checks: readonly Check[] }
  /** The parameters that a training runs with; missing where a script decides. */
  parameters?(recipe: Recipe): readonly EffectiveParam[]
  /** What runs, as the start of a sentence such as "... on t4-small (Hugging Face Jobs)". */
  describe(order: PlannedOrder): string
  image(recipe: Recipe): string
  /** Whether a commit of the model, by its title, has the training's code and no model; missing: none has. */
  isCodeCommit?(title: string): boolean
  /** What the plan says of the image, as the end of a sentence; missing when nothing. */
  readonly imageNote?: string
  /** Environment variables that a Job of this kind gets; missing when none. */
  environment?(recipe: Recipe): Readonly<Record<string, string>>
  /** The program and its arguments: no shell reads them. */
  command(order: TrainingOrder): readonly string[]
  /** The text of AUTO_RETRAIN_CONFIG; missing: AutoTrain's config file. */
  config?(order: TrainingOrder): string
  /**
   * Prepares what the Job needs beside its request. May be repeated; the Job is not ordered yet.
   *
   * @throws NotStarted when it cannot be prepared
   */
  prepare?(order: TrainingOrder, context: Pick<TrainingContext, 'signal' | 'step'>): Promise<PreparedJob>
  /** Whether a model that exists already was left by {@link JobKind.prepare} for a training of this order. */
  isLeftover?(order: PlannedOrder & { key: string; project: string }, signal: AbortSignal): Promise<boolean>
  /** Finds out where the data can be read from; missing: the dataset is mounted at the revision, whatever its layout. */
  findSource?(order: PlannedOrder, signal: AbortSignal): Promise<DataSource>
  /** Looks into the files of the dataset, within bounds. */
  checkData?(order: PlannedOrder, source: DataSource, signal: AbortSignal): Promise<DataLook>
  /**
   * Asks, right before the order, whether the Job would train on the ordered revision.
   *
   * @throws NotStarted when it would train on another one
   */
  confirm?(order: TrainingOrder, source: DataSource, signal: AbortSignal): Promise<void>
  /** One sentence about a Job that succeeded: which data it was trained on. */
  describeSuccess(order: TrainingOrder, job: Job, options: DescribeOptions): Promise<string>
}

/** What a Job that succeeded is described with. */
export interface DescribeOptions {
  readonly tools: JobTools
  /** Whether this process mounted the dataset at the revision; null when another process started the Job. */
  readonly mounted: boolean | null
  readonly signal: AbortSignal
}

/** How a completed Job is judged after a check of its model. */
export interface VerifiedEnd extends Pick<TrainingEnd, 'verdict' | 'cause' | 'reason'> {
  /** Measured at the end of the run: these replace what the log printed before. */
  readonly measured: Measured
  /** What of the model could not be read, one sentence each; left out when all was. */
  readonly warnings?: readonly string[]
}
