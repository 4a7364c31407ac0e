import type { ShippedCode } from '../../domain/plan/code.ts'
import { isShipped } from '../../domain/plan/code.ts'
import type { Recipe } from '../../domain/recipe.ts'
import { Refused } from '../../domain/verdict.ts'
import type { JobSpec } from '../../hub/jobs/jobs.ts'
import { recipeKeys } from '../../recipe/keys.ts'
import { uvEnvironment, uvImage } from './command.ts'
import { reviewScript, type ScriptReview } from './script-checks.ts'
import type { ScriptSettings } from './settings/settings.ts'
import type { ScriptVolume } from './settings/volume.ts'

const decoder = new TextDecoder()

/** @throws Refused when there is no code; an Error where that passes by itself */
export function codeOf({ code }: Pick<Recipe, 'code'>): ShippedCode {
  if (isShipped(code)) return code
  const { problem, passes } = code ?? { problem: 'script: it was not read.', passes: false }
  throw passes ? new Error(problem) : new Refused(problem)
}

/** The name of a recipe's script: its path or its URL. */
export function nameOf({ script }: Recipe): string {
  return script ?? 'The script'
}

/** What the text of a recipe's script says before money. @throws as {@link codeOf} does */
export function reviewCode(recipe: Recipe): ScriptReview {
  const code = codeOf(recipe)
  const isGiven = (key: keyof typeof recipeKeys) => recipe.given?.includes(key) ?? true
  const lock = code.files.find(({ path }) => code.hasLock && path === `${code.script}.lock`)
  return reviewScript({
    script: nameOf(recipe),
    text: code.text,
    lock: lock === undefined ? null : decoder.decode(lock.content),
    hasProject: code.hasProject,
    packages: recipe.with,
    recipe: {
      image: recipe.image,
      flavor: isGiven('hardware') ? recipe.hardware : null,
      timeoutMs: isGiven('timeout') ? recipe.timeout : null,
      python: recipe.python,
      env: recipe.env,
      secrets: recipe.secrets,
      givesToken: recipe.giveToken ?? recipe.expectModel,
    },
    defaults: {
      image: uvImage,
      flavor: recipeKeys.hardware.fallback ?? recipe.hardware,
      timeoutMs: recipeKeys.timeout.fallback ?? recipe.timeout,
    },
  })
}

/**
 * The recipe with the hardware and the timeout that its script's header asks for, where the recipe gives none: what is
 * paid at most is computed with them. A header that cannot be read changes nothing; the plan says so.
 */
export function withHeader(recipe: Recipe): Recipe {
  const settings = isShipped(recipe.code) ? reviewCode(recipe).settings : null
  if (settings === null) return recipe
  return { ...recipe, hardware: settings.flavor.value, timeout: settings.timeoutMs.value }
}

/** The image of a recipe's Job. */
export function imageOf(recipe: Recipe): string {
  return settingsOf(recipe)?.image.value ?? recipe.image ?? uvImage
}

/** The environment variables of a recipe's Job, beside those that every training has. */
export function variablesOf(recipe: Recipe): Record<string, string> {
  const settings = settingsOf(recipe)
  return { ...uvEnvironment({ python: settings?.python.value ?? null }), ...valuesOf(settings?.env ?? {}) }
}

/** The volumes and labels that the header asks for. */
export function askedByHeader(recipe: Recipe): {
  volumes: JobSpec['volumes']
  labels: Record<string, string>
} {
  const settings = settingsOf(recipe)
  return {
    volumes: settings?.volumes.map(({ value }) => toJobVolume(value)) ?? [],
    labels: valuesOf(settings?.labels ?? {}),
  }
}

/** The version of Python that uv is asked for; null for the image's own. */
export function pythonOf(recipe: Recipe): string | null {
  return settingsOf(recipe)?.python.value ?? null
}

function settingsOf(recipe: Recipe): ScriptSettings | null {
  return isShipped(recipe.code) ? reviewCode(recipe).settings : null
}

function valuesOf(settings: Readonly<Record<string, { readonly value: string }>>): Record<string, string> {
  return Object.fromEntries(Object.entries(settings).map(([name, { value }]) => [name, value]))
}

function toJobVolume(volume: ScriptVolume): JobSpec['volumes'][number] {
  const { type, source: name, revision, path, mountPath, readOnly } = volume
  return {
    source: { type, name },
    mountPath,
    readOnly,
    ...(revision !== null && { revision }),
    ...(path !== null && { path }),
  }
}
