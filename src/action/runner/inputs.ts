import * as core from '@actions/core'
import { mayNameCommit } from '../../domain/revision.ts'
import { cleanText, readBoolean } from '../../domain/text/clean.ts'
import { Refused } from '../../domain/verdict.ts'
import { minSigningSecretLength, webhookSecretPattern } from '../../event/signature.ts'
import { parseDuration } from '../../recipe/duration.ts'
import { type RecipeInputs, recipeInputNames } from '../../recipe/resolve.ts'
import { readRunName, runNameForms } from '../../recipe/run-name.ts'
import { readSecretInput, type SecretInput } from './secrets.ts'

/** The inputs that are not part of a recipe, with their defaults; an empty string is no default. */
export const settingInputs = {
  'hf-token': '',
  'webhook-secret': '',
  'webhook-secret-previous': '',
  'github-token': '',
  'training-token': '',
  config: '',
  revision: '',
  'publish-revision': '',
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
  /** What a training gets, and what makes the repository of its code; `hf-token` where it is not set. */
  readonly trainingToken: string
  /** The current secret and, during a rotation, the previous one; empty when none is set. */
  readonly webhookSecrets: readonly string[]
  readonly githubToken: string
  /** The path of the config file; null for the default paths. */
  readonly config: string | null
  /** The revision of the dataset to train on; null for that of the trigger. */
  readonly revision: string | null
  /** The earlier run to publish, and nothing else; null: not asked for. */
  readonly publishRevision: string | null
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
  refuseSnakeCase()
  const recipe = Object.fromEntries(recipeInputNames.map((name) => [name, inputText(name) || undefined]))
  return {
    recipe,
    hfToken: readHubToken(),
    trainingToken: readTrainingToken() || readHubToken(),
    webhookSecrets: [readSecret('webhook-secret'), readSecret('webhook-secret-previous')].filter(
      (secret) => secret !== '',
    ),
    githubToken: readGitHubToken(),
    config: read('config') || null,
    revision: readRevision(),
    publishRevision: readPublishRevision(),
    dryRun: readSwitch('dry-run'),
    force: readSwitch('force'),
    maxAgeMs: readDuration('max-age'),
    allowPlainSecret: readSwitch('allow-plain-secret'),
  }
}

/**
 * GitHub passes an input that the action does not have, and only warns: a limit of money in the config file's spelling
 * would not count.
 */
function refuseSnakeCase(): void {
  const names = [...recipeInputNames, ...Object.keys(settingInputs)].filter((name) => name.includes('-'))
  const wrong = names.find((name) => core.getInput(name.replaceAll('-', '_')) !== '')
  if (wrong === undefined) return
  throw new Refused(
    `${wrong.replaceAll('-', '_')} is the spelling of the config file: as an input of the workflow it is ${wrong}.`,
  )
}

function read(name: Exclude<keyof typeof settingInputs, SecretInput>): string {
  return inputText(name) || settingInputs[name]
}

/** The one reader of an input that is no secret. */
function inputText(name: string): string {
  return cleanText(core.getInput(name))
}

/** https://huggingface.co/docs/hub/security-tokens */
function readHubToken(): string {
  const token = readSecretInput('hf-token')
  if (token === '') {
    throw new Refused(
      'hf-token is empty: set it to a repository secret with a Hugging Face token that has write access ' +
        '(workflows of pull requests from forks get no secrets).',
    )
  }
  if (!token.startsWith('hf_')) {
    throw new Refused('hf-token must be a Hugging Face access token, which begins with hf_.')
  }
  return checkToken('hf-token', token)
}

function readTrainingToken(): string {
  const token = readSecretInput('training-token')
  if (token === '' || token.startsWith('hf_')) return checkToken('training-token', token)
  throw new Refused('training-token must be a Hugging Face access token, which begins with hf_.')
}

function readGitHubToken(): string {
  return checkToken('github-token', readSecretInput('github-token'))
}

/** A token with another character cannot be sent in a header. */
function checkToken(name: SecretInput, token: string): string {
  if (/^[\x21-\x7e]*$/.test(token)) return token
  throw new Refused(
    `${name} contains a space, a line break or another character that no token has: copy it again.`,
  )
}

function readSecret(name: 'webhook-secret' | 'webhook-secret-previous'): string {
  const secret = readSecretInput(name)
  if (secret !== '' && !webhookSecretPattern.test(secret)) {
    throw new Refused(`${name} must be printable ASCII on one line, as the Hub requires: copy it again.`)
  }
  if (secret === '' || secret.length >= minSigningSecretLength) return secret
  throw new Refused(
    `${name} must have at least ${minSigningSecretLength} characters: create one with \`openssl rand -hex 32\`, and set it ` +
      'in the webhook, the relay and this workflow.',
  )
}

function readRevision(): string | null {
  const revision = read('revision')
  if (revision === '') return null
  if (!mayNameCommit(revision)) {
    throw new Refused('revision must be a full commit sha, a branch or a tag of the dataset.')
  }
  return revision
}

function readPublishRevision(): string | null {
  const name = read('publish-revision')
  if (name === '') return null
  if (read('revision') !== '') {
    throw new Refused(
      'revision and publish-revision cannot be given together: revision trains, publish-revision trains nothing.',
    )
  }
  if (readRunName(name) === null) throw new Refused(`publish-revision must be ${runNameForms}.`)
  return name
}

function readSwitch(name: Exclude<keyof typeof settingInputs, SecretInput>): boolean {
  const value = readBoolean(read(name))
  if (value === null) throw new Refused(`${name} must be true or false.`)
  return value
}

function readDuration(name: Exclude<keyof typeof settingInputs, SecretInput>): number {
  const duration = parseDuration(read(name))
  if (duration !== null) return duration
  throw new Refused(`${name} must be a number with a unit (s, m, h, d), such as 90s, 30m or 24h.`)
}
