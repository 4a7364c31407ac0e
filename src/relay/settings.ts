import * as z from 'zod/mini'
import { defaultRef } from '../domain/revision.ts'
import { Refused } from '../domain/verdict.ts'
import { minSigningSecretLength } from '../event/signature.ts'
import type { Credentials } from '../github/tokens.ts'
import { parseEndpoint } from '../http/endpoint.ts'
import { anyDataset, datasetName, eventType, parseRoutes, type Route, repositoryName } from './routes.ts'

/** Environment variables, wherever a platform keeps them. */
export type Environment = Readonly<Record<string, string | undefined>>

/** What the portable relay is told. */
export interface RelaySettings {
  /** `WEBHOOK_SECRET`, then `WEBHOOK_SECRET_PREVIOUS` when there is one. The first signs. */
  readonly secrets: readonly [string, ...string[]]
  /** Whether the Hub may send the secret as `?secret=`. @default false */
  readonly allowQuerySecret: boolean
  readonly routes: readonly Route[]
  readonly credentials: Credentials
  /** GitHub's API, without a slash at its end. */
  readonly apiUrl: string
  /** GitHub's pages, for links. */
  readonly serverUrl: string
  /** Opens the list of deliveries; null keeps it shut. */
  readonly adminToken: string | null
  /** Deliveries that may be under way at once. @default 512 */
  readonly maxInFlight: number
}

/** Where the Node adapter listens. */
export interface ListenSettings {
  /** 0 takes a free one. @default 7860 */
  readonly port: number
  /** @default '0.0.0.0' */
  readonly host: string
}

/** What the Hub allows in a secret. https://huggingface.co/docs/hub/webhooks#webhook-secret */
const secretPattern = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/

/**
 * Reads the relay's settings; a variable that is empty or blank counts as not set.
 *
 * @throws Refused with one sentence that names the first variable that is wrong
 */
export function readSettings(env: Environment): RelaySettings {
  const secret = readSecret(env, 'WEBHOOK_SECRET')
  if (secret === undefined) {
    throw new Refused(
      'WEBHOOK_SECRET is not set: make one with `openssl rand -hex 32` and give it to the webhook and the relay.',
    )
  }
  const previous = readSecret(env, 'WEBHOOK_SECRET_PREVIOUS')
  return {
    secrets: previous === undefined ? [secret] : [secret, previous],
    allowQuerySecret: readSwitch(env, 'ALLOW_QUERY_SECRET'),
    routes: readRoutes(env),
    credentials: readCredentials(env),
    apiUrl: parseEndpoint('GITHUB_API_URL', given(env, 'GITHUB_API_URL') ?? 'https://api.github.com'),
    serverUrl: parseEndpoint('GITHUB_SERVER_URL', given(env, 'GITHUB_SERVER_URL') ?? 'https://github.com'),
    adminToken: readSecret(env, 'RELAY_ADMIN_TOKEN') ?? null,
    maxInFlight: readWhole(env, 'MAX_IN_FLIGHT', { least: 1, most: 100_000, otherwise: 512 }),
  }
}

/**
 * Reads where to listen.
 *
 * @throws Refused when `PORT` is not a port
 */
export function readListenSettings(env: Environment): ListenSettings {
  return {
    port: readWhole(env, 'PORT', { least: 0, most: 65_535, otherwise: 7860 }),
    host: given(env, 'HOST') ?? '0.0.0.0',
  }
}

/** Everything in the settings that must never be seen; a key line by line, because a part of it is as bad. */
export function secretsOf({ secrets, credentials, adminToken }: RelaySettings): string[] {
  const ours = credentials.kind === 'token' ? [credentials.token] : credentials.privateKey.split(/\\n|\s+/)
  return [...secrets, ...ours, ...(adminToken === null ? [] : [adminToken])]
}

function given(env: Environment, name: string): string | undefined {
  const value = env[name]
  return value === undefined || value.trim() === '' ? undefined : value.trim()
}

