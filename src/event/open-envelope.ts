import * as z from 'zod/mini'
import { parseJson } from '../domain/parse-json.ts'
import { Refused } from '../domain/verdict.ts'
import { isDeliveryId } from './delivery-id.ts'
import { type HubEvent, parseHubEvent } from './payload.ts'
import { reconcileIdPrefix } from './reconcile.ts'
import { createSecretCheck } from './same-secret.ts'
import { verify } from './signature.ts'

/** The content of a valid envelope. */
export interface OpenedEnvelope {
  event: HubEvent
  /** Delivery id. */
  id: string
  /** True when it contained the secret itself instead of a signature. */
  plainSecret: boolean
}

/** Allows for clocks that differ: the relay and the runner are different machines. */
const maxAheadSeconds = 600

const envelopeSchema = z.object({
  dataset: z.string(),
  sha: z.string(),
  id: z.string(),
  timestamp: z.int(),
  signature: z.optional(z.string()),
  secret: z.optional(z.string()),
  body: z.string(),
})

/** How to check an envelope. */
export interface OpenOptions {
  /** The webhook secret and, during a rotation, the previous one. */
  secrets: readonly string[]
  /** Milliseconds since the epoch. */
  now: number
  /** The age limit of an envelope; null for none, when a person re-runs the workflow. */
  maxAgeMs: number | null
  /** Whether an envelope may contain `secret` instead of `signature`, as the relays of other projects do. */
  allowPlainSecret: boolean
}

/**
 * Checks an envelope and returns its event.
 *
 * @param payload `client_payload` of the `repository_dispatch`, not trusted
 * @throws Refused with what is wrong and what to do
 */
export async function openEnvelope(payload: unknown, options: OpenOptions): Promise<OpenedEnvelope> {
  const parsed = envelopeSchema.safeParse(payload)
  if (!parsed.success) {
    const fields = [...new Set(parsed.error.issues.map((issue) => String(issue.path[0] ?? 'client_payload')))]
    throw new Refused(
      `The repository_dispatch has no valid envelope (missing or wrong: ${fields.join(', ')}): ` +
        'send events through the relay, or start the workflow by hand.',
    )
  }
  const envelope = parsed.data
  if (!isDeliveryId(envelope.id)) {
    throw new Refused('The id of the envelope must be 1 to 128 letters, digits, "_" or "-".')
  }
  const plainSecret = await checkAuthenticity(envelope, options)
  checkAge(envelope, options)
  return { event: readBody(envelope), id: envelope.id, plainSecret }
}

type ParsedEnvelope = z.infer<typeof envelopeSchema>

async function checkAuthenticity(envelope: ParsedEnvelope, options: OpenOptions): Promise<boolean> {
  const { secrets, allowPlainSecret } = options
  if (envelope.signature !== undefined) {
    if (await verify(envelope, envelope.signature, secrets)) return false
    throw new Refused(
      'The envelope was not signed with webhook-secret: ' +
        'set the same secret in the relay (WEBHOOK_SECRET) and the workflow (webhook-secret).',
    )
  }
  if (envelope.secret === undefined) {
    throw new Refused(
      'The envelope has no signature: send events through the relay of auto-retrain, which signs them.',
    )
  }
  if (!allowPlainSecret) {
    throw new Refused(
      'The envelope contains the secret itself instead of a signature, visible to everyone who can read the workflow ' +
        'run: use a relay that signs and change the secret, or accept this with allow-plain-secret: true.',
    )
  }
  if (await createSecretCheck(secrets)(envelope.secret)) return true
  throw new Refused(
    'The secret in the envelope differs from webhook-secret: set the same one in the relay and the workflow.',
  )
}

function checkAge({ id, timestamp }: ParsedEnvelope, { now, maxAgeMs }: OpenOptions): void {
  const ageSeconds = Math.floor(now / 1000) - timestamp
  if (ageSeconds < -maxAheadSeconds) {
    throw new Refused(
      `The envelope is dated ${-ageSeconds} seconds in the future (at most ${maxAheadSeconds} are allowed): ` +
        'correct the clock of the relay or the runner.',
    )
  }
  if (maxAgeMs !== null && ageSeconds * 1000 > maxAgeMs) {
    throw new Refused(
      `The envelope is ${ageSeconds} seconds old (max-age allows ${Math.floor(maxAgeMs / 1000)}): ` +
        `start the workflow by hand, ${isOfCheck(id) ? "wait for the relay's next check" : 'replay the event on the Hub'}, ` +
        'or raise max-age.',
    )
  }
}

function readBody({ id, body, dataset, sha }: ParsedEnvelope): HubEvent {
  const parsed = parseHubEvent(parseJson(body))
  if (!parsed.ok) {
    throw new Refused(
      `The signed body of the envelope is not a Hub event (missing or wrong: ${parsed.fields.join(', ')}): ` +
        'use the same version of the relay and the action.',
    )
  }
  const { event } = parsed
  const revisions = [event.repo.headSha, ...(event.updatedRefs ?? []).map(({ newSha }) => newSha)]
  if (dataset !== event.repo.name) throw mismatch('dataset', id)
  if (!revisions.includes(sha)) throw mismatch('sha', id)
  return event
}

function mismatch(key: 'dataset' | 'sha', id: string): Refused {
  const next = isOfCheck(id) ? "The relay's next check sends another." : 'Replay the event on the Hub.'
  return new Refused(
    `The envelope's "${key}" does not match its signed body: it was changed on the way. ${next}`,
  )
}

/** Whether the relay's own check made the envelope, for the advice: there is no event that could be replayed. */
function isOfCheck(id: string): boolean {
  return id.startsWith(reconcileIdPrefix)
}
