import type { EndCause } from '../../../src/domain/training.ts'
import type { Random } from '../random.ts'
import type { Tally } from '../tally.ts'
import type { PaidStart } from './books.ts'

const second = 1000
const minute = 60 * second
const hour = 60 * minute

/** How long a training takes. */
export const runMs = 20 * minute

/** What happens to the answer of an order. */
export type OrderLuck = 'clear' | 'refused' | 'lost on the way there' | 'lost on the way back'

/** Draws what happens to an order. */
export function drawOrder(luck: Random): OrderLuck {
  const fate = luck.next()
  if (fate < 0.04) return 'refused'
  if (fate < 0.06) return 'lost on the way there'
  return fate < 0.11 ? 'lost on the way back' : 'clear'
}

/** When the list has a new run. */
export function drawListing(luck: Random, tally: Tally, { isUnclear }: { isUnclear: boolean }): number {
  const fate = luck.next() / (isUnclear ? 4 : 1)
  if (fate > 0.1) return luck.between(0, 20) * second
  tally.count('a run that the provider listed late')
  if (fate > 0.01) return luck.between(75, 540) * second
  tally.count('a run that the provider listed later than 10 minutes')
  return luck.between(11, 40) * minute
}

/** While the provider hides a run, measured from its start. */
export function drawHiding(luck: Random, tally: Tally): PaidStart['hidden'] {
  if (!luck.chance(0.06)) return null
  const from = luck.between(1, 15) * minute
  const isForGood = luck.chance(0.15)
  tally.count(`a run out of sight${isForGood ? ' for good' : ''}`)
  return { from, to: isForGood ? Number.POSITIVE_INFINITY : from + luck.between(1, 150) * minute }
}

/** How a run ends that gets hardware, and after how long. */
export function drawEnd(
  luck: Random,
  tally: Tally,
): { end: 'succeeded' | 'failed'; cause: EndCause | null; afterMs: number } {
  const fate = luck.next()
  const kind = fate < 0.08 ? 'training' : fate < 0.1 ? 'limit' : fate < 0.13 ? 'infrastructure' : null
  tally.count(kind === null ? 'a training that succeeded' : `a training that failed: ${kind}`)
  if (kind === null) return { end: 'succeeded', cause: null, afterMs: runMs }
  return { end: 'failed', cause: kind, afterMs: luck.between(1, 20) * minute }
}

/** How long no hardware is free, and how long credits are used up. */
export function drawOutage(luck: Random): number {
  return luck.between(20, 200) * minute
}

/** How long a run may wait for hardware: `queueLimitMs` of a training that takes less than an hour. */
export const queueLimitMs = hour
