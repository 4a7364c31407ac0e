import type { Change } from './change.ts'
import type { Recipe } from './recipe.ts'
import type { TrainingEnd, TrainingPlan, TrainingRun } from './training.ts'
import type { Verdict } from './verdict.ts'
import type { Visibility } from './visibility.ts'

/** The kind of event that started the workflow. */
export type TriggerName = 'dispatch' | 'manual' | 'schedule'

/** One step of a run, after it ended. */
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
  /** One sentence that explains the verdict. May contain text from outside. */
  readonly reason: string
  /** Null when the action ended before the recipes were read. */
  readonly recipe: Recipe | null
  readonly datasetVisibility: Visibility
  /** The commit of the dataset that this is about. */
  readonly revision: string | null
  /** The commit before it, according to the event. */
  readonly oldRevision: string | null
  /** The difference from the last revision with a run; null when they were not compared. */
  readonly change: Change | null
  readonly plan: TrainingPlan | null
  /** The name of the project and of the model, without namespace. */
  readonly project: string | null
  /** 1 for the first training of this revision, 2 for the second... */
  readonly attempt: number | null
  readonly run: TrainingRun | null
  /** How the run ended; null when it has not ended or was not followed. */
  readonly end: TrainingEnd | null
  readonly steps: readonly StepRecord[]
  readonly discussionUrl: string | null
  /** Why the discussion is missing; null when it exists or is not wanted. */
  readonly discussionNote: string | null
  /** The last successful run before this one, for the comparison; null without one. */
  readonly baseline: PastRun | null
  /** The previous runs of this recipe, newest first, without this one. */
  readonly history: readonly PastRun[]
}

/** An earlier run of the recipe; it may still be running. */
export interface PastRun {
  readonly revision: string
  readonly attempt: number
  /** Null when it is claimed and nothing was started yet. */
  readonly verdict: 'started' | 'succeeded' | 'failed' | 'cancelled' | null
  readonly metrics: Readonly<Record<string, number>>
  /** `namespace/name`; null when it is unknown or must not be named. */
  readonly model: string | null
  readonly runUrl: string | null
  readonly workflowUrl: string
  /** Milliseconds since the epoch. */
  readonly at: number
}

/** The workflow run that the reports describe. */
export interface ReportContext {
  readonly trigger: TriggerName | null
  /** The delivery id of the event; null for a run that was not started by one. */
  readonly delivery: string | null
  readonly workflowUrl: string
  readonly repositoryVisibility: Visibility
  /** Base URL of the Hub, without a trailing slash. */
  readonly hubUrl: string
}