function readSecret(env: Environment, name: string): string | undefined {
  if (given(env, name) === undefined) return undefined
  const value = env[name] ?? ''
  if (!secretPattern.test(value)) {
    throw new Refused(`${name} may hold printable ASCII only, without white space around it.`)
  }
  if (value.length < minSigningSecretLength) {
    throw new Refused(
      `${name} has ${value.length} characters, at least ${minSigningSecretLength} are needed: make one with \`openssl rand -hex 32\`.`,
    )
  }
  return value
}

function readRoutes(env: Environment): Route[] {
  const type = check(eventType, 'EVENT_TYPE', given(env, 'EVENT_TYPE') ?? 'hub-webhook')
  const repository = given(env, 'GITHUB_REPOSITORY')
  const datasets = given(env, 'INPUT_DATASET')
  const routes = given(env, 'RELAY_ROUTES')
  if (routes !== undefined) {
    const other = repository === undefined ? 'INPUT_DATASET' : 'GITHUB_REPOSITORY'
    if (repository === undefined && datasets === undefined) return parseRoutes(routes, type)
    throw new Refused(`${other} and RELAY_ROUTES both say where events go: set one of them.`)
  }
  if (repository === undefined) {
    throw new Refused(
      'GITHUB_REPOSITORY is not set: give the repository whose workflow retrains, as owner/name.',
    )
  }
  const target = check(repositoryName, 'GITHUB_REPOSITORY', repository)
  const patterns = (datasets ?? anyDataset)
    .split(',')
    .map((dataset) => dataset.trim())
    .filter((dataset) => dataset !== '')
  if (patterns.length === 0) throw new Refused('INPUT_DATASET names no dataset: write namespace/name.')
  return patterns.map((dataset) => ({
    dataset: check(datasetName, 'INPUT_DATASET', dataset),
    repository: target,
    eventType: type,
    ref: defaultRef,
  }))
}

function readCredentials(env: Environment): Credentials {
  const token = given(env, 'GITHUB_TOKEN')
  const appId = given(env, 'GITHUB_APP_ID')
  const privateKey = given(env, 'GITHUB_APP_PRIVATE_KEY')
  if (appId === undefined && privateKey === undefined) {
    if (token === undefined) {
      throw new Refused(
        'GITHUB_TOKEN is not set: make a fine-grained token with Contents: read and write on the one repository, ' +
          'or set GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY.',
      )
    }
    if (!/^[\x21-\x7e]+$/.test(token)) throw new Refused('GITHUB_TOKEN has characters that no token has.')
    return { kind: 'token', token }
  }
  if (token !== undefined) throw new Refused('GITHUB_TOKEN and GITHUB_APP_* are both set: set one of them.')
  if (appId === undefined) throw new Refused('GITHUB_APP_ID is not set, GITHUB_APP_PRIVATE_KEY is: set both.')
  if (privateKey === undefined) {
    throw new Refused('GITHUB_APP_PRIVATE_KEY is not set, GITHUB_APP_ID is: set both.')
  }
  if (!/^\w{1,64}$/.test(appId)) throw new Refused("GITHUB_APP_ID must be the App's id or its client id.")
  if (!/^-----BEGIN (RSA )?PRIVATE KEY-----/.test(privateKey)) {
    throw new Refused(
      'GITHUB_APP_PRIVATE_KEY must be the text of the .pem file (line ends may be written as \\n).',
    )
  }
  return { kind: 'app', appId, privateKey }
}

function check(schema: z.ZodMiniType<string>, name: string, value: string): string {
  const result = z.safeParse(schema, value)
  if (result.success) return result.data
  throw new Refused(`${name} ${result.error.issues[0]?.message}.`)
}

function readSwitch(env: Environment, name: string): boolean {
  const value = given(env, name) ?? 'false'
  if (value !== 'true' && value !== 'false') throw new Refused(`${name} must be true or false.`)
  return value === 'true'
}

function readWhole(
  env: Environment,
  name: string,
  { least, most, otherwise }: { least: number; most: number; otherwise: number },
): number {
  const value = given(env, name)
  if (value === undefined) return otherwise
  const number = /^\d{1,6}$/.test(value) ? Number(value) : Number.NaN
  if (number >= least && number <= most) return number
  throw new Refused(`${name} must be a whole number from ${least} to ${most}.`)
}
