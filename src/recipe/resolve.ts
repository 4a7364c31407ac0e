import { parse as parseYaml } from 'yaml'
import type { Recipe } from '../domain/recipe.ts'
import { cleanText, lineEnd, readBoolean, withLineFeeds } from '../domain/text/clean.ts'
import { readNumber } from '../domain/text/number.ts'
import { Refused } from '../domain/verdict.ts'
import { readColumnMapping } from './column-mapping.ts'
import { type ConfigEntry, type ConfigFile, defaultConfigPaths, readConfigFile } from './config-file.ts'
import { type InputForm, kebabCase, type RecipeKey, recipeKeys, snakeCase } from './keys.ts'
import { isNoneWord, noneProblem } from './none-words.ts'

/** The inputs of the action by their kebab-case names, cleaned; empty inputs are absent. */
export type RecipeInputs = Readonly<Record<string, string | undefined>>

/** The names of the inputs that belong to a recipe. */
export const recipeInputNames = Object.keys(recipeKeys).map(kebabCase)

/** Inputs that cannot be combined with a list of recipes: it would be unclear which recipe they belong to. */
const identityKeys: (keyof Recipe)[] = [
  'inputDataset',
  'inputModel',
  'targetNamespace',
  'autotrainProjectPrefix',
]

/**
 * Combines the config file and the inputs into recipes. An input overrides the file, and the file overrides the default.
 *
 * @param options.file null without a config file
 * @returns one or more recipes, in the file's order
 * @throws Refused with the name of the input or key, what is allowed and what to do
 */
export function resolveRecipes(options: { file: ConfigFile | null; inputs: RecipeInputs }): Recipe[] {
  const { file, inputs } = options
  const config =
    file === null ? { isList: false, entries: [{ where: '', values: {} }] } : readConfigFile(file)
  if (config.isList) {
    const clash = identityKeys.map(kebabCase).find((name) => inputs[name] !== undefined)
    if (clash !== undefined) {
      throw new Refused(`${clash} cannot be combined with a list of recipes: set it in each recipe instead.`)
    }
  }
  const isInput = inputs['column-mapping'] !== undefined
  const recipes = config.entries.map((entry) => withColumns(resolveOne(entry, inputs), entry, { isInput }))
  return refuseDuplicateProjects(recipes)
}

/** The usual reason is a missing checkout, without which the workspace has no files. */
const notFound =
  `a config file (none was found at ${defaultConfigPaths.join(' or ')}; ` +
  'add a step with actions/checkout before this one)'

function resolveOne(entry: ConfigEntry, inputs: RecipeInputs): Recipe {
  const resolved = Object.entries<RecipeKey<unknown>>(recipeKeys).map(([key, definition]) => [
    key,
    resolveKey(key, definition, entry, inputs),
  ])
  // `recipeKeys` has a schema of the right type for each key of `Recipe`; the compiler loses this in `Object.entries`.
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
  if (fromFile !== undefined) {
    return check(`${entry.where}: ${snakeCase(key)}`, definition, cleaned(definition.form, fromFile))
  }
  if (definition.fallback !== undefined) return definition.fallback
  const file = entry.where === '' ? notFound : entry.where
  throw new Refused(
    `${name} is missing: set it as an input, or as ${snakeCase(key)} in ${file}; it must be ${definition.allowed}.`,
  )
}

function check(
  name: string,
  { schema, form, allowed, fallback, problem }: RecipeKey<unknown>,
  value: unknown,
): unknown {
  const result = schema.safeParse(value)
  const isName = ['text', 'script'].includes(form) && (result.success || fallback === null)
  if (isName && typeof value === 'string' && isNoneWord(value)) {
    throw new Refused(`${name}: ${noneProblem(value, { name, allowed, fallback })}.`)
  }
  if (!result.success) throw new Refused(`${name} must be ${allowed}.`)
  const found = problem?.(result.data) ?? null
  if (found !== null) throw new Refused(`${name} ${found}`)
  return result.data
}

/** A value of the file without what editors leave in it. Accents in lists are composed, as in an input. */
function cleaned(form: InputForm, value: unknown): unknown {
  if (form === 'text' && typeof value === 'string') return cleanText(value)
  if (form === 'script' && typeof value === 'string') return withLineFeeds(value).replace(/^\ufeff/, '')
  // YAML takes 1_000 for a text, and quotes make one of any number.
  if ((form === 'number' || form === 'boolean') && typeof value === 'string') return fromText(form, value)
  if (form !== 'list' || !Array.isArray(value)) return value
  return value.map((entry: unknown) => (typeof entry === 'string' ? cleanLine(entry) : entry))
}

function cleanLine(line: string): string {
  return cleanText(line).normalize('NFC')
}

/** @param value cleaned already, as every input is */
function fromInput({ form }: RecipeKey<unknown>, value: string): unknown {
  switch (form) {
    case 'text':
    case 'script':
      return value
    case 'list':
      return value.split(lineEnd).flatMap((line) => cleanLine(line) || [])
    case 'number':
    case 'boolean':
      return fromText(form, value)
    case 'map':
      return parseMap(value)
  }
}

function fromText(form: 'number' | 'boolean', value: string): unknown {
  return (form === 'number' ? readNumber(value) : readBoolean(value)) ?? undefined
}

function parseMap(value: string): unknown {
  try {
    return parseYaml(value)
  } catch {
    return undefined
  }
}

/** The roles of the columns depend on the task. */
function withColumns(recipe: Recipe, { where }: ConfigEntry, { isInput }: { isInput: boolean }): Recipe {
  const { task } = recipe
  const given: unknown = recipe.columnMapping
  const fallback = recipeKeys.columnMapping.fallback ?? {}
  if (task === 'image-classification' && isWithoutColumns(given))
    return { ...recipe, columnMapping: fallback }
  const place = isInput || where === '' ? 'column-mapping' : `${where}: column_mapping`
  return { ...recipe, columnMapping: readColumnMapping(given, { task, place }) }
}

/** Whether a mapping names no column. Class folders always have the columns image and label. */
function isWithoutColumns(given: unknown): boolean {
  return (
    typeof given === 'object' &&
    given !== null &&
    !Array.isArray(given) &&
    Object.values(given).every((column) => column === null)
  )
}

function refuseDuplicateProjects(recipes: Recipe[]): Recipe[] {
  const seen = new Set<string>()
  for (const { inputDataset, targetNamespace, autotrainProjectPrefix } of recipes) {
    const project = [inputDataset, targetNamespace, autotrainProjectPrefix].join(' ').toLowerCase()
    if (seen.has(project)) {
      throw new Refused(
        `Two recipes for ${inputDataset} would create projects of the same name in ${targetNamespace}: ` +
          'give each its own autotrain_project_prefix.',
      )
    }
    seen.add(project)
  }
  return recipes
}
