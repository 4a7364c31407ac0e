import { recipeKeys, snakeCase } from '../recipe/keys.ts'
import type { Recipe } from '../recipe/recipe.ts'
import { code, table } from './markdown.ts'

/**
 * A recipe as a table, by the names of the config file.
 *
 * @param options.namesDataset whether the place may name the dataset
 */
export function recipeTable(recipe: Recipe, options: { namesDataset: boolean }): string {
  const keys = Object.keys(recipeKeys) as (keyof Recipe)[]
  const rows = keys
    .filter((key) => options.namesDataset || key !== 'inputDataset')
    .map((key) => [code(snakeCase(key)), code(JSON.stringify(recipe[key]), 500)])
  return table(['Key', 'Value'], rows)
}
