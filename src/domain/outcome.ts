import type { Change } from './change/change.ts'
import type { UnmeasuredMetric } from './metrics/measured.ts'
import type { TrainingPlan } from './plan/training-plan.ts'
import type { Publication } from './publication.ts'
import type { Recipe } from './recipe.ts'
import type { TrainingEnd, TrainingRun } from './training.ts'
import type { ComesBack, Verdict } from './verdict.ts'
import type { Visibility } from './visibility.ts'

/** What started the action: an event of the Hub, the relay's own check, a person, or a timer. */
export type TriggerName = 'dispatch' | 'reconcile' | 'manual' | 'schedule'

/** One finished step of a run. */
export interface StepRecord {
  readonly title: string
  /** Milliseconds since the epoch. */
  readonly startedAt: number
  readonly durationMs: number
  readonly ok: boolean
}

/** Everything known about one recipe when the action ends. All reports are made from it. */
export interface Outcome {
  readonly verdict: Verdict
  /** One sentence that explains the verdict. May contain untrusted text. */
  readonly reason: string
  /** Whether a skip is due to an earlier failure, so that a person should know. */
  readonly isWarning: boolean
  /** What happens without a person; null where it is not known, or the verdict says it. */
  readonly comesBack: ComesBack | null
  /** Null when the run ended before the recipes were read. */
  readonly recipe: Recipe | null
  readonly datasetVisibility: Visibility
  /** Of the base model. */
  readonly baseVisibility: Visibility
  /** Of the run's own model. */
  readonly modelVisibility: Visibility
  /** The dataset's commit. */
  readonly revision: string | null
  /** The previous commit, according to the event. */
  readonly oldRevision: string | null
  /** The difference from the last revision that has a run; null when the two were not compared. */
  readonly change: Change | null
  readonly plan: TrainingPlan | null
  /** The name of the project and its model, without namespace. */
  readonly project: string | null
  /** 1 for the first training on this revision, then 2, 3... */
  readonly attempt: number | null
  readonly run: TrainingRun | null
  /** How the run ended; null when it is still active or was not followed. */
  readonly end: TrainingEnd | null
  readonly steps: readonly StepRecord[]
  readonly discussionUrl: string | null
  /** Why the discussion is missing; null when it exists or is not wanted. */
  readonly discussionNote: string | null
  /** The last successful run before this one, for comparison; null when there is none. */
  readonly baseline: PastRun | null
  /** The recipe's previous runs, newest first, without this one. */
  readonly history: readonly PastRun[]
  /** All attempts since the last success, also those before `history`; null when the ledger was not read. */
  readonly sinceSuccess: AttemptsSince | null
  /** The model that people load; null: the recipe publishes none, or it is not known. */
  readonly publication: Publication | null
}

/** The attempts since a recipe's last success, and what they cost. */
export interface AttemptsSince {
  readonly runs: number
  /** USD, of the runs whose cost is known. */
  readonly cost: number
  /** How many of the runs have an unknown cost. */
  readonly unknown: number
  /** Whether there is a success before them. */
  readonly hasSuccess: boolean
}

/** A previous run of the recipe. It may have been active when the ledger was read. */
export interface PastRun {
  readonly revision: string
  readonly attempt: number
  /** Null: claimed, but not started yet. */
  readonly verdict: 'started' | 'succeeded' | 'failed' | 'cancelled' | null
  readonly metrics: Readonly<Record<string, number>>
  /** The metrics whose last value was no number. */
  readonly unmeasured?: readonly UnmeasuredMetric[]
  /** `namespace/name`; null when it is unknown or must not be named. */
  readonly model: string | null
  /** Of that model. */
  readonly modelVisibility: Visibility
  readonly runUrl: string | null
  readonly workflowUrl: string
  /** USD; null when not known. */
  readonly cost: number | null
  /** Milliseconds since the epoch. */
  readonly at: number
}

/** The workflow run that the reports are about. */
export interface ReportContext {
  readonly trigger: TriggerName | null
  /** The event's delivery id; null when no event started the run. */
  readonly delivery: string | null
  readonly workflowUrl: string
  readonly repositoryVisibility: Visibility
  /** Base URL of the Hub, without a trailing slash. */
  readonly hubUrl: string
}
