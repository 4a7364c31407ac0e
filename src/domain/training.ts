import type { Recipe, TrainerName } from './recipe.ts'

/**
 * Why a training did not succeed, named by what comes next.
 *
 * - `training`: the training itself failed; it would fail again
 * - `limit`: out of memory or out of time; it would fail again
 * - `infrastructure`: no hardware, no credits, never began, node lost, a service down: worth another try
 * - `workflow`: a signal to the step (cancel button, `timeout-minutes`, concurrency, eviction)
 * - `person`: cancelled at the provider or through our command line
 */
export const endCauses = ['training', 'limit', 'infrastructure', 'workflow', 'person'] as const

/** One of the causes of an end that is no success. */
export type EndCause = (typeof endCauses)[number]

/** What a trainer is asked to do. */
export interface TrainingOrder {
  readonly recipe: Recipe
  /** The commit of the dataset to train on. */
  readonly revision: string
  /** The name of the project and of the model that comes of it, without namespace. */
  readonly project: string
  /** Random letters and digits that belong to this attempt alone: a run carries them, and is found by them. */
  readonly nonce: string
  /** The recipe's key in the ledger, and the ledger's own id: labels by which all runs of an attempt are found. */
  readonly key: string
  readonly ledger: string
  /** The newest commit of the model before the order; null: there was no such model. Undefined: not known. */
  readonly modelHead?: string | null | undefined
}

/** A process of the runner: its pid, and its start time, so that another process with the same pid is not ended. */
export interface RunnerProcess {
  readonly pid: number
  /** Field 22 of `/proc/<pid>/stat`, in clock ticks since boot. https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
  readonly startTime: string
}

/** A run as its provider lists it. */
export interface ListedRun {
  readonly run: TrainingRun
  /** Empty where the provider shows none. */
  readonly nonce: string
  /** The id of the ledger that ordered it; null for a run of an older version. */
  readonly ledger: string | null
  readonly isLive: boolean
  /** Milliseconds since the epoch; null where the provider does not say. */
  readonly createdAt: number | null
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

/** The provider shows a run neither by its id nor in its list, for a minute: it may still be running and billed. */
export interface OutOfSight {
  readonly verdict: 'out-of-sight'
  /** One sentence. */
  readonly reason: string
}

/** How a training ended. */
export interface TrainingEnd {
  readonly verdict: 'succeeded' | 'failed' | 'cancelled'
  /** Null for a success. */
  readonly cause: EndCause | null
  /** Whether the provider ever ran it; what never began cost nothing. */
  readonly began: boolean
  /** How long the provider ran it, in milliseconds; null when not known. */
  readonly trainedMs: number | null
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

/**
 * Thrown by `start` when the answer to the order was unclear, and the run was not found either: it may be running.
 * The claim stays, and every check asks for the run until its deadline.
 */
export class UnclearStart extends Error {
  override readonly name = 'UnclearStart'
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
   * @throws NotStarted when it certainly never began; UnclearStart, and any other error, when it may have
   */
  start(order: TrainingOrder, context: StartContext): Promise<TrainingRun>
  /** Looks for the run of an attempt whose start nobody could record; null when there certainly is none. */
  find?(order: TrainingOrder, signal: AbortSignal): Promise<TrainingRun | null>
  /** Lists the runs of a recipe at a revision, of any attempt and any ledger, oldest first. */
  list?(order: TrainingOrder, signal: AbortSignal): Promise<ListedRun[]>
  /** Follows a run to its end, from wherever it is. */
  follow?(order: TrainingOrder, run: TrainingRun, context: TrainingContext): Promise<TrainingEnd | OutOfSight>
  /**
   * How a run that was not followed ended; null while it is running. A run that is still queued at its queue limit is
   * cancelled.
   */
  inspect?(
    order: TrainingOrder,
    run: TrainingRun,
    signal: AbortSignal,
  ): Promise<TrainingEnd | OutOfSight | null>
  /** The process of the runner that a run is; null or left out where it is none. */
  processOf?(run: TrainingRun): RunnerProcess | null
  /** Ends a process that an earlier step left behind, with all its children; false when it is gone already. */
  endProcess?(process: RunnerProcess): Promise<boolean>
  /** Judges a run that stayed out of sight until its deadline by the model that it left. */
  judgeByModel?(order: TrainingOrder, run: TrainingRun, signal: AbortSignal): Promise<TrainingEnd>
  /** Stops a run; resolves once the provider has taken the order, also when it had ended before. */
  cancel?(order: TrainingOrder, run: TrainingRun, signal: AbortSignal): Promise<void>
}
