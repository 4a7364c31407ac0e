import type { HubEvent } from '../../src/event/payload.ts'
import { reconcileEvent } from '../../src/event/reconcile.ts'
import { dataset, type Rig, type RunOptions } from './rig.ts'

/** What the relay saw, where it differs from the dataset as it is now. */
interface Seen {
  readonly name?: string
  readonly id?: string | null
  readonly ref?: string
  readonly revision?: string
}

/** The event that an envelope of the relay's own check contains. */
export function checkOf(rig: Rig, seen: Seen = {}): HubEvent {
  const { name = dataset, ref = 'refs/heads/main' } = seen
  const { id: ownId, refs } = rig.hub.repository(name)
  const { id = ownId, revision = refs.get('refs/heads/main') ?? '' } = seen
  return reconcileEvent({ dataset: name, id, isPrivate: false, ref, revision })
}

/** The outcome and the log of a workflow run that the relay's own check started. */
export async function checkedByRelay(rig: Rig, seen: Seen = {}, options: RunOptions = {}) {
  return rig.run({ ...options, request: { ...options.request, event: checkOf(rig, seen) } })
}
