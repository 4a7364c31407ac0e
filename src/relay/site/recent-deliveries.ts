import { type Delivery, deliveryOutcomes } from '../webhook.ts'

/** A delivery in the list. */
export interface PastDelivery {
  /** Milliseconds since the epoch. */
  readonly time: number
  readonly id: string
  readonly outcome: Delivery['outcome']
  readonly status: number
  readonly reason: string
  readonly dataset: string | undefined
  /** Whether it said that a watched dataset has another name now. */
  readonly isRename: boolean
  /** The repositories whose workflow was started. */
  readonly accepted: readonly string[]
}

/** The deliveries since the start, in memory only. Only the page and the log show them. */
export interface RecentDeliveries {
  /**
   * @param time milliseconds since the epoch
   * @returns the number of deliveries with this outcome since the start, including this one
   */
  add(delivery: Delivery, time: number): number
  /** The number of deliveries since the start, by outcome. */
  counts(): Readonly<Record<Delivery['outcome'], number>>
  /** Whether an event since the start said that a watched dataset has another name now. */
  hasRename(): boolean
  /** The last hundred, newest first. */
  latest(): readonly PastDelivery[]
}

const maxRemembered = 100

/** Counted but not listed: calls without the secret must not push the Hub's deliveries off the list. */
const unlisted: readonly Delivery['outcome'][] = ['unauthorized', 'forbidden']

/** Creates an empty list. */
export function createRecentDeliveries(): RecentDeliveries {
  const counts = Object.fromEntries(deliveryOutcomes.map((outcome) => [outcome, 0])) as Record<
    Delivery['outcome'],
    number
  >
  const past: PastDelivery[] = []
  let hasRename = false
  return {
    counts: () => counts,
    hasRename: () => hasRename,
    latest: () => past.toReversed(),
    add({ id, outcome, reason, answer, dataset, isRename = false, accepted = [] }, time) {
      hasRename ||= isRename
      counts[outcome] += 1
      if (!unlisted.includes(outcome)) {
        past.push({ time, id, outcome, status: answer.status, reason, dataset, isRename, accepted })
        if (past.length > maxRemembered) past.shift()
      }
      return counts[outcome]
    },
  }
}
