import type { Clock } from '../../http/clock.ts'

/** A head that is sent to a workflow. */
interface SentHead {
  readonly repository: string
  readonly eventType: string
  /** `namespace/name`, as the Hub calls it today. */
  readonly dataset: string
  /** The watched branch, as a full ref. */
  readonly ref: string
  readonly revision: string
}

/** The heads that this process sent a short time ago, by a webhook or by itself. */
export interface SentHeads {
  /** Whether it was sent a short time ago. */
  has(head: SentHead): boolean
  add(head: SentHead): void
  /** Forgets one that was not sent after all. */
  remove(head: SentHead): void
}

/** The same process does not send the same head again within this time. */
const quietMs = 30 * 60_000

/** Creates an empty memory. */
export function createSentHeads({ now }: Pick<Clock, 'now'>): SentHeads {
  const sent = new Map<string, number>()
  const keyOf = ({ repository, eventType, dataset, ref, revision }: SentHead) =>
    JSON.stringify([repository.toLowerCase(), eventType, dataset, ref, revision])
  const forgetOld = () => {
    // What was sent in the future was sent before the clock was set back.
    for (const [key, at] of sent) if (now() - at >= quietMs || at > now()) sent.delete(key)
  }
  return {
    has(head) {
      forgetOld()
      return sent.has(keyOf(head))
    },
    add(head) {
      forgetOld()
      sent.set(keyOf(head), now())
    },
    remove: (head) => void sent.delete(keyOf(head)),
  }
}
