import { isSameText } from '../domain/text/clean.ts'
import type { HubEvent } from './payload.ts'
import type { Sign } from './signature.ts'

/** The `client_payload` that the relay sends. Only `body` is trusted, once its signature has been verified. */
export interface Envelope {
  /** `namespace/name`, for `concurrency:` and `run-name:` expressions only. */
  dataset: string
  /** The new revision, for the same expressions only. */
  sha: string
  /** Delivery id. */
  id: string
  /** Unix seconds. */
  timestamp: number
  /** Standard Webhooks v1, over `{id}.{timestamp}.{body}`. */
  signature: string
  /** The allowed fields of the event, as JSON. */
  body: string
}

/**
 * Puts an event that passed the filter into a signed envelope. It copies an allow-list of fields: everyone who can read
 * the workflow run can read `client_payload`.
 *
 * @param options.event the event as the Hub sent it
 * @param options.ref the watched ref; its entry of `updatedRefs` is copied
 * @param options.revision the revision that the filter returned
 * @param options.id delivery id
 * @param options.sign signs with the webhook secret, which is not part of the envelope
 * @param options.now milliseconds since the epoch
 */
export async function sealEnvelope(options: {
  event: HubEvent
  ref: string
  revision: string
  id: string
  sign: Sign
  now: number
}): Promise<Envelope> {
  const { event, ref, revision, id, sign, now } = options
  const { type, name, id: repoId, private: isPrivate, headSha } = event.repo
  const entries = event.updatedRefs?.filter(
    (entry) => isSameText(entry.ref, ref) && entry.newSha === revision,
  )
  const body = JSON.stringify({
    event: event.event,
    repo: { type, name, id: repoId, private: isPrivate, headSha },
    updatedRefs: entries?.slice(0, 1),
    webhook: event.webhook,
  })
  const timestamp = Math.floor(now / 1000)
  const signature = await sign({ id, timestamp, body })
  return { dataset: name, sha: revision, id, timestamp, signature, body }
}
