import { parseJson } from '../domain/parse-json.ts'
import { deliveryId } from '../event/delivery-id.ts'
import { sealEnvelope } from '../event/envelope.ts'
import { type HubEvent, parseHubEvent } from '../event/payload.ts'
import type { Sign } from '../event/signature.ts'
import type { Dispatch, DispatchResult } from '../github/dispatch.ts'
import { type Answer, errorAnswer, jsonAnswer } from './answers.ts'
import { type IncomingRequest, maxBodyBytes, maxBodySize } from './incoming.ts'
import type { SentHeads } from './reconcile/sent-heads.ts'
import { createRenameSearch } from './renames.ts'
import type { RelaySettings } from './settings/settings.ts'
import { findTargets, type Target } from './targets.ts'

/** Every way in which a delivery can end. */
export const deliveryOutcomes = [
  'unauthorized',
  'forbidden',
  'busy',
  'too-large',
  'incomplete',
  'compressed',
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
  readonly outcome: (typeof deliveryOutcomes)[number]
  /** One sentence for the operator. */
  readonly reason: string
  readonly answer: Answer
  /** Known once the body is parsed. */
  readonly dataset?: string
  /** Whether a watched dataset has another name now, which the reason says. */
  readonly isRename?: boolean
  /** The repositories to which the event goes. */
  readonly repositories?: readonly string[]
  /** Those of them for which GitHub accepted the dispatch. */
  readonly accepted?: readonly string[]
}

/** Handles a request to `POST /webhook`. */
type Webhook = (request: IncomingRequest) => Promise<Delivery>

type Result = Omit<Delivery, 'id'>

/**
 * Creates the handler of deliveries: checks from cheap to expensive, then the filter, then the dispatch. It answers
 * 2xx only when GitHub accepted the event for every target. The Hub retries everything else, so no acknowledged event
 * can be lost.
 *
 * @param options.isKnownSecret checks a secret in constant time
 * @param options.sign signs the envelope
 * @param options.sentHeads learns which heads were sent, so that a reconcile does not send them again at once
 * @param options.randomBytes returns that many random bytes
 * @param options.now the time in milliseconds since the epoch
 */
export function createWebhook(options: {
  settings: RelaySettings
  dispatch: Dispatch
  isKnownSecret: (given: string) => Promise<boolean>
  sign: Sign
  sentHeads: SentHeads
  randomBytes: (count: number) => Uint8Array
  now: () => number
}): Webhook {
  const { settings, dispatch, isKnownSecret, sign, sentHeads, randomBytes, now } = options
  const findRename = createRenameSearch({ routes: settings.routes })
  let inFlight = 0

  const handleAuthenticated = async (request: IncomingRequest, id: string): Promise<Result> => {
    const bytes = await request.body(maxBodyBytes).catch(() => undefined)
    if (bytes === null)
      return result('too-large', `the request body is larger than ${maxBodySize}`, errorAnswer('tooLarge'))
    if (bytes === undefined) {
      return result('incomplete', 'the request body was incomplete', errorAnswer('incomplete'))
    }
    if (isCompressed(request, bytes)) {
      const reason = 'the request body is compressed: the proxy or the sender must send plain JSON'
      return result(
        'compressed',
        reason,
        errorAnswer('compressed', undefined, { 'accept-encoding': 'identity' }),
      )
    }
    const json = parseBody(bytes)
    if (json === undefined) return result('not-json', 'the request body is not JSON', errorAnswer('notJson'))
    const parsed = parseHubEvent(json)
    if (!parsed.ok) {
      const { fields } = parsed
      const reason = `missing or invalid fields: ${fields.join(', ')}`
      return result('not-an-event', reason, errorAnswer('notAnEvent', { fields }))
    }
    return route(parsed.event, id)
  }

  const route = async (event: HubEvent, id: string): Promise<Result> => {
    const dataset = event.repo.name
    const { targets, rule } = findTargets(event, settings.routes)
    const rename = findRename(event)
    const isRename = rename !== ''
    if (targets.length === 0) {
      const reason = rename || rule
      const answer = jsonAnswer(200, { processed: false, reason })
      return { outcome: 'ignored', reason, answer, dataset, isRename }
    }
    const results = await Promise.all(
      targets.map(async (target) => {
        const { ref, revision } = target
        const envelope = await sealEnvelope({ event, ref, revision, id, sign, now: now() })
        const result = await dispatch(target, envelope)
        if (result.outcome === 'accepted') sentHeads.add({ ...target, dataset })
        return result
      }),
    )
    const sent = summarize(id, targets, results)
    return { ...sent, reason: sent.reason + (rename && `; ${rename}`), dataset, isRename }
  }

  return async (request) => {
    const id = await deliveryId(request.header('webhook-id'), randomBytes)
    const secret = readSecret(request, settings.allowQuerySecret)
    if (secret === null) {
      return { id, ...result('unauthorized', 'the secret is missing', errorAnswer('secretMissing')) }
    }
    if (!(await isKnownSecret(secret))) {
      return { id, ...result('forbidden', 'the secret is wrong', errorAnswer('secretWrong')) }
    }
    if (inFlight >= settings.maxInFlight) {
      const answer = errorAnswer('busy', undefined, { 'retry-after': '5' })
      return { id, ...result('busy', `${inFlight} deliveries are in progress (MAX_IN_FLIGHT)`, answer) }
    }
    inFlight += 1
    try {
      return { id, ...(await handleAuthenticated(request, id)) }
    } finally {
      inFlight -= 1
    }
  }
}

