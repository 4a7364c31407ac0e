import type { HubEvent } from './payload.ts'
import type { Sign } from './signature.ts'

/** What the relay sends as `client_payload`: six keys, of which only `body` counts once its signature is good. */
export interface Envelope {
  /** `namespace/name`, for `concurrency:` and `run-name:` expressions only. */
  dataset: string
  /** The new revision, for expressions only. */
  sha: string
  /** Delivery id. */
  id: string
  /** Unix seconds. */
  timestamp: number
  /** Standard Webhooks v1, over `{id}.{timestamp}.{body}`. */
  signature: string
  /** The allow-listed part of the event, as JSON. */
  body: string
}

/**
 * Puts an event that passed the filter into a signed envelope. Only an allow-list of the event goes in:
 * `client_payload` can be read by everyone who can read the workflow run.
 *
 * @param options.event the event as the Hub sent it
 * @param options.ref the watched ref, whose entry of `updatedRefs` passed
 * @param options.revision the revision that the filter returned
 * @param options.id delivery id
 * @param options.sign signs with the webhook secret, which stays here
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
  const entries = event.updatedRefs?.filter((entry) => entry.ref === ref && entry.newSha === revision)
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
