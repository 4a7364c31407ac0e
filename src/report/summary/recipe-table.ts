import type { Recipe } from '../../domain/recipe.ts'
import { recipeKeys, snakeCase } from '../../recipe/keys.ts'
import { code, table } from '../markdown/markdown.ts'

/** The keys whose values are milliseconds, and which people write as `90s` or `2h`. */
const durations: readonly (keyof Recipe)[] = ['settle', 'timeout']

const units = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
] as const

/**
 * A recipe as a table, by the names and in the forms of the config file.
 *
 * @param options.namesDataset whether the place may name the dataset
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
  if (typeof value === 'number' && durations.includes(key)) return code(writeDuration(value))
  return code(typeof value === 'string' ? value : (JSON.stringify(value) ?? ''), 500)
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0
}

function writeDuration(ms: number): string {
  const [unit, size] = units.find(([, each]) => ms > 0 && ms % each === 0) ?? ['s', 1000]
  return `${ms / size}${unit}`
}
