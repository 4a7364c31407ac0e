import * as z from 'zod/mini'
import { parseJson } from '../domain/parse-json.ts'
import { Refused } from '../domain/verdict.ts'
import { isDeliveryId } from './delivery-id.ts'
import { type HubEvent, parseHubEvent } from './payload.ts'
import { createSecretCheck } from './same-secret.ts'
import { verify } from './signature.ts'

/** An envelope that was found good. */
export interface OpenedEnvelope {
  event: HubEvent
  /** Delivery id. */
  id: string
  /** True when it carried the secret itself in place of a signature. */
  plainSecret: boolean
}

const maxSecondsAhead = 600

const envelopeSchema = z.object({
  dataset: z.string(),
  sha: z.string(),
  id: z.string(),
  timestamp: z.int(),
  signature: z.optional(z.string()),
  secret: z.optional(z.string()),
  body: z.string(),
})

/** What an envelope is held against. */
export interface OpenOptions {
  /** The webhook secret and, while it is being rotated, the previous one. */
  secrets: readonly string[]
  /** Milliseconds since the epoch. */
  now: number
  /** The oldest envelope that is taken, in milliseconds; null takes any age (a person re-runs the workflow). */
  maxAge: number | null
  /** Whether a relay written by somebody else may send `secret` in place of `signature`. */
  allowPlainSecret: boolean
}

/**
 * Checks an envelope and takes the event out of it.
 *
 * @param payload `client_payload` of the `repository_dispatch`, not yet trusted
 * @throws Refused with the sentence that tells a person what is wrong and what to do
 */
export async function openEnvelope(payload: unknown, options: OpenOptions): Promise<OpenedEnvelope> {
  const parsed = envelopeSchema.safeParse(payload)
  if (!parsed.success) {
    const fields = [...new Set(parsed.error.issues.map((issue) => String(issue.path[0] ?? 'client_payload')))]
    throw new Refused(
      `The dispatch carries no envelope of the relay (missing or wrong: ${fields.join(', ')}): ` +
        'send it through the relay, or start the workflow by hand.',
    )
  }
  const envelope = parsed.data
  if (!isDeliveryId(envelope.id)) {
    throw new Refused('The delivery id of the envelope may hold 1 to 128 letters, digits, "_" and "-" only.')
  }
  const plainSecret = await checkAuthenticity(envelope, options)
  checkAge(envelope.timestamp, options)
  return { event: readBody(envelope), id: envelope.id, plainSecret }
}

type ParsedEnvelope = z.infer<typeof envelopeSchema>

async function checkAuthenticity(envelope: ParsedEnvelope, options: OpenOptions): Promise<boolean> {
  const { secrets, allowPlainSecret } = options
  if (envelope.signature !== undefined) {
    if (await verify(envelope, envelope.signature, secrets)) return false
    throw new Refused(
      'The signature of the envelope is not made with webhook-secret: ' +
        'give the relay (WEBHOOK_SECRET) and the workflow (webhook-secret) the same secret.',
    )
  }
  if (envelope.secret === undefined) {
    throw new Refused('The envelope has no signature: use the relay of auto-retrain, which signs.')
  }
  if (!allowPlainSecret) {
    throw new Refused(
      'The envelope carries the secret itself in place of a signature, where everyone who can read the run ' +
        'reads it: use a relay that signs, change the secret, or accept it with allow-plain-secret: true.',
    )
  }
  if (await createSecretCheck(secrets)(envelope.secret)) return true
  throw new Refused('The secret in the envelope is not webhook-secret: give the relay the same one.')
}

function checkAge(timestamp: number, { now, maxAge }: OpenOptions): void {
  const age = Math.floor(now / 1000) - timestamp
  if (age < -maxSecondsAhead) {
    throw new Refused(
      `The envelope is from ${-age} seconds in the future (at most ${maxSecondsAhead} are allowed): ` +
        'set the clock of the relay or of the runner.',
    )
  }
  if (maxAge !== null && age * 1000 > maxAge) {
    throw new Refused(
      `The envelope is ${age} seconds old (max-age allows ${Math.floor(maxAge / 1000)}): ` +
        'start the workflow by hand, replay the event on the Hub, or raise max-age.',
    )
  }
}

function readBody({ body, dataset, sha }: ParsedEnvelope): HubEvent {
  const parsed = parseHubEvent(parseJson(body))
  if (!parsed.ok) {
    throw new Refused(
      `The signed body of the envelope is not an event of the Hub (wrong: ${parsed.fields.join(', ')}): ` +
        'update the relay and the action to the same version.',
    )
  }
  const { event } = parsed
  const revisions = [event.repo.headSha, ...(event.updatedRefs ?? []).map(({ newSha }) => newSha)]
  if (dataset !== event.repo.name) throw differs('dataset')
  if (!revisions.includes(sha)) throw differs('sha')
  return event
}

function differs(key: 'dataset' | 'sha'): Refused {
  return new Refused(
    `The envelope's "${key}" is not what its signed body says: it was changed on the way; replay the event.`,
  )
}
