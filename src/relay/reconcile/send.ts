import { sealEnvelope } from '../../event/envelope.ts'
import { reconcileEvent, reconcileId } from '../../event/reconcile.ts'
import type { Sign } from '../../event/signature.ts'
import type { Dispatch } from '../../github/dispatch.ts'
import type { Clock } from '../../http/clock.ts'
import type { HubHead } from '../../hub/heads.ts'
import type { Route } from '../settings/routes.ts'

/** How sending a head ended. `quiet`: it was sent a short time ago, and was not sent again. */
export type Sent =
  | { readonly outcome: 'dispatched'; readonly id: string }
  | { readonly outcome: 'quiet' }
  | { readonly outcome: 'failed'; readonly reason: string }

/** Sends a signed reconcile envelope for a head to the repository of a route. */
export type SendHead = (route: Route, head: HubHead) => Promise<Sent>

/** The same process does not send the same head again within this time. */
const quietMs = 30 * 60_000

/** Creates the function that sends heads, and remembers those that it sent a short time ago. */
export function createSendHead(options: { dispatch: Dispatch; sign: Sign; clock: Clock }): SendHead {
  const { dispatch, sign, clock } = options
  const sent = new Map<string, number>()
  return async (route, head) => {
    const now = clock.now()
    const { ref, repository, eventType } = route
    const { name: dataset, revision } = head
    for (const [key, at] of sent) if (now - at >= quietMs) sent.delete(key)
    const key = JSON.stringify([repository, eventType, ref, dataset, revision])
    if (sent.has(key)) return { outcome: 'quiet' }
    const seen = { ...head, dataset, ref }
    const id = await reconcileId(seen, now)
    const event = reconcileEvent(seen)
    const envelope = await sealEnvelope({ event, ref, revision, id, sign, now })
    const result = await dispatch({ repository, eventType }, envelope)
    if (result.outcome !== 'accepted') return { outcome: 'failed', reason: result.reason }
    sent.set(key, now)
    return { outcome: 'dispatched', id }
  }
}
