import type { Recipe } from '../../src/recipe/recipe.ts'
import { resolveRecipes } from '../../src/recipe/resolve.ts'

/** The datasets of a simulation. */
export const datasets = ['acme/digits', 'acme/letters', 'acme/signs', 'ada/faces'] as const

const entry = (dataset: string, prefix: string, more: Record<string, unknown> = {}) => ({
  input_dataset: dataset,
  input_model: 'microsoft/resnet-50',
  target_namespace: 'acme',
  autotrain_project_prefix: prefix,
  trainer: 'job',
  wait: false,
  discussion: 'off',
  model_card: false,
  max_runs_per_day: 1000,
  ...more,
})

const entries = [
  entry('acme/digits', 'digits'),
  entry('acme/digits', 'digits-images', { paths: ['train/**'] }),
  entry('acme/letters', 'letters'),
  entry('acme/signs', 'signs', { settle: '5m' }),
  entry('ada/faces', 'faces', { paths_ignore: ['README.md', '.gitattributes', 'notes/**'] }),
]

/** The recipes of a simulation: several for one dataset, with and without path rules. */
export function simulatedRecipes(): Recipe[] {
  const file = { path: 'recipes.json', text: JSON.stringify({ recipes: entries }) }
  return resolveRecipes({ file, inputs: {} })
}

/** How the books call a recipe. */
export function recipeName(recipe: { inputDataset: string; autotrainProjectPrefix: string }): string {
  return `${recipe.inputDataset} ${recipe.autotrainProjectPrefix}`
}
