import type { Recipe, TrainerName } from '../recipe/recipe.ts'

/** What a trainer is asked to do. */
export interface TrainingOrder {
  readonly recipe: Recipe
  /** The commit of the dataset to train on. */
  readonly revision: string
  /** The name of the project and of the model that comes of it, without namespace. */
  readonly project: string
}

/** What would be done, before anything is. */
export interface TrainingPlan {
  /** One line: what runs where. */
  readonly what: string
  /** What will be done, in order. */
  readonly steps: readonly string[]
  /** The most it can cost in USD; null when the trainer cannot know. */
  readonly maxCost: number | null
}

/** A training that a provider has taken on. */
export interface TrainingRun {
  /** The provider's id. */
  readonly id: string
  /** Where a person can look at it. */
  readonly url: string
  /** What a person has to do before it trains; null when nothing. */
  readonly nextStep: string | null
}

/** How a training that was followed ended. */
export interface TrainingEnd {
  readonly verdict: 'succeeded' | 'failed' | 'cancelled'
  /** One sentence. */
  readonly reason: string
  readonly metrics: Readonly<Record<string, number>>
}

/** What a trainer tells while it works. */
export interface TrainingContext {
  /** Aborted when the workflow is cancelled. */
  readonly signal: AbortSignal
  /** Runs one named piece of work, shown live and with its time. */
  step<T>(title: string, work: () => Promise<T>): Promise<T>
  /** One line of the run's own log: from outside. */
  log(line: string): void
}

/** A way to train. What a trainer cannot do it leaves out. */
export interface Trainer {
  readonly name: TrainerName
  /** True when it trains on whatever the dataset's branch holds when it starts, not on a chosen commit. */
  readonly readsOnlyHead: boolean
  /**
   * Says what would be done. Starts nothing and costs nothing.
   *
   * @throws Refused when the order cannot or must not be carried out
   */
  plan(order: TrainingOrder, signal: AbortSignal): Promise<TrainingPlan>
  /** Starts the training. */
  start(order: TrainingOrder, context: TrainingContext): Promise<TrainingRun>
  /** Follows a run to its end. */
  follow?(run: TrainingRun, context: TrainingContext): Promise<TrainingEnd>
  /** Stops a run. */
  cancel?(run: TrainingRun): Promise<void>
}
