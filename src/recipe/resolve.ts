import type { Recipe, RecipeSettings } from '../domain/recipe.ts'
import { columnRoles } from '../domain/tasks.ts'
import { cleanText, lineEnd, readBoolean, withLineFeeds } from '../domain/text/clean.ts'
import { readNumber } from '../domain/text/number.ts'
import { Refused } from '../domain/verdict.ts'
import { readColumnMapping } from './column-mapping.ts'
import {
  type ConfigEntry,
  type ConfigFile,
  defaultConfigPaths,
  readConfigFile,
} from './config-text/config-file.ts'
import { yamlValue } from './config-text/yaml-value.ts'
import type { ListPlace } from './hints/glob-problem.ts'
import { isNoneWord, isOffWord, noneProblem } from './hints/none-words.ts'
import { type InputForm, kebabCase, type RecipeKey, recipeKeys, snakeCase } from './keys.ts'
import { checkPublishKeys, refuseSharedPlace } from './publish-keys.ts'
import { checkTrainerKeys } from './trainer-keys.ts'

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
  refuseSharedPlace(recipes)
  return refuseDuplicateProjects(recipes)
}

/** The usual reason is a missing checkout, without which the workspace has no files. */
const notFound =
  `a config file (none was found at ${defaultConfigPaths.join(', ')}; ` +
  'add a step with actions/checkout before this one)'

function resolveOne(entry: ConfigEntry, inputs: RecipeInputs): Recipe {
  const keys = Object.keys(recipeKeys) as (keyof RecipeSettings)[]
  const values = new Map<keyof RecipeSettings, unknown>()
  const given: (keyof RecipeSettings)[] = []
  for (const key of keys) {
    const definition: RecipeKey<unknown> = recipeKeys[key]
    const value = resolveKey(key, definition, entry, inputs)
    values.set(key, value === notGiven ? definition.fallback : value)
    if (value !== notGiven) given.push(key)
  }
  // `recipeKeys` has a schema of the right type for each key; the compiler loses this in a loop.
  const settings = Object.fromEntries(values) as unknown as RecipeSettings
  checkTrainerKeys({ trainer: settings.trainer, given, where: entry.where })
  checkPublishKeys(settings, entry)
  return { ...settings, given }
}

/** Stands for a key that has its default. */
const notGiven = Symbol('not given')

function resolveKey(
  key: string,
  definition: RecipeKey<unknown>,
  entry: ConfigEntry,
  inputs: RecipeInputs,
): unknown {
  const name = kebabCase(key)
  const input = inputs[name]
  const fromFile = entry.values[snakeCase(key)]
  const given = input === undefined ? undefined : fromInput(definition, input)
  // null in a map's place is YAML's word for nothing.
  if (given !== undefined && given !== null) return check(name, definition, given, 'input')
  if (input !== undefined && given === undefined) return check(name, definition, input, 'input')
  if (fromFile !== undefined && fromFile !== null) {
    const place = `${entry.where}: ${snakeCase(key)}`
    return check(place, definition, cleaned(definition.form, fromFile), 'file')
  }
  if (definition.fallback !== undefined) return notGiven
  const file = entry.where === '' ? notFound : entry.where
  throw new Refused(
    `${name} is missing: set it as an input, or as ${snakeCase(key)} in ${file}; it must be ${definition.allowed}.`,
  )
}

function check(name: string, definition: RecipeKey<unknown>, value: unknown, place: ListPlace): unknown {
  const { schema, allowed, fallback, hint, problem } = definition
  const result = schema.safeParse(value)
  if (typeof value === 'string' && isWordForNone(value, definition, result.success)) {
    throw new Refused(`${name}: ${noneProblem(value, { name, allowed, fallback })}.`)
  }
  if (!result.success) {
    const meant = hint?.(value) ?? null
    throw new Refused(meant === null ? `${name} must be ${allowed}.` : `${name}: ${meant}`)
  }
  const found = problem?.(result.data, place) ?? null
  if (found !== null) throw new Refused(`${name} ${found}`)
  return result.data
}

/** Whether a text stands for nothing where a name, a script, a list or a map is asked for. */
function isWordForNone(value: string, { form, fallback }: RecipeKey<unknown>, isAllowed: boolean): boolean {
  if (form === 'list' || form === 'map') return isNoneWord(value)
  if (form === 'script') return isNoneWord(value)
  if (form !== 'text' || (!isAllowed && fallback !== null)) return false
  return isNoneWord(value) || (fallback === null && isOffWord(value))
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

/** A text that is no YAML stays one, which is no map. */
function parseMap(text: string): unknown {
  const result = yamlValue(text)
  return result.isValue ? result.value : text
}

/** The roles of the columns depend on the task. */
function withColumns(recipe: Recipe, { where }: ConfigEntry, { isInput }: { isInput: boolean }): Recipe {
  const { task } = recipe
  const given: unknown = recipe.columnMapping
  const fallback = recipeKeys.columnMapping.fallback ?? {}
  if (task === 'image-classification' && isWithoutColumns(given))
    return { ...recipe, columnMapping: fallback }
  const place = isInput || where === '' ? 'column-mapping' : `${where}: column_mapping`
  // The default is that of pictures: for another task nothing was given.
  const roles = columnRoles(task).map(({ name }) => name)
  const isOthers = given === fallback && Object.keys(fallback).some((name) => !roles.includes(name))
  return { ...recipe, columnMapping: readColumnMapping(isOthers ? {} : given, { task, place }) }
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
