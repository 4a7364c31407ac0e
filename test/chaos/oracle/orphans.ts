import { hasEnded } from '../../../src/ledger/record.ts'
import type { World } from '../../sandbox/world.ts'
import type { Leftover } from '../actors/end-of-job.ts'
import { isAlive, type PaidStart } from '../provider/books.ts'
import { recordOf, storeOf } from './records.ts'

/** Order, an hour in the queue, the timeout of 40 minutes and ten minutes: then a run must have ended. */
const deadlineMs = 110 * 60_000

/**
 * Whether nobody can know that a run goes on: its provider shows it neither by its id nor in its list, and it should have
 * ended by now.
 */
function isLostFromSight({ at, hidden }: PaidStart, now: number): boolean {
  return hidden !== null && hidden.from <= now && now < hidden.to && now - at >= deadlineMs
}

/** Looks for runs that cost money and that the ledger does not know as open. */
export interface OrphanWatch {
  /** Looks at every run that is alive now. */
  look(): void
  /** Notes what the end of a cancelled job was to stop. */
  ended(leftovers: readonly Leftover[]): void
  readonly orphaned: readonly string[]
  /** How many of all starts the ledger has a record of. */
  inLedger(): number
}

/** @param options.now milliseconds since the epoch */
export function watchOrphans(options: {
  world: World
  starts: readonly PaidStart[]
  now: () => number
}): OrphanWatch {
  const { world, starts, now } = options
  const store = storeOf(world)
  const orphans = new Map<string, string>()
  let seen = 0
  let alive: PaidStart[] = []

  const note = (start: PaidStart, what: string) => {
    if (orphans.has(start.id)) return
    const { recipe, revision } = start
    orphans.set(start.id, `${recipe} ${revision.slice(0, 7)} ${new Date(now()).toISOString()} ${what}`)
  }

  return {
    look() {
      alive = [...alive, ...starts.slice(seen)].filter((start) => isAlive(start, now()))
      seen = starts.length
      for (const start of alive) {
        const record = recordOf(store, start)
        if (record === null) note(start, `${start.id} has no record`)
        else if (hasEnded(record) && !isLostFromSight(start, now()))
          note(start, `${start.id} is alive, its record is ${record.state}`)
      }
    },
    ended(leftovers) {
      for (const { nonce, isReported } of leftovers) {
        const start = starts.find((one) => one.nonce === nonce)
        if (start === undefined || isReported || !isAlive(start, now())) continue
        note(start, `${start.id} outlived its cancelled job`)
      }
    },
    get orphaned() {
      return [...orphans.values()]
    },
    inLedger: () => starts.filter((start) => recordOf(store, start) !== null).length,
  }
}
