import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { readAction } from '../../scripts/action-tables.ts'
import type { RecipeSettings } from '../../src/domain/recipe.ts'
import { readConfigFile } from '../../src/recipe/config-text/config-file.ts'
import { kebabCase } from '../../src/recipe/keys.ts'
import { recipeInputNames, resolveRecipes } from '../../src/recipe/resolve.ts'
import { trainersOfKey } from '../../src/recipe/trainer-keys.ts'

type Inputs = Readonly<Record<string, unknown>>

interface Step {
  readonly uses?: string
  readonly with?: Inputs
}

const actionInputs = Object.keys(readAction(readFileSync('action.yml', 'utf8')).inputs)
const needed = {
  'input-dataset': 'acme/digits',
  'input-model': 'microsoft/resnet-50',
  'target-namespace': 'acme',
}
const keys = Object.keys(trainersOfKey) as (keyof RecipeSettings)[]

/**
 * Checks the YAML that a reader copies: a workflow, some of its steps, some inputs of our step, or a config file.
 *
 * @returns false when the text is nothing of these, so that it needs a test of its own
 * @throws Error when an input does not exist, or the inputs make no valid recipe
 */
export function checkSnippet(text: string): boolean {
  const value: unknown = parse(text)
  if (Array.isArray(value)) return checkSteps(value)
  if (typeof value !== 'object' || value === null) return false
  if ('recipes' in value || 'input_dataset' in value) return checkConfig(text)
  if ('jobs' in value) {
    const jobs = Object.values(value.jobs as Record<string, { steps?: Step[] }>)
    checkSteps(jobs.flatMap(({ steps = [] }) => steps))
    return true
  }
  if (!Object.keys(value).some((name) => actionInputs.includes(name))) return false
  checkInputs(value as Inputs)
  return true
}

/** @returns whether one of the steps is ours */
function checkSteps(steps: readonly Step[]): boolean {
  const own = steps.filter(({ uses = '' }) => /^[\w-]+\/auto-retrain@/.test(uses))
  for (const step of own) checkInputs(step.with ?? {})
  return own.length > 0
}

function checkInputs(inputs: Inputs): void {
  const unknown = Object.keys(inputs).filter((name) => !actionInputs.includes(name))
  if (unknown.length > 0) throw new Error(`The action has no input ${unknown.join(', ')}.`)
  // What an expression gives is known in a run only, and a page leaves the commit to its reader.
  const given = Object.entries(inputs)
    .filter(([name, value]) => recipeInputNames.includes(name) && !String(value).includes('${{'))
    .map(([name, value]) => [
      name,
      String(value).replaceAll(/FULL_COMMIT_SHA|COMMIT_SHA_OF_\w+/g, '0'.repeat(40)),
    ])
  const [trainer] = keys.filter((key) => kebabCase(key) in inputs).flatMap((key) => trainersOfKey[key] ?? [])
  const all = { ...needed, ...(trainer !== undefined && { trainer }), ...Object.fromEntries(given) }
  resolveRecipes({ file: null, inputs: all })
}

function checkConfig(text: string): boolean {
  const file = { path: 'config.yaml', text }
  return readConfigFile(file).entries.length > 0 && resolveRecipes({ file, inputs: {} }).length > 0
}
