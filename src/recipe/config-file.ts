import { closestMatch } from 'leven'
import { parse as parseYaml, YAMLParseError } from 'yaml'
import * as z from 'zod/mini'
import { Refused } from '../domain/verdict.ts'
import { recipeKeys, snakeCase } from './keys.ts'

/** Where a config file is looked for when nobody says where it is. */
export const defaultConfigPaths = ['.github/auto-retrain.json', '.github/auto-retrain.yml']

/** A config file that has been read. */
export interface ConfigFile {
  /** As it was given, for messages. */
  readonly path: string
  readonly text: string
}

/** One entry of a config file, its keys checked and its values not yet. */
export interface ConfigEntry {
  /** Where it stands, for messages: `auto-retrain.yml, recipe 2`. */
  readonly where: string
  readonly values: Readonly<Record<string, unknown>>
}

const mapSchema = z.record(z.string(), z.unknown())
const knownKeys = Object.keys(recipeKeys).map(snakeCase)

/**
 * Reads a config file: one recipe (the guide's `config.json` is one), or `{"recipes": [...]}`.
 * https://huggingface.co/docs/hub/webhooks-guide-auto-retrain
 *
 * @returns whether it is a list of recipes, and its entries
 * @throws Refused naming the file, the place and, for an unknown key, the nearest known one
 */
export function readConfigFile(file: ConfigFile): { isList: boolean; entries: ConfigEntry[] } {
  const root = toMap(
    parse(file),
    `${file.path} must hold a map of recipe keys, or "recipes" with a list of them.`,
  )
  if (!Object.hasOwn(root, 'recipes')) {
    return {
      isList: false,
      entries: [checkKeys({ where: file.path, values: root }, [...knownKeys, 'recipes'])],
    }
  }
  const beside = Object.keys(root).find((key) => key !== 'recipes')
  if (beside !== undefined) {
    throw new Refused(
      `${file.path}: the key ${quote(beside)} may not stand beside "recipes": put it into each recipe.`,
    )
  }
  const { recipes } = root
  if (!Array.isArray(recipes) || recipes.length === 0) {
    throw new Refused(`${file.path}: "recipes" must be a list of one or more recipes.`)
  }
  const entries = recipes.map((value: unknown, index) => {
    const where = `${file.path}, recipe ${index + 1}`
    return checkKeys({ where, values: toMap(value, `${where} must be a map of recipe keys.`) }, knownKeys)
  })
  return { isList: true, entries }
}

function parse({ path, text }: ConfigFile): unknown {
  try {
    return path.endsWith('.json') ? JSON.parse(text) : parseYaml(text)
  } catch (error) {
    const format = path.endsWith('.json') ? 'JSON' : 'YAML'
    throw new Refused(`${path} is not valid ${format}${describe(error)}`, { cause: error })
  }
}

/** In one line: a YAML error with its line; a JSON error with its line or, where it has none, the text around it. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return '.'
  if (error instanceof YAMLParseError && error.linePos) {
    const said = error.message.split('\n')[0]?.replace(/ at line \d+, column \d+:?$/, '')
    return ` at line ${error.linePos[0].line}: ${said}`
  }
  return `: ${error.message.replaceAll(/\s+/g, ' ')}`
}

function toMap(value: unknown, message: string): Record<string, unknown> {
  const result = mapSchema.safeParse(value)
  if (!result.success) throw new Refused(message)
  return result.data
}

function checkKeys(entry: ConfigEntry, known: readonly string[]): ConfigEntry {
  const unknown = Object.keys(entry.values).find((key) => !known.includes(key))
  if (unknown === undefined) return entry
  const nearest =
    known.find((key) => key.endsWith(`_${unknown}`)) ??
    closestMatch(unknown, known, { maxDistance: Math.max(3, unknown.length / 2) })
  const hint = nearest === undefined ? `known are ${known.join(', ')}` : `did you mean "${nearest}"?`
  throw new Refused(`${entry.where}: the key ${quote(unknown)} is unknown: ${hint}`)
}

function quote(key: string): string {
  return JSON.stringify(key.slice(0, 100))
}
