import * as z from 'zod/mini'
import { defaultRef } from '../../domain/revision.ts'
import { cleanText, readBoolean } from '../../domain/text/clean.ts'
import { readNumber } from '../../domain/text/number.ts'
import { Refused } from '../../domain/verdict.ts'
import { minSigningSecretLength, webhookSecretPattern } from '../../event/signature.ts'
import type { Credentials } from '../../github/tokens.ts'
import { parseEndpoint } from '../../http/endpoint.ts'
import { parseDuration } from '../../recipe/duration.ts'
import { readCredentials } from './credentials.ts'
import {
  anyDataset,
  datasetName,
  eventType,
  namesOne,
  parseRoutes,
  type Route,
  repositoryName,
} from './routes.ts'
import { type Environment, given, invalidSetting, refusePlaceholder } from './variables.ts'

export type { Environment } from './variables.ts'

/** The settings of the relay on every platform. */
export interface RelaySettings {
  /** `WEBHOOK_SECRET`, which also signs, then `WEBHOOK_SECRET_PREVIOUS` when it is set. */
  readonly secrets: readonly [string, ...string[]]
  /** Whether the Hub may send the secret as `?secret=`. @default false */
  readonly allowQuerySecret: boolean
  readonly routes: readonly Route[]
  readonly credentials: Credentials
  /** GitHub's API, without a slash at its end. */
  readonly apiUrl: string
  /** GitHub's web pages, for links. */
  readonly serverUrl: string
  /** Opens the list of deliveries; null: there is no such list. */
  readonly adminToken: string | null
  /** Limit of deliveries in progress at the same time. @default 512 */
  readonly maxInFlight: number
  /** How the relay looks for heads that no webhook reported. */
  readonly reconcile: ReconcileSettings
}

/** How the relay reads the Hub, and how often. */
interface ReconcileSettings {
  /** `HF_ENDPOINT`, without a slash at its end. */
  readonly hubUrl: string
  /** Reads private datasets; null: only public ones can be read. */
  readonly hubToken: string | null
  /**
   * How often it looks, in milliseconds. Where a cron starts each look, it says how often that is: then a head that no
   * recipe takes up is sent hourly or daily. Null: nothing says how often, and every look sends such a head.
   */
  readonly everyMs: number | null
}

/** The address on which the Node adapter listens. */
export interface ListenSettings {
  /** 0: any free port. @default 7860 */
  readonly port: number
  /** @default '0.0.0.0' */
  readonly host: string
}

/**
 * Reads the relay's settings. An empty or blank variable counts as not set.
 *
 * @throws Refused with one sentence that names the first wrong variable and what is allowed
 */
export function readSettings(env: Environment): RelaySettings {
  const secret = readSecret(env, 'WEBHOOK_SECRET')
  if (secret === undefined) {
    throw new Refused(
      'WEBHOOK_SECRET is not set: generate one with `openssl rand -hex 32` and give it to both the webhook and the relay.',
    )
  }
  const previous = readSecret(env, 'WEBHOOK_SECRET_PREVIOUS')
  return {
    secrets: previous === undefined ? [secret] : [secret, previous],
    allowQuerySecret: readSwitch(env, 'ALLOW_QUERY_SECRET'),
    routes: readRoutes(env),
    credentials: readCredentials(env),
    apiUrl: readApiUrl(env),
    serverUrl: parseEndpoint('GITHUB_SERVER_URL', given(env, 'GITHUB_SERVER_URL') ?? 'https://github.com'),
    adminToken: readSecret(env, 'RELAY_ADMIN_TOKEN') ?? null,
    maxInFlight: readWhole(env, 'MAX_IN_FLIGHT', { min: 1, max: 100_000, fallback: 512 }),
    reconcile: {
      hubUrl: parseEndpoint('HF_ENDPOINT', given(env, 'HF_ENDPOINT') ?? 'https://huggingface.co'),
      hubToken: readHubToken(env),
      everyMs: readEvery(env),
    },
  }
}

/**
 * Checks that there is something to reconcile: the Hub is asked for datasets by their names.
 *
 * @param asked what asks for it, to begin the sentence
 * @throws Refused when no route names a dataset
 */
export function checkReconcilable({ routes }: Pick<RelaySettings, 'routes'>, asked: string): void {
  if (routes.some(namesOne)) return
  throw new Refused(
    `${asked} needs datasets by their full names: set INPUT_DATASET to namespace/name, or name them in RELAY_ROUTES.`,
  )
}

/**
 * Reads the address on which the Node adapter listens.
 *
 * @throws Refused when `PORT` is not a port
 */
export function readListenSettings(env: Environment): ListenSettings {
  return {
    port: readWhole(env, 'PORT', { min: 0, max: 65_535, fallback: 7860 }),
    host: given(env, 'HOST') ?? '0.0.0.0',
  }
}

