import { type Delivery, deliveryOutcomes } from '../webhook.ts'

/** A delivery as it is remembered. */
export interface PastDelivery {
  /** Milliseconds since the epoch. */
  readonly time: number
  readonly id: string
  readonly outcome: Delivery['outcome']
  readonly status: number
  readonly reason: string
  readonly dataset: string | undefined
  /** The repositories where a workflow was woken. */
  readonly accepted: readonly string[]
}

/** What the relay remembers, in memory only: nothing depends on it. */
export interface RecentDeliveries {
  /** @returns how many deliveries have ended that way since the start, this one included */
  add(delivery: Delivery, time: number): number
  /** How many ended which way since the start. */
  counts(): Readonly<Record<Delivery['outcome'], number>>
  /** The newest first. */
  latest(): readonly PastDelivery[]
}

const maxRemembered = 100

/** Strangers count, but they do not push the Hub's deliveries off the list. */
const fromStrangers: readonly Delivery['outcome'][] = ['unauthorized', 'forbidden']

/** An empty history. */
export function createRecentDeliveries(): RecentDeliveries {
  const counts = Object.fromEntries(deliveryOutcomes.map((outcome) => [outcome, 0])) as Record<
    Delivery['outcome'],
    number
  >
  const past: PastDelivery[] = []
  return {
    counts: () => counts,
    latest: () => past.toReversed(),
    add({ id, outcome, reason, answer, dataset, accepted = [] }, time) {
      counts[outcome] += 1
      if (!fromStrangers.includes(outcome)) {
        past.push({ time, id, outcome, status: answer.status, reason, dataset, accepted })
        if (past.length > maxRemembered) past.shift()
      }
      return counts[outcome]
    },
  }
}
