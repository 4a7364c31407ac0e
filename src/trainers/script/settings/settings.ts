import { shown } from '../header/toml-value.ts'
import { type HfJobs, readHfJobs } from './hf-jobs.ts'
import type { ScriptVolume } from './volume.ts'

/** Who chose a setting. A plan shows what came from the script. */
type SettingSource = 'recipe' | 'script' | 'default'

/** A setting, and who chose it. */
export interface Setting<T> {
  readonly value: T
  readonly from: SettingSource
}

/** How the Job of a script runs: the recipe's own values, then those of the header, then the defaults. */
export interface ScriptSettings {
  readonly image: Setting<string>
  /** Hardware, as the Hub names it. */
  readonly flavor: Setting<string>
  readonly timeoutMs: Setting<number>
  /** Null for the image's own. */
  readonly python: Setting<string | null>
  /** For the label `name`; null for the project's. */
  readonly name: Setting<string | null>
  readonly env: Readonly<Record<string, Setting<string>>>
  /** Without the action's own, which are added last. */
  readonly labels: Readonly<Record<string, Setting<string>>>
  /** By mount path. */
  readonly volumes: readonly Setting<ScriptVolume>[]
}

/** What the recipe says; null or empty where it says nothing. */
export interface RecipeSettings {
  readonly image: string | null
  readonly flavor: string | null
  readonly timeoutMs: number | null
  readonly python: string | null
  readonly env: Readonly<Record<string, string>>
  /** The names of environment variables of the step that become secrets of the Job. */
  readonly secrets: readonly string[]
  /** Whether the container gets `HF_TOKEN`. */
  readonly givesToken: boolean
  readonly name?: string | null
  readonly labels?: Readonly<Record<string, string>>
  readonly volumes?: readonly ScriptVolume[]
}

/** What holds where neither the recipe nor the script says anything. */
export interface DefaultSettings {
  readonly image: string
  readonly flavor: string
  readonly timeoutMs: number
}

/**
 * Merges the header's `[tool.hf-jobs]` with the recipe as the `hf` client does with its flags: the recipe wins, for
 * variables and labels by name and for volumes by mount path.
 *
 * @param options.hfJobs the table as the header has it; null without one
 * @returns the settings, without what is refused, and one clause for each thing that is: what is wrong, then what to do
 */
export function mergeSettings(options: {
  hfJobs: Readonly<Record<string, unknown>> | null
  recipe: RecipeSettings
  defaults: DefaultSettings
}): { settings: ScriptSettings; problems: readonly string[] } {
  const { hfJobs, recipe, defaults } = options
  const { table, problems } = readHfJobs(hfJobs ?? {})
  const pick = <T>(given: T | null | undefined, script: T | null, fallback: T): Setting<T> => {
    if (given !== null && given !== undefined) return { value: given, from: 'recipe' }
    return script === null ? { value: fallback, from: 'default' } : { value: script, from: 'script' }
  }
  const secretEnv = Object.keys(table.env).filter((name) => recipe.secrets.includes(name))
  const env = Object.fromEntries(Object.entries(table.env).filter(([name]) => !secretEnv.includes(name)))
  return {
    settings: {
      image: pick(recipe.image, table.image, defaults.image),
      flavor: pick(recipe.flavor, table.flavor, defaults.flavor),
      timeoutMs: pick(recipe.timeoutMs, table.timeoutMs, defaults.timeoutMs),
      python: pick<string | null>(recipe.python, table.python, null),
      name: pick<string | null>(recipe.name, table.name, null),
      env: mergeByName(env, recipe.env),
      labels: mergeByName(table.labels, recipe.labels ?? {}),
      volumes: mergeVolumes(table.volumes, recipe.volumes ?? []),
    },
    problems: [
      ...problems,
      ...secretEnv.map(
        (name) => `env.${shown(name)} in [tool.hf-jobs] is a secret of the recipe: remove it there`,
      ),
      ...secretProblems(table, recipe),
    ],
  }
}

function mergeByName(
  script: Readonly<Record<string, string>>,
  recipe: Readonly<Record<string, string>>,
): Record<string, Setting<string>> {
  const from = (source: SettingSource, values: Readonly<Record<string, string>>) =>
    Object.entries(values).map(([name, value]) => [name, { value, from: source }] as const)
  return Object.fromEntries([...from('script', script), ...from('recipe', recipe)])
}

function mergeVolumes(
  script: readonly ScriptVolume[],
  recipe: readonly ScriptVolume[],
): Setting<ScriptVolume>[] {
  const taken = recipe.map(({ mountPath }) => mountPath)
  return [
    ...script
      .filter(({ mountPath }) => !taken.includes(mountPath))
      .map((value) => ({ value, from: 'script' as const })),
    ...recipe.map((value) => ({ value, from: 'recipe' as const })),
  ]
}

/** Else any script, also one from a URL, could ask for any variable of the step. */
function secretProblems({ secrets }: HfJobs, recipe: RecipeSettings): string[] {
  return [...new Set(secrets)].flatMap((name) => {
    if (recipe.secrets.includes(name)) return []
    if (name !== 'HF_TOKEN') {
      return `the script asks for the secret ${name}, which the recipe does not pass on: add it to secrets, or remove it from [tool.hf-jobs]`
    }
    if (recipe.givesToken) return []
    return 'the script asks for HF_TOKEN, which the recipe does not give it: set give-token to true, or remove it from [tool.hf-jobs]'
  })
}
