import type { Recipe, TrainerName } from './recipe.ts'

/** What to train: the order for a trainer. */
export interface TrainingOrder {
  readonly recipe: Recipe
  /** The commit of the dataset to train on. */
  readonly revision: string
  /** The name of the project and of the resulting model, without namespace. */
  readonly project: string
  /** Random letters and digits of this attempt. The run carries them as a label, so that it can be found again. */
  readonly nonce: string
}

/** What a trainer is going to do. */
export interface TrainingPlan {
  /** One line that says what runs where. */
  readonly what: string
  /** The steps in order, one sentence each. */
  readonly steps: readonly string[]
  /** True when it trains on the branch's head at its start instead of a chosen commit. */
  readonly readsOnlyHead: boolean
  /** The provider's name of the hardware; null when there is no choice. */
  readonly hardware: string | null
  /** The time limit of the run; null when it has none. */
  readonly timeoutMs: number | null
  /** The cost in USD; null when the trainer does not know it. */
  readonly cost: { readonly perMinute: number; readonly max: number } | null
}

/** A training that a provider has accepted. */
export interface TrainingRun {
  /** The provider's id. */
  readonly id: string
  /** The provider's page about it. */
  readonly url: string
  /** What a person must do before it starts to train; null when nothing. */
  readonly nextStep: string | null
}

/** The metrics at one point of a run, with the names from the trainer's log. All values are finite. */
export interface MetricPoint {
  readonly epoch: number
  readonly values: Readonly<Record<string, number>>
}

/** The progress of a run. Unknown values are null. */
export interface TrainingProgress {
  /** The provider's name of the stage: `SCHEDULING`, `RUNNING`... */
  readonly stage: string
  readonly epoch: number | null
  readonly epochs: number | null
  /** Milliseconds since the run started. */
  readonly elapsedMs: number | null
  /** The cost so far, in USD. */
  readonly cost: number | null
}

/** How a training ended. */
export interface TrainingEnd {
  readonly verdict: 'succeeded' | 'failed' | 'cancelled'
  /** One sentence that explains the verdict. May contain text from outside. */
  readonly reason: string
  /** The final metrics; empty when none were measured. All values are finite. */
  readonly metrics: Readonly<Record<string, number>>
  /** The metrics during the run, oldest first. */
  readonly curve: readonly MetricPoint[]
  /** The last lines of the run's log, which are from outside. */
  readonly logTail: readonly string[]
  /** In USD; null when unknown. */
  readonly cost: number | null
}

/** How a trainer reports while it works. */
export interface TrainingContext {
  /** Aborted when the workflow is cancelled. */
  readonly signal: AbortSignal
  /** Runs one named step; it is shown live, with its duration. */
  step<T>(title: string, work: () => Promise<T>): Promise<T>
  /** Reports one line of the run's own log, which is from outside. */
  log(line: string): void
  /** Reports the progress; may be called at any rate. */
  progress(progress: TrainingProgress): void
}

/**
 * The context for starting a training. Its signal must not interrupt the call that starts the paid run: only the answer
 * to that call identifies the run, so that it can be stopped.
 */
export interface StartContext extends TrainingContext {
  /**
   * To be called right before the call that starts the paid run.
   *
   * @throws NotStarted when so much time has passed that another workflow run may have started it, or when the workflow
   *   was cancelled
   */
  assertMayBegin(): void
}

/**
 * Thrown by `start` when the run certainly did not start, so nothing is billed. Its cause is `Skipped` when that is not
 * a failure.
 */
export class NotStarted extends Error {
  override readonly name = 'NotStarted'
}

/** A way to train. A trainer omits the optional functions that it cannot provide. */
export interface Trainer {
  readonly name: TrainerName
  /** What a person must do before a run of this trainer starts to train, also an earlier one. */
  readonly nextStep?: string
  /**
   * Describes what `start` would do. Starts nothing and costs nothing.
   *
   * @throws Refused when the order is impossible or not allowed
   */
  plan(order: TrainingOrder, signal: AbortSignal): Promise<TrainingPlan>
  /**
   * Starts the training. It resolves an unclear answer of the provider before it returns.
   *
   * @throws NotStarted when the run certainly did not start; after any other error it may be running
   */
  start(order: TrainingOrder, context: StartContext): Promise<TrainingRun>
  /** Finds the run of an attempt whose start was not recorded; null when there certainly is none. */
  find?(order: TrainingOrder, signal: AbortSignal): Promise<TrainingRun | null>
  /** Follows a run at any stage until it has ended. */
  follow?(order: TrainingOrder, run: TrainingRun, context: TrainingContext): Promise<TrainingEnd>
  /** Reads how a run ended that was not followed; null while it is running. */
  inspect?(order: TrainingOrder, run: TrainingRun, signal: AbortSignal): Promise<TrainingEnd | null>
  /** Stops a run; resolves once the provider has accepted this, or when the run had already ended. */
  cancel?(order: TrainingOrder, run: TrainingRun, signal: AbortSignal): Promise<void>
}
