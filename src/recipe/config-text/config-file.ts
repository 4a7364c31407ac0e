import * as z from 'zod/mini'
import { cleanText } from '../../domain/text/clean.ts'
import { cutText } from '../../domain/text/cut.ts'
import { Refused } from '../../domain/verdict.ts'
import { keyHint } from '../hints/key-hint.ts'
import { recipeKeys, snakeCase } from '../keys.ts'
import { readConfigText } from './config-text.ts'

/** Where to look for a config file without the input `config`. */
export const defaultConfigPaths = [
  '.github/auto-retrain.json',
  '.github/auto-retrain.yml',
  '.github/auto-retrain.yaml',
]

/** The content of a config file. */
export interface ConfigFile {
  /** The path as the user wrote it, for messages. */
  readonly path: string
  readonly text: string
}

/** One entry of a config file. Its keys are known; its values are not checked yet. */
export interface ConfigEntry {
  /** Its place, for messages: `auto-retrain.yml, recipe 2`. */
  readonly where: string
  readonly values: Readonly<Record<string, unknown>>
}

const rootForm = 'a map of recipe keys, or have the key "recipes" with a list of recipes'

const mapSchema = z.record(z.string(), z.unknown())
const knownKeys = Object.keys(recipeKeys).map(snakeCase)

/**
 * Parses a config file: one recipe, such as the guide's `config.json`, or `{"recipes": [...]}`.
 * https://huggingface.co/docs/hub/webhooks-guide-auto-retrain
 *
 * @returns the entries, and whether the file has a list of recipes
 * @throws Refused with the file, the place and what to do: for an unknown key, the nearest known one
 */
export function readConfigFile(file: ConfigFile): { isList: boolean; entries: ConfigEntry[] } {
  const { path } = file
  const content = readConfigText(file)
  if (content === null) throw new Refused(`${path} is empty: it must be ${rootForm}.`)
  if (Array.isArray(content)) {
    throw new Refused(`${path} is a list: put it under the key "recipes", as in "recipes: [...]".`)
  }
  const root = toMap(content, `${path} must be ${rootForm}.`)
  if (!Object.hasOwn(root, 'recipes')) {
    return {
      isList: false,
      entries: [checkKeys({ where: path, values: root }, [...knownKeys, 'recipes'])],
    }
  }
  const extra = Object.keys(root).find((key) => key !== 'recipes')
  if (extra !== undefined) {
    throw new Refused(
      `${path}: the key ${quote(extra)} is not allowed beside "recipes": move it into each recipe.`,
    )
  }
  const { recipes } = root
  if (!Array.isArray(recipes) || recipes.length === 0) {
    throw new Refused(`${path}: "recipes" must be a list of one or more recipes.`)
  }
  const entries = recipes.map((value: unknown, index) => {
    const where = `${path}, recipe ${index + 1}`
    return checkKeys({ where, values: toMap(value, `${where} must be a map of recipe keys.`) }, knownKeys)
  })
  return { isList: true, entries }
}

function toMap(value: unknown, message: string): Record<string, unknown> {
  const result = mapSchema.safeParse(value)
  if (!result.success) throw new Refused(message)
  const entries = Object.entries(result.data)
  const keys = entries.map(([key]) => cleanText(key))
  // Two keys that differ only in invisible characters: as they are, one of them is unknown.
  if (new Set(keys).size < keys.length) return result.data
  return Object.fromEntries(entries.map(([, inner], index) => [keys[index] ?? '', inner]))
}

function checkKeys(entry: ConfigEntry, known: readonly string[]): ConfigEntry {
  const unknown = Object.keys(entry.values).find((key) => !known.includes(key))
  if (unknown === undefined) return entry
  throw new Refused(`${entry.where}: the key ${quote(unknown)} is unknown: ${keyHint(unknown, known)}`)
}

function quote(key: string): string {
  return JSON.stringify(cutText(key, 100))
}
