import { createHash } from 'node:crypto'
import type { Recipe, RecipeSettings } from '../domain/recipe.ts'
import { recipeKeys } from './keys.ts'

/** Hashes over what the user gave: never over defaults or code of ours, which an update of the action may change. */
export interface RecipeHashes {
  /** Changes when a failed revision deserves another try. */
  readonly howItRuns: string
  /** The same without hardware and timeout: changes when a succeeded revision would give another model. */
  readonly whatItMakes: string
  /** Changes when a check may decide otherwise about the same data. */
  readonly howItChecks: string
}

/**
 * Hashes a recipe.
 *
 * @param recipe one entry of the config, with defaults
 */
export function recipeHashes(recipe: Recipe): RecipeHashes {
  return {
    howItRuns: hash({ ...given(recipe, [...makes, ...costs]), ...codeOf(recipe) }),
    whatItMakes: hash({ ...given(recipe, makes), ...codeOf(recipe) }),
    howItChecks: hash(given(recipe, checks)),
  }
}

/** The keys that decide which model comes out. */
const makes: readonly (keyof RecipeSettings)[] = [
  'trainer',
  'image',
  'command',
  'params',
  'trainSplit',
  'validSplit',
  'columnMapping',
  'inputModel',
  'expectModel',
  'script',
  'scriptArgs',
  'python',
  'with',
  'env',
  'secrets',
  'startFrom',
]

/** The keys that only decide where it runs, and for how long. */
const costs: readonly (keyof RecipeSettings)[] = ['hardware', 'timeout']

/** The keys that decide whether a change is worth a run, and what may be spent on it. */
const checks: readonly (keyof RecipeSettings)[] = [
  'paths',
  'pathsIgnore',
  'minChangedFiles',
  'maxRemoved',
  'maxCost',
]

/** What is shipped counts by its content; code that could not be read leaves the script's name. */
function codeOf({ code }: Recipe): { code?: string } {
  return code?.digest === undefined ? {} : { code: code.digest }
}

/** The values that differ from the default: an update that changes a default changes no hash of who gave none. */
function given(recipe: Recipe, keys: readonly (keyof RecipeSettings)[]): Record<string, unknown> {
  const chosen = keys.filter((key) => stableJson(recipe[key]) !== stableJson(recipeKeys[key].fallback))
  return Object.fromEntries(chosen.map((key) => [key, recipe[key]]))
}

function hash(value: unknown): string {
  return createHash('sha256').update(stableJson(value)).digest('hex').slice(0, 16)
}

/** JSON whose keys are sorted: the order in which people write maps means nothing. */
function stableJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  )
}
