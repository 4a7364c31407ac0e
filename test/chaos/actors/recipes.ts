import type { Recipe } from '../../../src/domain/recipe.ts'
import { resolveRecipes } from '../../../src/recipe/resolve.ts'

/** The datasets of a simulation. */
export const datasets = ['acme/digits', 'acme/letters', 'acme/signs', 'ada/faces'] as const

/** A recipe as the oracle sees it: a name, a dataset, and which files are worth a run, in plain words. */
export interface Wish {
  readonly name: string
  readonly dataset: string
  readonly counts: (path: string) => boolean
}

const common = {
  input_model: 'microsoft/resnet-50',
  target_namespace: 'acme',
  trainer: 'job',
  wait: false,
  discussion: 'off',
  max_runs_per_day: 1000,
}

const isData = (path: string) => path !== 'README.md' && path !== '.gitattributes'
const isImage = (path: string) => path.startsWith('train/')

/** Several recipes for one dataset, with and without path rules, and one that waits. */
const table: readonly { prefix: string; dataset: string; counts: Wish['counts']; more?: object }[] = [
  { prefix: 'digits', dataset: 'acme/digits', counts: isData },
  { prefix: 'digits-images', dataset: 'acme/digits', counts: isImage, more: { paths: ['train/**'] } },
  { prefix: 'letters', dataset: 'acme/letters', counts: isData },
  { prefix: 'signs', dataset: 'acme/signs', counts: isData, more: { settle: '5m' } },
  {
    prefix: 'faces',
    dataset: 'ada/faces',
    counts: (path) => isData(path) && !path.startsWith('notes/'),
    more: { paths_ignore: ['README.md', '.gitattributes', 'notes/**'] },
  },
]

/** The recipes of a simulation, as the action reads them. */
export function simulatedRecipes(): Recipe[] {
  const recipes = table.map(({ prefix, dataset, more }) => ({
    ...common,
    input_dataset: dataset,
    autotrain_project_prefix: prefix,
    ...more,
  }))
  return resolveRecipes({ file: { path: 'recipes.json', text: JSON.stringify({ recipes }) }, inputs: {} })
}

/** The same recipes, as the oracle sees them. */
export const wishes: readonly Wish[] = table.map(({ prefix, dataset, counts }) => ({
  name: recipeName({ inputDataset: dataset, autotrainProjectPrefix: prefix }),
  dataset,
  counts,
}))

/** How the books call a recipe. */
export function recipeName(recipe: { inputDataset: string; autotrainProjectPrefix: string }): string {
  return `${recipe.inputDataset} ${recipe.autotrainProjectPrefix}`
}
