import type { DataContent } from '../data.ts'
import type { Recipe } from '../recipe.ts'
import type { Check } from './checks.ts'

/** A parameter that a training runs with. */
export interface EffectiveParam {
  readonly name: string
  readonly value: unknown
  /** False for a default of the trainer. */
  readonly isGiven: boolean
}

/** What a trainer would do with an order. */
export interface TrainingPlan {
  /** One line: what runs where. */
  readonly summary: string
  /** The steps, in order. */
  readonly steps: readonly string[]
  /** True when it trains on the newest commit of the branch at its start, not on the ordered revision. */
  readonly readsOnlyHead: boolean
  /** The provider's name for the hardware; null when there is no choice. */
  readonly hardware: string | null
  /** How long the run may take; null when it has no limit. */
  readonly timeoutMs: number | null
  /** The price in USD; null when the trainer does not know it. */
  readonly cost: { readonly perMinute: number; readonly max: number } | null
  /** What was checked, in order. One that refuses means that nothing may be started. */
  readonly checks: readonly Check[]
  /** The parameters that it runs with; missing where the trainer does not know them. */
  readonly parameters?: readonly EffectiveParam[]
  /** What it starts from in place of `input-model`; missing or null: `input-model`. */
  readonly startFrom?: StartModel | null
}

/** The model that is published, at its commit, which a training may measure. */
export interface PublishedVersion {
  /** `publish-to`, `namespace/name`. */
  readonly model: string
  /** Its commit that is published now. */
  readonly commit: string
}

/** An earlier run's own model, which a training starts from. */
export interface StartModel {
  /** `namespace/name`. */
  readonly model: string
  /** Its commit. */
  readonly revision: string
}

/** What a plan is made for: the run's own name is not known yet. */
export interface PlannedOrder {
  readonly recipe: Recipe
  /** The commit of the dataset to train on. */
  readonly revision: string
  /** Missing or null: nothing is published. */
  readonly published?: PublishedVersion | null | undefined
  /** What it starts from in place of `input-model`; missing or null: from `input-model`. */
  readonly startFrom?: StartModel | null | undefined
}

/** What a look into the files of a revision found. */
export interface DataLook {
  /** Their ids begin with `data-`. */
  readonly checks: readonly Check[]
  readonly content: DataContent
}
