import type { Recipe } from '../../../src/domain/recipe.ts'
import { resolveRecipes } from '../../../src/recipe/resolve.ts'

/** The datasets of a simulation, by the names that they have at its beginning. */
export const datasets = ['acme/digits', 'acme/letters', 'acme/signs', 'ada/faces'] as const

/** A recipe as the oracle sees it: a name, a dataset, and which files are worth a run, in plain words. */
export interface Wish {
  /** Its project prefix. */
  readonly name: string
  /** The name that its dataset has at the beginning. */
  readonly dataset: string
  readonly counts: (path: string) => boolean
  /** Where its models are published at the beginning, and whether only better ones are; absent: nowhere. */
  readonly publishes?: { readonly to: string; readonly compares: boolean }
}

const common = {
  input_model: 'microsoft/resnet-50',
  target_namespace: 'acme',
  trainer: 'job',
  wait: false,
  discussion: 'off',
  max_runs_per_day: 1000,
  // A commit that is taken back may take the only file of a class with it, and no person would say that it is meant.
  max_removed: '100%',
}

const isData = (path: string) => path !== 'README.md' && path !== '.gitattributes'
const isImage = (path: string) => path.startsWith('train/')

/**
 * Several recipes for one dataset, with and without path rules; one that settles, two that wait for the end, and two that
 * publish, as each other way of them.
 */
const table: readonly (Wish & { more?: object })[] = [
  { name: 'digits', dataset: 'acme/digits', counts: isData },
  {
    name: 'digits-images',
    dataset: 'acme/digits',
    counts: isImage,
    publishes: { to: 'acme/sees-digits', compares: false },
    more: { paths: ['train/**'] },
  },
  {
    name: 'letters',
    dataset: 'acme/letters',
    counts: isData,
    publishes: { to: 'acme/reads-letters', compares: true },
    more: { wait: true, compare_metric: 'eval_accuracy' },
  },
  { name: 'signs', dataset: 'acme/signs', counts: isData, more: { settle: '5m' } },
  {
    name: 'faces',
    dataset: 'ada/faces',
    counts: (path) => isData(path) && !path.startsWith('notes/'),
    more: { paths_ignore: ['README.md', '.gitattributes', 'notes/**'], wait: true },
  },
]

/** The recipes of a simulation, as the oracle sees them. */
export const wishes: readonly Wish[] = table

/** The recipe that waits until its dataset has settled, and its dataset. */
export const settling = { name: 'signs', dataset: 'acme/signs' } as const

/** The epochs of a recipe that was never edited: each edit adds one. */
const firstEpochs = 3

/** How often a recipe was edited, by what it says. */
export function editsIn({ params }: Pick<Recipe, 'params'>): number {
  return Number(params.epochs) - firstEpochs
}

/** How a recipe published, from a moment on. */
export interface PublishSetting {
  readonly recipe: string
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly to: string
  readonly over: boolean
}

/** The config of the workflow, which people edit. */
export interface Config {
  /** As the action reads it now. */
  recipes(): readonly Recipe[]
  /** A person changes how a recipe runs. */
  edit(name: string): void
  /** A person changes where the models of a recipe are published, or whether others' commits are written over. */
  publish(name: string, change: { readonly to?: string; readonly over?: boolean }): void
  /** What the config said about publishing, oldest first, by recipe. */
  readonly publishing: readonly PublishSetting[]
  /** A person writes the new name of a renamed dataset. */
  rename(dataset: string, present: string): void
  /** What the config calls a dataset that had a name at the beginning. */
  nameOf(dataset: string): string
  /** What the config calls a dataset that the Hub calls so today, and how many recipes it has for it. */
  recipesOf(dataset: string): { readonly name: string; readonly recipes: number }
  /** When each recipe was edited, in milliseconds since the epoch. */
  readonly edits: readonly { readonly recipe: string; readonly at: number }[]
}

/** @param now milliseconds since the epoch */
export function createConfig(now: () => number): Config {
  const presentNames = new Map<string, string>()
  const epochs = new Map<string, number>()
  const edits: { recipe: string; at: number }[] = []
  const publishing: PublishSetting[] = table.flatMap(({ name, publishes }) =>
    publishes === undefined ? [] : [{ recipe: name, at: now(), to: publishes.to, over: false }],
  )
  let recipes: readonly Recipe[] | null = null
  const placeOf = (name: string) => {
    const setting = publishing.findLast(({ recipe }) => recipe === name)
    return setting && { publish_to: setting.to, publish_over: setting.over }
  }
  const nameOf = (dataset: string) => presentNames.get(dataset) ?? dataset
  const read = () => {
    const entries = table.map(({ name, dataset, more }) => ({
      ...common,
      input_dataset: nameOf(dataset),
      autotrain_project_prefix: name,
      params: { epochs: epochs.get(name) ?? firstEpochs },
      ...placeOf(name),
      ...more,
    }))
    const text = JSON.stringify({ recipes: entries })
    return resolveRecipes({ file: { path: 'recipes.json', text }, inputs: {} })
  }
  return {
    edits,
    publishing,
    nameOf,
    recipesOf(dataset) {
      const original = dataset.replace(/-v\d+$/, '')
      return {
        name: nameOf(original),
        recipes: table.filter((wish) => wish.dataset === original).length,
      }
    },
    recipes() {
      recipes ??= read()
      return recipes
    },
    edit(name) {
      epochs.set(name, (epochs.get(name) ?? firstEpochs) + 1)
      edits.push({ recipe: name, at: now() })
      recipes = null
    },
    publish(name, change) {
      const last = publishing.findLast(({ recipe }) => recipe === name)
      if (last !== undefined) publishing.push({ ...last, ...change, at: now() })
      recipes = null
    },
    rename(dataset, present) {
      presentNames.set(dataset, present)
      recipes = null
    },
  }
}
