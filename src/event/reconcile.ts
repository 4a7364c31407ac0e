import { hashHex } from './hash.ts'
import type { HubEvent } from './payload.ts'

/** The action of an event that no webhook sent: the relay has found by itself that a head must be checked. */
export const reconcileAction = 'reconcile'

/** How an id of a reconcile envelope starts, so that a workflow can tell it from a delivery. */
export const reconcileIdPrefix = 'rec_'

const hourMs = 3_600_000

/** What the relay saw at the Hub. */
export interface SeenHead {
  /** `namespace/name`, as the Hub calls it today. */
  readonly dataset: string
  /** The Hub's id of the dataset; null where the Hub does not say. */
  readonly id: string | null
  /** Null where the Hub does not say. */
  readonly isPrivate: boolean | null
  /** The watched branch, as a full ref. */
  readonly ref: string
  /** The head of the branch. */
  readonly revision: string
}

/** The event that asks for a check of a head, for {@link sealEnvelope}. */
export function reconcileEvent({ dataset, id, isPrivate, ref, revision }: SeenHead): HubEvent {
  return {
    event: { action: reconcileAction, scope: 'repo.content' },
    repo: {
      type: 'dataset',
      name: dataset,
      ...(id !== null && { id }),
      ...(isPrivate !== null && { private: isPrivate }),
      headSha: null,
    },
    updatedRefs: [{ ref, oldSha: null, newSha: revision }],
  }
}

/** Whether an event is the relay's own. Only an opened envelope may contain one. */
export function isReconcile({ event }: HubEvent): boolean {
  return event.action === reconcileAction
}

/**
 * The delivery id of a reconcile envelope: the same for a head within an hour, whichever relay sends it.
 *
 * @param now milliseconds since the epoch
 */
export async function reconcileId(
  { dataset, ref, revision }: Pick<SeenHead, 'dataset' | 'ref' | 'revision'>,
  now: number,
): Promise<string> {
  const text = JSON.stringify([dataset, ref, revision, Math.floor(now / hourMs)])
  return `${reconcileIdPrefix}${await hashHex(text, 16)}`
}
