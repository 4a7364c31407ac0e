import type { Recipe } from '../recipe/recipe.ts'
import type { TrainingPlan, TrainingRun } from '../trainers/trainer.ts'
import type { Verdict } from '../verdict.ts'
import type { Visibility } from './audience.ts'

/** What woke the action. */
export type TriggerName = 'dispatch' | 'manual' | 'schedule'

/** One piece of work, as it went. */
export interface StepRecord {
  readonly title: string
  /** Milliseconds since the epoch. */
  readonly startedAt: number
  /** Milliseconds. */
  readonly duration: number
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
  readonly plan: TrainingPlan | null
  /** The name of the project and the model, without namespace. */
  readonly project: string | null
  readonly run: TrainingRun | null
  readonly steps: readonly StepRecord[]
  readonly discussionUrl: string | null
  /** Why there is no discussion; null when there is one, or none was due. */
  readonly discussionNote: string | null
  readonly metrics: Readonly<Record<string, number>>
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
