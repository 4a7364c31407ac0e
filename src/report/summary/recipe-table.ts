import type { Recipe, RecipeSettings } from '../../domain/recipe.ts'
import { formatConfigDuration } from '../../domain/text/format.ts'
import { recipeKeys, snakeCase } from '../../recipe/keys.ts'
import { trainersOfKey } from '../../recipe/trainer-keys.ts'
import { code, table } from '../markdown/markdown.ts'
import type { SummaryAudience } from './audience.ts'

/** The keys whose values are milliseconds in the recipe, and `90s` or `2h` in the config file. */
const durationKeys: readonly (keyof Recipe)[] = ['settle', 'timeout']

/** The keys that mean nothing without `publish-to`. */
const publishingKeys: readonly string[] = ['publishPublic', 'publishOver', 'publishCode', 'startFrom']

/** Shows a recipe as a Markdown table, with the keys that its trainer uses and their values as in the config file. */
export function recipeTable(recipe: Recipe, { namesDataset, namesBase, mask }: SummaryAudience): string {
  const hidden = [
    ...(namesDataset ? [] : ['inputDataset']),
    ...(namesBase ? [] : ['inputModel']),
    ...(recipe.publishTo === null ? publishingKeys : []),
  ]
  const keys = Object.keys(recipeKeys) as (keyof RecipeSettings)[]
  const rows = keys
    .filter((key) => !hidden.includes(key) && (trainersOfKey[key]?.includes(recipe.trainer) ?? true))
    .map((key) => [code(snakeCase(key)), valueCell(key, recipe[key], mask)])
  return table(['Key', 'Value'], rows)
}

/** The keys whose values are numbers in the recipe, and `50%` in the config file. */
const percentKeys: readonly (keyof Recipe)[] = ['maxRemoved']

/** A command or a parameter may name the dataset too. */
function valueCell(key: keyof Recipe, value: unknown, mask: SummaryAudience['mask']): string {
  if (value === null || isEmpty(value)) return '–'
  if (typeof value === 'number' && durationKeys.includes(key)) return code(formatConfigDuration(value))
  if (typeof value === 'number' && percentKeys.includes(key)) return code(`${value}%`)
  return code(mask(typeof value === 'string' ? value : (JSON.stringify(value) ?? '')), 500)
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0
}