function result(outcome: Result['outcome'], reason: string, answer: Answer): Result {
  return { outcome, reason, answer }
}

/** Returns null when the secret is absent or empty. */
function readSecret(request: IncomingRequest, allowQuery: boolean): string | null {
  return request.header('x-webhook-secret') || (allowQuery && request.query('secret')) || null
}

/**
 * By the header, or by the first bytes of gzip and Zstandard where a proxy took the header away. No text begins so.
 * https://www.rfc-editor.org/rfc/rfc9110#field.content-encoding
 */
function isCompressed(request: IncomingRequest, bytes: Uint8Array): boolean {
  const encoding = request.header('content-encoding')?.trim().toLowerCase() ?? ''
  if (!['', 'identity'].includes(encoding)) return parseBody(bytes) === undefined
  const [a, b] = bytes
  return (a === 0x1f && b === 0x8b) || (a === 0x28 && b === 0xb5)
}

const decoder = new TextDecoder('utf-8', { fatal: true })

function parseBody(bytes: Uint8Array): unknown {
  try {
    return parseJson(decoder.decode(bytes))
  } catch {
    return undefined
  }
}

/**
 * One answer for all targets: 2xx only if GitHub accepted all. A refusal, which the operator must fix, outranks an
 * outage, which passes.
 */
function summarize(id: string, targets: readonly Target[], results: readonly DispatchResult[]): Result {
  const repositoriesWhere = (matches: (result: DispatchResult) => boolean) => [
    ...new Set(
      targets.flatMap(({ repository }, n) => (results[n] && matches(results[n]) ? [repository] : [])),
    ),
  ]
  const repositories = repositoriesWhere(() => true)
  const accepted = repositoriesWhere(({ outcome }) => outcome === 'accepted')
  const failed = repositoriesWhere(({ outcome }) => outcome !== 'accepted')
  if (failed.length === 0) {
    const reason = `GitHub accepted the event for ${accepted.join(', ')}`
    const answer = jsonAnswer(202, { processed: true, id, dispatched: accepted })
    return { outcome: 'dispatched', reason, answer, repositories, accepted }
  }
  const reason = describeFailures(targets, results)
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

/** The reason of each failed dispatch, with the repository when there are several targets. */
function describeFailures(targets: readonly Target[], results: readonly DispatchResult[]): string {
  const reasons = results.flatMap((result, n) => {
    if (result.outcome === 'accepted') return []
    return targets.length === 1 ? [result.reason] : [`${targets[n]?.repository}: ${result.reason}`]
  })
  const isPassing = results.every(({ outcome }) => outcome !== 'refused')
  const next = isPassing ? ': nothing to do, the Hub sends the event again' : ''
  return `${[...new Set(reasons)].join('; ')}${next}`
}
