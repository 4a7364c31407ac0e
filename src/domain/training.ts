import type { UnmeasuredMetric } from './metrics/measured.ts'
import type { DataLook, PlannedOrder, TrainingPlan } from './plan/training-plan.ts'
import type { TrainerName } from './recipe.ts'

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

/** What to train. */
export interface TrainingOrder extends PlannedOrder {
  /** The name of the project and of its model, without namespace. */
  readonly project: string
  /** Random letters and digits, unique to this attempt. A run carries them and can be found by them. */
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

/** A training that a provider has accepted. */
export interface TrainingRun {
  /** The provider's id. */
  readonly id: string
  /** The run's page. */
  readonly url: string
  /** What a person must do before it trains; null when nothing. */
  readonly nextStep: string | null
  /** Whether the provider did not show it at the last check: then one look at it is enough. */
  readonly isUnseen?: boolean
}

/** The metrics of a run at one epoch, under the names in its log. All finite. */
export interface MetricPoint {
  readonly epoch: number
  readonly values: Readonly<Record<string, number>>
  /** The metrics whose value at this epoch was no number: their curve has a gap here. */
  readonly gaps?: readonly string[]
}

/** How far a run is. Unknown values are null. */
export interface TrainingProgress {
  /** The provider's name for the stage: `SCHEDULING`, `RUNNING`... */
  readonly stage: string
  readonly epoch: number | null
  readonly epochs: number | null
  /** Since it started to run. */
  readonly elapsedMs: number | null
  /** USD so far. */
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
  /** When it ended, in milliseconds since the epoch; null when not known. */
  readonly endedAt: number | null
  /** One sentence. May contain untrusted text. */
  readonly reason: string
  /** The final metrics; empty when there are none. All finite. */
  readonly metrics: Readonly<Record<string, number>>
  /** The metrics whose last value was no number, so that no older one counts. */
  readonly unmeasured?: readonly UnmeasuredMetric[]
  /** The metrics of each epoch, oldest first. */
  readonly curve: readonly MetricPoint[]
  /** The last lines of the run's log. Untrusted. */
  readonly logTail: readonly string[]
  /** In USD; null when unknown. */
  readonly cost: number | null
  /** What the training did otherwise than the recipe asked, one sentence each. They name nothing but the recipe's keys. */
  readonly warnings?: readonly string[]
}

/** How a trainer reports while it works. */
export interface TrainingContext {
  /** Aborted when the workflow is cancelled. */
  readonly signal: AbortSignal
  /** Runs one named piece of work; the log shows it live, with its duration. */
  step<T>(title: string, work: () => Promise<T>): Promise<T>
  /** Takes one line of the run's own log. Untrusted. */
  log(line: string): void
  /** Takes the run's progress; may be called often. */
  progress(progress: TrainingProgress): void
}

/**
 * The context of a start. Its signal must not interrupt a call that starts a paid run: only the answer to that call
 * says what there is to stop.
 */
export interface StartContext extends TrainingContext {
  /**
   * Must be called right before the call that starts a paid run. After too long a delay, another workflow run may have
   * taken over the claim.
   *
   * @throws NotStarted when it is too late, or the workflow was cancelled
   */
  assertMayBegin(): void
}

/** A way to train. Optional methods are missing where a trainer cannot do that. */
export interface Trainer {
  readonly name: TrainerName
  /** What a person must do before a run of this trainer trains; missing when nothing. */
  readonly nextStep?: string
  /**
   * Plans the training. Starts nothing and costs nothing.
   *
   * @throws Refused when the order cannot run, or must not, and no check says so
   */
  plan(order: PlannedOrder, signal: AbortSignal): Promise<TrainingPlan>
  /**
   * Whether a model that exists already was left by an earlier attempt at this revision, so that its name is free for the
   * next one. Missing: never.
   */
  isLeftover?(order: PlannedOrder & { key: string; project: string }, signal: AbortSignal): Promise<boolean>
  /** Looks into the files of the revision, within bounds, for what would fail after it was paid. */
  checkData?(order: PlannedOrder, signal: AbortSignal): Promise<DataLook>
  /**
   * Asks once more, right before the order, whether the run would train what is ordered.
   *
   * @throws NotStarted when it would not
   */
  confirm?(order: TrainingOrder, signal: AbortSignal): Promise<void>
  /**
   * Starts the training. Resolves an unclear answer of the provider before it returns.
   *
   * @throws NotStarted when it certainly never began; UnclearStart or any other error when a run may exist
   */
  start(order: TrainingOrder, context: StartContext): Promise<TrainingRun>
  /** Finds the run of an attempt whose start was not recorded; null when the provider shows none. */
  find?(order: TrainingOrder, signal: AbortSignal): Promise<TrainingRun | null>
  /** Lists the runs of a recipe at a revision, of any attempt and any ledger, oldest first. */
  list?(order: TrainingOrder, signal: AbortSignal): Promise<ListedRun[]>
  /**
   * Follows a run to its end, from wherever it is.
   *
   * @throws NotJudged when it has ended and how is not clear; after any other error it may still be running
   */
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
  /** Stops a run. Resolves once the provider has accepted the request, or when the run had already ended. */
  cancel?(order: TrainingOrder, run: TrainingRun, signal: AbortSignal): Promise<void>
}
