import type { Recipe } from '../../../domain/recipe.ts'
import type { Format } from './formats.ts'
import type { Repository } from './repository.ts'

/**
 * What a training is validated on: a split of the recipe, a fifth that AutoTrain sets aside of the training split, or
 * nothing.
 */
export type Validation = 'split' | 'fifth' | 'none'

/** The files that a training reads. */
export interface DataFiles {
  /** AutoTrain itself, which reads tables with pandas, or the library `datasets`. */
  readonly by: 'autotrain' | 'library'
  readonly format: Format
  readonly train: readonly string[]
  /** Null without a validation split. */
  readonly valid: readonly string[] | null
  /** Files of other splits, which the library prepares as well. */
  readonly others: readonly string[]
  /** Whether the card changes how the files are read, such as with another separator. */
  readonly hasReaderSettings: boolean
  /** The file whose columns all others must have; null where none need to. */
  readonly first: string | null
}

/** How AutoTrain would read a dataset. */
export type Layout =
  | {
      readonly kind: 'readable'
      /** Why not from a folder, mounted at the revision, as the end of a sentence after "because"; null: from a folder. */
      readonly whyNotMounted: string | null
      readonly validation: Validation
      /** What a person should know, as sentences. */
      readonly notes: readonly string[]
      /** Null where the listing and the card do not tell. */
      readonly files: DataFiles | null
    }
  /** AutoTrain certainly fails. `reason` is a sentence: what is wrong, what is allowed, what to do. */
  | { readonly kind: 'failing'; readonly reason: string }

/** A dataset and the recipe that trains on it. */
export interface Question {
  readonly repository: Repository
  readonly recipe: Recipe
}

/** A layout that AutoTrain reads. */
export function readable(
  { recipe }: Question,
  options: {
    whyNotMounted?: string | null
    validation?: Validation
    notes?: readonly string[]
    files?: DataFiles | null
  } = {},
): Layout {
  const { whyNotMounted = null, notes = [], files = null } = options
  const validation = options.validation ?? (recipe.validSplit === null ? 'none' : 'split')
  return { kind: 'readable', whyNotMounted, validation, notes, files }
}

/** A layout with which AutoTrain fails. */
export function failing(reason: string): Layout {
  return { kind: 'failing', reason }
}

/** A path of the dataset, or a general word where the path must not be shown. */
export function shown({ repository }: Question, path: string, general: string): string {
  return repository.isPublic ? path : general
}

/** The end of every refusal of a layout: what is always possible. */
export const ownScript = 'or use trainer: job with your own script'