/** Every secret in the settings, for the log to hide. A private key is split into lines, so that each is hidden. */
export function secretsOf({ secrets, credentials, adminToken, reconcile }: RelaySettings): string[] {
  const forGitHub =
    credentials.kind === 'token' ? [credentials.token] : credentials.privateKey.split(/\\n|\s+/)
  const others = [adminToken, reconcile.hubToken].filter((secret) => secret !== null)
  return [...secrets, ...forGitHub, ...others]
}

/** Only what no token of the Hub can be is refused. https://huggingface.co/docs/hub/security-tokens */
function readHubToken(env: Environment): string | null {
  const token = given(env, 'HF_TOKEN')
  if (token === undefined) return null
  if (/^hf_[\w.-]{10,}$/.test(token)) return token
  throw new Refused('HF_TOKEN must be a token of Hugging Face (hf_...): one with read access is enough.')
}

const everyRule = 'must be a duration from 1m to 24h, such as 15m'
const minEveryMs = 60_000
const maxEveryMs = 24 * 60 * minEveryMs

function readEvery(env: Environment): number | null {
  const value = given(env, 'RECONCILE_EVERY')
  if (value === undefined) return null
  const everyMs = parseDuration(value)
  if (everyMs !== null && everyMs >= minEveryMs && everyMs <= maxEveryMs) return everyMs
  throw invalidSetting('RECONCILE_EVERY', everyRule, value)
}

function readSecret(env: Environment, name: string): string | undefined {
  // No header can carry what stands around a secret. Quotes it may have.
  const value = cleanText(env[name] ?? '')
  if (value === '') return undefined
  refusePlaceholder(name, value)
  if (!webhookSecretPattern.test(value)) {
    throw invalidSetting(name, 'must be printable ASCII on one line, as the Hub requires')
  }
  if (value.length < minSigningSecretLength) {
    throw new Refused(
      `${name} is too short: it has ${value.length} of at least ${minSigningSecretLength} characters. Generate one with \`openssl rand -hex 32\`.`,
    )
  }
  return value
}

/** GitHub's web pages answer every request of the API with a page, and so with success. */
function readApiUrl(env: Environment): string {
  const url = parseEndpoint('GITHUB_API_URL', given(env, 'GITHUB_API_URL') ?? 'https://api.github.com')
  if (!/^https:\/\/(?:www\.)?github\.com(?:\/|$)/.test(url)) return url
  throw new Refused(
    'GITHUB_API_URL is the address of the web pages: leave it out, or set it to https://api.github.com.',
  )
}

function readRoutes(env: Environment): Route[] {
  const type = check(eventType, 'EVENT_TYPE', given(env, 'EVENT_TYPE') ?? 'hub-webhook')
  const repository = given(env, 'GITHUB_REPOSITORY')
  const datasets = given(env, 'INPUT_DATASET')
  const routes = given(env, 'RELAY_ROUTES')
  if (routes !== undefined) {
    if (repository === undefined && datasets === undefined) return parseRoutes(routes, type)
    const other = repository === undefined ? 'INPUT_DATASET' : 'GITHUB_REPOSITORY'
    throw new Refused(`${other} and RELAY_ROUTES are both set: set only one of them.`)
  }
  if (repository === undefined) {
    throw new Refused(
      'GITHUB_REPOSITORY is not set: set it to the repository with the workflow, as owner/name.',
    )
  }
  const target = check(repositoryName, 'GITHUB_REPOSITORY', repository)
  const patterns = (datasets ?? anyDataset)
    .split(/[,\r\n]/)
    .map(cleanText)
    .filter((dataset) => dataset !== '')
  if (patterns.length === 0) {
    throw invalidSetting('INPUT_DATASET', 'must name at least one dataset as namespace/name', datasets)
  }
  return [...new Set(patterns)].map((dataset) => ({
    dataset: check(datasetName, 'INPUT_DATASET', dataset),
    repository: target,
    eventType: type,
    ref: defaultRef,
    id: null,
    models: [],
  }))
}

function check(schema: z.ZodMiniType<string>, name: string, value: string): string {
  const result = z.safeParse(schema, value)
  if (result.success) return result.data
  throw invalidSetting(name, String(result.error.issues[0]?.message), value)
}

function readSwitch(env: Environment, name: string): boolean {
  const value = given(env, name) ?? 'false'
  const isOn = readBoolean(value)
  if (isOn === null) throw invalidSetting(name, 'must be true or false', value)
  return isOn
}

function readWhole(
  env: Environment,
  name: string,
  { min, max, fallback }: { min: number; max: number; fallback: number },
): number {
  const value = given(env, name)
  if (value === undefined) return fallback
  const number = readNumber(value)
  if (number !== null && Number.isInteger(number) && number >= min && number <= max) return number
  throw invalidSetting(name, `must be a whole number from ${min} to ${max}`, value)
}
