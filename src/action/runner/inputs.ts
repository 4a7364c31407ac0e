import * as core from '@actions/core'
import { Refused } from '../../domain/verdict.ts'
import { minSecretLength } from '../../event/signature.ts'
import { proxyCredentials } from '../../http/proxy.ts'
import { parseDuration } from '../../recipe/duration.ts'
import { type RecipeInputs, recipeInputNames } from '../../recipe/resolve.ts'

/** The inputs that do not belong to a recipe, with the default of those that have one. */
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

const secretInputs = ['hf-token', 'webhook-secret', 'webhook-secret-previous', 'github-token'] as const

/** Everything that a workflow says in `with:`, checked. */
export interface Inputs {
  /** By kebab-case name; what is not given is absent. */
  readonly recipe: RecipeInputs
  readonly hfToken: string
  /** The current secret and, while it is being rotated, the previous one; empty when none is given. */
  readonly webhookSecrets: readonly string[]
  readonly githubToken: string
  /** Path of the config file; null looks at the default places. */
  readonly config: string | null
  /** Which revision of the dataset to train on; null: what the trigger says. */
  readonly revision: string | null
  readonly dryRun: boolean
  readonly force: boolean
  /** Milliseconds. */
  readonly maxAge: number
  readonly allowPlainSecret: boolean
}

/** Keeps every secret out of the log. To be called before anything else, so that no message can show one. */
export function maskSecrets(): void {
  for (const name of secretInputs) {
    const secret = core.getInput(name)
    if (secret !== '') core.setSecret(secret)
  }
  for (const secret of proxyCredentials(process.env)) core.setSecret(secret)
}

/**
 * Reads every input, once.
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
    maxAge: readDuration('max-age'),
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
      'hf-token is empty: set it to a secret of the repository that holds a Hugging Face token with write access ' +
        '(pull requests from forks get no secrets).',
    )
  }
  if (!/^hf_\S+$/.test(token)) {
    throw new Refused('hf-token must be an access token of the Hugging Face Hub, which begins with hf_.')
  }
  return token
}

function readSecret(name: keyof typeof settingInputs): string {
  const secret = read(name)
  if (secret === '' || secret.length >= minSecretLength) return secret
  throw new Refused(
    `${name} must have at least ${minSecretLength} characters: make one with \`openssl rand -hex 32\`, and give it ` +
      'to the webhook, the relay and this workflow.',
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
  throw new Refused(`${name} must be a number and a unit (s, m, h, d), such as 90s, 30m or 24h.`)
}
