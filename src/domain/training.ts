import type { Recipe, TrainerName } from './recipe.ts'

/** What a trainer is asked to do. */
export interface TrainingOrder {
  readonly recipe: Recipe
  /** The commit of the dataset to train on. */
  readonly revision: string
  /** The name of the project and of the model that comes of it, without namespace. */
  readonly project: string
  /** Random letters and digits that belong to this attempt alone: a run carries them, and is found by them. */
  readonly nonce: string
}

/** What would be done, before anything is. */
export interface TrainingPlan {
  /** One line: what runs where. */
  readonly what: string
  /** What will be done, in order. */
  readonly steps: readonly string[]
  /** True when it trains on whatever the dataset's branch holds when it starts, not on a chosen commit. */
  readonly readsOnlyHead: boolean
  /** The provider's name of the hardware; null when there is none to choose. */
  readonly hardware: string | null
  /** When the run is stopped, in milliseconds after its start; null when it has no limit. */
  readonly timeout: number | null
  /** What it costs in USD; null when the trainer cannot know. */
  readonly cost: { readonly perMinute: number; readonly max: number } | null
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

/** What a run measured at one point of its way, by the names that the trainer's log gives. All finite. */
export interface MetricPoint {
  readonly epoch: number
  readonly values: Readonly<Record<string, number>>
}

/** How far a run is. What is not known is null. */
export interface TrainingProgress {
  /** The provider's word: `SCHEDULING`, `RUNNING`... */
  readonly stage: string
  readonly epoch: number | null
  readonly epochs: number | null
  /** Milliseconds since it began to run. */
  readonly elapsed: number | null
  /** USD until now. */
  readonly cost: number | null
}

/** How a training ended. */
export interface TrainingEnd {
  readonly verdict: 'succeeded' | 'failed' | 'cancelled'
  /** One sentence. May hold text from outside. */
  readonly reason: string
  /** The final metrics; empty when none were measured. All finite. */
  readonly metrics: Readonly<Record<string, number>>
  /** What was measured on the way, oldest first. */
  readonly curve: readonly MetricPoint[]
  /** The last lines of the run's log: from outside. */
  readonly logTail: readonly string[]
  /** USD; null when not known. */
  readonly cost: number | null
}

/** What a trainer tells while it works. */
export interface TrainingContext {
  /** Aborted when the workflow is cancelled. */
  readonly signal: AbortSignal
  /** Runs one named piece of work, shown live and with its time. */
  step<T>(title: string, work: () => Promise<T>): Promise<T>
  /** One line of the run's own log: from outside. */
  log(line: string): void
  /** How far the run is; may be called as often as there is news. */
  progress(progress: TrainingProgress): void
}

/**
 * What a trainer is given to start a training with. Its signal cuts off no call that costs: only the answer to such a
 * call says what there is to stop.
 */
export interface StartContext extends TrainingContext {
  /**
   * To be asked right before the call that costs: whoever took so long that another may have begun must not.
   *
   * @throws NotStarted when it is too late, or the workflow was cancelled meanwhile
   */
  assertMayBegin(): void
}

/**
 * Thrown by `start` when the run certainly never began, so that nothing can be owed for it. Its cause is `Skipped`
 * where that is as it should be.
 */
export class NotStarted extends Error {
  override readonly name = 'NotStarted'
}

/** A way to train. What a trainer cannot do it leaves out. */
export interface Trainer {
  readonly name: TrainerName
  /** What a person has to do before a run of its trains, also one that was started before; left out when nothing. */
  readonly nextStep?: string
  /**
   * Says what would be done. Starts nothing and costs nothing.
   *
   * @throws Refused when the order cannot or must not be carried out
   */
  plan(order: TrainingOrder, signal: AbortSignal): Promise<TrainingPlan>
  /**
   * Starts the training. An unclear answer of the provider is resolved before it returns.
   *
   * @throws NotStarted when it certainly never began; any other error means that something was done
   */
  start(order: TrainingOrder, context: StartContext): Promise<TrainingRun>
  /** Looks for the run of an attempt whose start nobody could record; null when there certainly is none. */
  find?(order: TrainingOrder, signal: AbortSignal): Promise<TrainingRun | null>
  /** Follows a run to its end, from wherever it is. */
  follow?(order: TrainingOrder, run: TrainingRun, context: TrainingContext): Promise<TrainingEnd>
  /** How a run ended that nobody followed; null while it is going. */
  inspect?(order: TrainingOrder, run: TrainingRun, signal: AbortSignal): Promise<TrainingEnd | null>
  /** Stops a run; resolves once the provider has taken the order, also when it had ended before. */
  cancel?(order: TrainingOrder, run: TrainingRun, signal: AbortSignal): Promise<void>
}
