import * as core from '@actions/core'
import { Refused } from '../../domain/verdict.ts'
import { minSigningSecretLength } from '../../event/signature.ts'
import { parseDuration } from '../../recipe/duration.ts'
import { type RecipeInputs, recipeInputNames } from '../../recipe/resolve.ts'

/** The inputs that are not part of a recipe, with their defaults; an empty string is no default. */
export const settingInputs = {
  'hf-token': '',
  'webhook-secret': '',
  'webhook-secret-previous': '',
  'github-token': '',
  config: '',
  revision: '',
  'dry-run': 'false',
  force: 'false',
  'max-age': '24h',
  'allow-plain-secret': 'false',
} as const

/** The checked inputs of the action. */
export interface Inputs {
  /** By kebab-case name; without the inputs that are not set. */
  readonly recipe: RecipeInputs
  readonly hfToken: string
  /** The current secret and, during a rotation, the previous one; empty when none is set. */
  readonly webhookSecrets: readonly string[]
  readonly githubToken: string
  /** The path of the config file; null for the default paths. */
  readonly config: string | null
  /** The revision of the dataset to train on; null for that of the trigger. */
  readonly revision: string | null
  readonly dryRun: boolean
  readonly force: boolean
  /** The `max-age` of an envelope. */
  readonly maxAgeMs: number
  readonly allowPlainSecret: boolean
}

/**
 * Reads and checks every input.
 *
 * @throws Refused with a sentence that begins with the input's name
 */
export function readInputs(): Inputs {
  const recipe = Object.fromEntries(recipeInputNames.map((name) => [name, core.getInput(name) || undefined]))
  return {
    recipe,
    hfToken: readHubToken(),
    webhookSecrets: [readSecret('webhook-secret'), readSecret('webhook-secret-previous')].filter(
      (secret) => secret !== '',
    ),
    githubToken: read('github-token'),
    config: read('config') || null,
    revision: readRevision(),
    dryRun: readBoolean('dry-run'),
    force: readBoolean('force'),
    maxAgeMs: readDuration('max-age'),
    allowPlainSecret: readBoolean('allow-plain-secret'),
  }
}

function read(name: keyof typeof settingInputs): string {
  return core.getInput(name) || settingInputs[name]
}

/** https://huggingface.co/docs/hub/security-tokens */
function readHubToken(): string {
  const token = read('hf-token')
  if (token === '') {
    throw new Refused(
      'hf-token is empty: set it to a repository secret with a Hugging Face token that has write access ' +
        '(workflows of pull requests from forks get no secrets).',
    )
  }
  if (!/^hf_\S+$/.test(token)) {
    throw new Refused('hf-token must be a Hugging Face access token, which begins with hf_.')
  }
  return token
}

function readSecret(name: keyof typeof settingInputs): string {
  const secret = read(name)
  if (secret === '' || secret.length >= minSigningSecretLength) return secret
  throw new Refused(
    `${name} must have at least ${minSigningSecretLength} characters: create one with \`openssl rand -hex 32\`, and set it ` +
      'in the webhook, the relay and this workflow.',
  )
}

function readRevision(): string | null {
  const revision = read('revision')
  if (revision === '') return null
  if (!/^[\w./-]{1,200}$/.test(revision)) {
    throw new Refused('revision must be a full commit sha, a branch or a tag of the dataset.')
  }
  return revision
}

function readBoolean(name: keyof typeof settingInputs): boolean {
  const value = read(name).toLowerCase()
  if (value !== 'true' && value !== 'false') throw new Refused(`${name} must be true or false.`)
  return value === 'true'
}

function readDuration(name: keyof typeof settingInputs): number {
  const duration = parseDuration(read(name))
  if (duration !== null) return duration
  throw new Refused(`${name} must be a number with a unit (s, m, h, d), such as 90s, 30m or 24h.`)
}
