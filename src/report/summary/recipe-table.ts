import { formatConfigDuration } from '../../domain/format.ts'
import type { Recipe } from '../../domain/recipe.ts'
import { recipeKeys, snakeCase } from '../../recipe/keys.ts'
import { code, table } from '../markdown/markdown.ts'

/** The keys whose values are milliseconds in the recipe, and `90s` or `2h` in the config file. */
const durationKeys: readonly (keyof Recipe)[] = ['settle', 'timeout']

/**
 * Shows a recipe as a Markdown table, with the keys and values of the config file.
 *
 * @param options.namesDataset whether the table may name the dataset
 */
export function recipeTable(recipe: Recipe, options: { namesDataset: boolean }): string {
  const keys = Object.keys(recipeKeys) as (keyof Recipe)[]
  const rows = keys
    .filter((key) => options.namesDataset || key !== 'inputDataset')
    .map((key) => [code(snakeCase(key)), valueCell(key, recipe[key])])
  return table(['Key', 'Value'], rows)
}

function valueCell(key: keyof Recipe, value: unknown): string {
  if (value === null || isEmpty(value)) return '–'
  if (typeof value === 'number' && durationKeys.includes(key)) return code(formatConfigDuration(value))
  return code(typeof value === 'string' ? value : (JSON.stringify(value) ?? ''), 500)
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0
}
