import { parse as parseYaml } from 'yaml'
import type { Recipe } from '../domain/recipe.ts'
import { columnRoles } from '../domain/tasks.ts'
import { Refused } from '../domain/verdict.ts'
import { type ConfigEntry, type ConfigFile, defaultConfigPaths, readConfigFile } from './config-file.ts'
import { kebabCase, type RecipeKey, recipeKeys, snakeCase } from './keys.ts'

/** The inputs of the action by their kebab-case names; an input that is not given is absent. */
export type RecipeInputs = Readonly<Record<string, string | undefined>>

/** The names of the inputs that belong to a recipe. */
export const recipeInputNames = Object.keys(recipeKeys).map(kebabCase)

/** Which recipe is meant would be unclear if these came from an input while the file lists several. */
const identityKeys: (keyof Recipe)[] = [
  'inputDataset',
  'inputModel',
  'targetNamespace',
  'autotrainProjectPrefix',
]

/**
 * Makes recipes of the config file and the inputs: an input that is given beats the file, the file beats the
 * default.
 *
 * @param options.file null when there is none
 * @returns one or more recipes, in the file's order
 * @throws Refused with the name of the input or the key, what is allowed, and what to do
 */
export function resolveRecipes(options: { file: ConfigFile | null; inputs: RecipeInputs }): Recipe[] {
  const { file, inputs } = options
  const config =
    file === null ? { isList: false, entries: [{ where: '', values: {} }] } : readConfigFile(file)
  if (config.isList) {
    const clash = identityKeys.map(kebabCase).find((name) => inputs[name] !== undefined)
    if (clash !== undefined) {
      throw new Refused(
        `${clash} cannot be given together with a list of recipes: set it in each recipe instead.`,
      )
    }
  }
  const recipes = config.entries.map((entry) => checkTogether(resolveOne(entry, inputs), entry))
  return refuseSameProjects(recipes)
}

/** Before a checkout there is no file in the workspace. */
const notFound =
  `a config file, of which none was found (${defaultConfigPaths.join(' or ')}; ` +
  'put a step with actions/checkout before this one)'

function resolveOne(entry: ConfigEntry, inputs: RecipeInputs): Recipe {
  const resolved = Object.entries<RecipeKey<unknown>>(recipeKeys).map(([key, definition]) => [
    key,
    resolveKey(key, definition, entry, inputs),
  ])
  // `recipeKeys` has every key of `Recipe` with a schema for its type; the compiler cannot follow that here.
  return Object.fromEntries(resolved) as Recipe
}

function resolveKey(
  key: string,
  definition: RecipeKey<unknown>,
  entry: ConfigEntry,
  inputs: RecipeInputs,
): unknown {
  const name = kebabCase(key)
  const input = inputs[name]
  const fromFile = entry.values[snakeCase(key)]
  if (input !== undefined) return check(name, definition, fromInput(definition, input))
  if (fromFile !== undefined) return check(`${entry.where}: ${snakeCase(key)}`, definition, fromFile)
  if (definition.fallback !== undefined) return definition.fallback
  const file = entry.where === '' ? notFound : entry.where
  throw new Refused(
    `${name} is missing: give it as an input, or as ${snakeCase(key)} in ${file}; it must be ${definition.allowed}.`,
  )
}

function check(name: string, { schema, allowed }: RecipeKey<unknown>, value: unknown): unknown {
  const result = schema.safeParse(value)
  if (!result.success) throw new Refused(`${name} must be ${allowed}.`)
  return result.data
}

function fromInput({ form }: RecipeKey<unknown>, value: string): unknown {
  switch (form) {
    case 'text':
      return value
    case 'list':
      return value.split('\n').flatMap((line) => line.trim() || [])
    case 'number':
      return /^\d{1,9}(?:\.\d{1,9})?$/.test(value) ? Number(value) : undefined
    case 'boolean':
      return { true: true, false: false }[value.toLowerCase()]
    case 'map':
      return parseMap(value)
  }
}

function parseMap(value: string): unknown {
  try {
    return parseYaml(value)
  } catch {
    return undefined
  }
}

function checkTogether(recipe: Recipe, { where }: ConfigEntry): Recipe {
  const { task, columnMapping } = recipe
  const roles = columnRoles(task)
  const given = Object.keys(columnMapping)
  if (roles.length !== given.length || roles.some((role) => !given.includes(role))) {
    const place = where === '' ? '' : ` (${where})`
    throw new Refused(
      `column-mapping must have exactly the keys ${roles.join(', ')} for the task ${task}${place}.`,
    )
  }
  return recipe
}

function refuseSameProjects(recipes: Recipe[]): Recipe[] {
  const seen = new Set<string>()
  for (const { inputDataset, targetNamespace, autotrainProjectPrefix } of recipes) {
    const project = [inputDataset, targetNamespace, autotrainProjectPrefix].join(' ')
    if (seen.has(project)) {
      throw new Refused(
        `Two recipes for ${inputDataset} would make projects of the same name in ${targetNamespace}: ` +
          'give each its own autotrain_project_prefix.',
      )
    }
    seen.add(project)
  }
  return recipes
}
