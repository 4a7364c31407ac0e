import { sealEnvelope } from '../../event/envelope.ts'
import { reconcileEvent, reconcileId } from '../../event/reconcile.ts'
import type { Sign } from '../../event/signature.ts'
import type { Dispatch } from '../../github/dispatch.ts'
import type { Clock } from '../../http/clock.ts'
import type { HubHead } from '../../hub/heads.ts'
import type { Route } from '../settings/routes.ts'
import type { SentHeads } from './sent-heads.ts'

/** How sending a head ended. `quiet`: it was sent a short time ago, and was not sent again. */
type Sent =
  | { readonly outcome: 'dispatched'; readonly id: string }
  | { readonly outcome: 'quiet' }
  | { readonly outcome: 'failed'; readonly reason: string }

/** Sends a signed reconcile envelope for a head to the repository of a route. */
export type SendHead = (route: Route, head: HubHead) => Promise<Sent>

/** Creates the function that sends heads, and remembers those that it sent a short time ago. */
export function createSendHead(options: {
  dispatch: Dispatch
  sign: Sign
  clock: Clock
  sentHeads: SentHeads
}): SendHead {
  const { dispatch, sign, clock, sentHeads } = options
  return async (route, head) => {
    const now = clock.now()
    const { ref, repository, eventType } = route
    const { name: dataset, revision } = head
    const sent = { repository, eventType, dataset, ref, revision }
    if (sentHeads.has(sent)) return { outcome: 'quiet' }
    // Before the answer, since another route may lead to the same head: under the name before a rename.
    sentHeads.add(sent)
    const seen = { ...head, dataset, ref }
    const id = await reconcileId(seen, now)
    const event = reconcileEvent(seen)
    const envelope = await sealEnvelope({ event, ref, revision, id, sign, now })
    const result = await dispatch({ repository, eventType }, envelope)
    if (result.outcome === 'accepted') return { outcome: 'dispatched', id }
    sentHeads.remove(sent)
    return { outcome: 'failed', reason: result.reason }
  }
}
