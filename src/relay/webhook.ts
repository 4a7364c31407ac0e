import { parseJson } from '../domain/parse-json.ts'
import { deliveryId } from '../event/delivery-id.ts'
import { sealEnvelope } from '../event/envelope.ts'
import { type HubEvent, parseHubEvent } from '../event/payload.ts'
import type { Sign } from '../event/signature.ts'
import type { Dispatch, DispatchResult } from '../github/dispatch.ts'
import { type Answer, errorAnswer, jsonAnswer } from './answers.ts'
import { type Incoming, maxBodyBytes } from './incoming.ts'
import { findTargets, type Target } from './routes.ts'
import type { RelaySettings } from './settings.ts'

/** Every way a delivery can end. */
export const outcomes = [
  'unauthorized',
  'forbidden',
  'busy',
  'too-large',
  'incomplete',
  'not-json',
  'not-an-event',
  'ignored',
  'dispatched',
  'refused',
  'unavailable',
] as const

/** How one delivery ended. */
export interface Delivery {
  readonly id: string
  readonly outcome: (typeof outcomes)[number]
  /** One sentence for the operator. */
  readonly reason: string
  readonly answer: Answer
  /** Known once the body was understood. */
  readonly dataset?: string
  /** The repositories it was for. */
  readonly repositories?: readonly string[]
  /** Those of them that have accepted. */
  readonly accepted?: readonly string[]
}

/** Whether a secret that came with a request is one of the relay's. */
export type SecretCheck = (given: string) => boolean | Promise<boolean>

/** What happens to the requests at `POST /webhook`. */
export type Webhook = (incoming: Incoming) => Promise<Delivery>

type Ending = Omit<Delivery, 'id'>

/**
 * Makes the handler of deliveries: guards from cheap to dear, then the filter, then the dispatch. It answers 2xx
 * only when every target has accepted, so that whatever else happens is retried by the Hub and nothing that was
 * acknowledged can be lost.
 *
 * @param options.sign signs what is dispatched
 * @param options.isOurSecret takes the same time whatever it is given
 * @param options.randomBytes gives that many random bytes
 * @param options.now milliseconds since the epoch
 */
export function createWebhook(options: {
  settings: RelaySettings
  dispatch: Dispatch
  isOurSecret: SecretCheck
  sign: Sign
  randomBytes: (count: number) => Uint8Array
  now: () => number
}): Webhook {
  const { settings, dispatch, isOurSecret, sign, randomBytes, now } = options
  let inFlight = 0

  const afterSecret = async (incoming: Incoming, id: string): Promise<Ending> => {
    const bytes = await incoming.body(maxBodyBytes).catch(() => undefined)
    if (bytes === null) return ending('too-large', 'the body has more than 1 MiB', errorAnswer('tooLarge'))
    if (bytes === undefined) {
      return ending('incomplete', 'the body did not arrive to its end', errorAnswer('incomplete'))
    }
    const json = parseBody(bytes)
    if (json === undefined) return ending('not-json', 'the body is not JSON', errorAnswer('notJson'))
    const parsed = parseHubEvent(json)
    if (!parsed.ok) {
      const { fields } = parsed
      return ending(
        'not-an-event',
        `missing or wrong: ${fields.join(', ')}`,
        errorAnswer('notAnEvent', { fields }),
      )
    }
    return route(parsed.event, id)
  }

  const route = async (event: HubEvent, id: string): Promise<Ending> => {
    const dataset = event.repo.name
    const { targets, rule } = findTargets(event, settings.routes)
    if (targets.length === 0) {
      const answer = jsonAnswer(200, { processed: false, reason: rule })
      return { outcome: 'ignored', reason: rule, answer, dataset }
    }
    const results = await Promise.all(
      targets.map(async (target) => {
        const { ref, revision } = target
        return dispatch(target, await sealEnvelope({ event, ref, revision, id, sign, now: now() }))
      }),
    )
    return { ...summarize(id, targets, results), dataset }
  }

  return async (incoming) => {
    const id = await deliveryId(incoming.header('webhook-id'), randomBytes)
    const secret = readSecret(incoming, settings.allowQuerySecret)
    if (secret === null) {
      return { id, ...ending('unauthorized', 'the secret is missing', errorAnswer('secretMissing')) }
    }
    if (!(await isOurSecret(secret))) {
      return { id, ...ending('forbidden', 'the secret is wrong', errorAnswer('secretWrong')) }
    }
    if (inFlight >= settings.maxInFlight) {
      const answer = errorAnswer('busy', undefined, { 'retry-after': '5' })
      return { id, ...ending('busy', `${inFlight} deliveries are under way (MAX_IN_FLIGHT)`, answer) }
    }
    inFlight += 1
    try {
      return { id, ...(await afterSecret(incoming, id)) }
    } finally {
      inFlight -= 1
    }
  }
}

function ending(outcome: Ending['outcome'], reason: string, answer: Answer): Ending {
  return { outcome, reason, answer }
}

/** Null when there is none or it is empty. */
function readSecret(incoming: Incoming, allowQuery: boolean): string | null {
  return incoming.header('x-webhook-secret') || (allowQuery && incoming.query('secret')) || null
}

const decoder = new TextDecoder('utf-8', { fatal: true })

function parseBody(bytes: Uint8Array): unknown {
  try {
    return parseJson(decoder.decode(bytes))
  } catch {
    return undefined
  }
}

/** One answer for all targets: 2xx only if all accepted; a refusal, which needs a person, comes before a delay. */
function summarize(id: string, targets: readonly Target[], results: readonly DispatchResult[]): Ending {
  const named = (wanted: (result: DispatchResult) => boolean) => [
    ...new Set(
      targets.flatMap(({ repository }, n) => (results[n] && wanted(results[n]) ? [repository] : [])),
    ),
  ]
  const repositories = named(() => true)
  const accepted = named(({ outcome }) => outcome === 'accepted')
  const failed = named(({ outcome }) => outcome !== 'accepted')
  if (failed.length === 0) {
    const reason = `GitHub accepted for ${accepted.join(', ')}`
    const answer = jsonAnswer(202, { processed: true, id, dispatched: accepted })
    return { outcome: 'dispatched', reason, answer, repositories, accepted }
  }
  const reason = explain(targets, results)
  const details = targets.length === 1 ? undefined : { dispatched: accepted, failed }
  if (results.some(({ outcome }) => outcome === 'refused')) {
    return { outcome: 'refused', reason, answer: errorAnswer('refused', details), repositories, accepted }
  }
  const waits = results.flatMap((result) =>
    result.outcome === 'unavailable' ? [result.retryAfterSeconds] : [],
  )
  const answer = errorAnswer('unavailable', details, { 'retry-after': String(Math.max(...waits)) })
  return { outcome: 'unavailable', reason, answer, repositories, accepted }
}

/** Why each that has not accepted did not; of several targets each is named. */
function explain(targets: readonly Target[], results: readonly DispatchResult[]): string {
  const reasons = results.flatMap((result, n) => {
    if (result.outcome === 'accepted') return []
    return targets.length === 1 ? [result.reason] : [`${targets[n]?.repository}: ${result.reason}`]
  })
  return [...new Set(reasons)].join('; ')
}
