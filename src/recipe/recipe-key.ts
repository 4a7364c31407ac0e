import { createHash } from 'node:crypto'
import type { Recipe } from '../domain/recipe.ts'

/** The fields that identify a recipe; trainer, hardware, parameters and limits may change. */
export type RecipeIdentity = Pick<
  Recipe,
  'inputDataset' | 'ref' | 'inputModel' | 'targetNamespace' | 'autotrainProjectPrefix' | 'task'
>

const maxSlugLength = 40
const digestLength = 8

/**
 * The name of a recipe in the ledger: a readable slug, `-` and 8 hex digits of a SHA-256 over the identity. The dataset
 * is only in the hash, because the workflow's repository may be public while the dataset is not.
 */
export function recipeKey(recipe: RecipeIdentity): string {
  const { targetNamespace, autotrainProjectPrefix } = recipe
  return `${slug(`${targetNamespace}-${autotrainProjectPrefix}`)}-${recipeDigest(recipe)}`
}

/** The recipe key's 8 hex digits alone: for a place that may not name the target model. */
export function recipeDigest(recipe: RecipeIdentity): string {
  const { inputDataset, ref, inputModel, targetNamespace, autotrainProjectPrefix, task } = recipe
  // A JSON array, because joined text would be the same for `a/b` + `c` and `a` + `b/c`.
  const identity = JSON.stringify([
    inputDataset,
    ref,
    inputModel,
    targetNamespace,
    autotrainProjectPrefix,
    task,
  ])
  return createHash('sha256').update(identity).digest('hex').slice(0, digestLength)
}

/**
 * A hash of what makes the recipe but for the dataset's name: a recipe whose dataset was renamed is found again by it.
 *
 * @returns 16 hex digits
 */
export function recipeFamily(recipe: RecipeIdentity): string {
  const { ref, inputModel, targetNamespace, autotrainProjectPrefix, task } = recipe
  const identity = JSON.stringify([ref, inputModel, targetNamespace, autotrainProjectPrefix, task])
  return createHash('sha256').update(identity).digest('hex').slice(0, 16)
}

function slug(text: string): string {
  const words = text.toLowerCase().match(/[a-z0-9]+/g) ?? ['recipe']
  return words.join('-').slice(0, maxSlugLength).replace(/-$/, '')
}
