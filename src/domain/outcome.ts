import type { Change } from './change.ts'
import type { Recipe } from './recipe.ts'
import type { TrainingEnd, TrainingPlan, TrainingRun } from './training.ts'
import type { Verdict } from './verdict.ts'
import type { Visibility } from './visibility.ts'

/** What woke the action. */
export type TriggerName = 'dispatch' | 'manual' | 'schedule'

/** One piece of work, as it went. */
export interface StepRecord {
  readonly title: string
  /** Milliseconds since the epoch. */
  readonly startedAt: number
  /** Milliseconds. */
  readonly durationMs: number
  readonly ok: boolean
}

/** Everything that is known about one recipe when the action ends: what every report is made of. */
export interface Outcome {
  readonly verdict: Verdict
  /** One sentence: why. May hold text from outside. */
  readonly reason: string
  /** Null when the run ended before it was known which recipes there are. */
  readonly recipe: Recipe | null
  readonly datasetVisibility: Visibility
  /** The commit of the dataset. */
  readonly revision: string | null
  /** The commit before it, as the event says. */
  readonly oldRevision: string | null
  /** What differs from the last revision with a run; null when that was not looked at. */
  readonly change: Change | null
  readonly plan: TrainingPlan | null
  /** The name of the project and the model, without namespace. */
  readonly project: string | null
  /** 1, and one more for each time that this revision is trained again. */
  readonly attempt: number | null
  readonly run: TrainingRun | null
  /** How the run ended; null when it has not, or was not followed. */
  readonly end: TrainingEnd | null
  readonly steps: readonly StepRecord[]
  readonly discussionUrl: string | null
  /** Why there is no discussion; null when there is one, or none was due. */
  readonly discussionNote: string | null
  /** The newest success before this run, to compare with; null when there is none. */
  readonly baseline: PastRun | null
  /** The last runs of this recipe, newest first, without this one. */
  readonly history: readonly PastRun[]
}

/** A run of the recipe that is over, or was still going when it was looked at. */
export interface PastRun {
  readonly revision: string
  readonly attempt: number
  /** Null: claimed, and nothing started yet. */
  readonly verdict: 'started' | 'succeeded' | 'failed' | 'cancelled' | null
  readonly metrics: Readonly<Record<string, number>>
  /** `namespace/name`; null when it is not known or not to be named. */
  readonly model: string | null
  readonly runUrl: string | null
  readonly workflowUrl: string
  /** Milliseconds since the epoch. */
  readonly at: number
}

/** The workflow run that the reports speak of. */
export interface ReportContext {
  readonly trigger: TriggerName | null
  /** Delivery id of the event; null for a run that no event started. */
  readonly delivery: string | null
  readonly workflowUrl: string
  readonly repositoryVisibility: Visibility
  /** Base URL of the Hub, without a slash at its end. */
  readonly hubUrl: string
}
