import type { Route } from '../settings/routes.ts'
import type { FoundHead, Look } from './look.ts'

/** What a process remembers of a route. A process that has just started decides the same without it, a little later. */
interface Past {
  /** Up to when every turn was taken, in milliseconds since the epoch. */
  readonly doneUntil: number
  readonly head: FoundHead | null
  readonly dueSince: number | null
}

/** What a process remembers of the looks before. */
export interface LookMemory {
  /** What the look before found; null: there was none. */
  lastHead(route: Route): FoundHead | null
  /** For how long turns may have come that no look took, in milliseconds. */
  sinceLastMs(route: Route, now: number): number
  /**
   * Remembers a look.
   *
   * @param now when it began, in milliseconds since the epoch
   * @returns since when there has been something to do, in milliseconds since the epoch; null: there is nothing
   */
  remember(route: Route, look: Look, now: number): number | null
}

/** A timer is late by as much: what is due must not fall between two looks. */
const lateness = 1.25

/**
 * Creates an empty memory.
 *
 * @param options.everyMs how often there is a look, in milliseconds; null: not known, and each may send
 */
export function createLookMemory({ everyMs }: { everyMs: number | null }): LookMemory {
  const past = new Map<Route, Past>()
  const sinceLastMs = (route: Route, now: number): number => {
    const last = past.get(route)
    // A clock that was set back says nothing about the look before.
    if (last !== undefined && last.doneUntil <= now) return now - last.doneUntil
    return everyMs === null ? Number.POSITIVE_INFINITY : everyMs * lateness
  }
  return {
    lastHead: (route) => past.get(route)?.head ?? null,
    sinceLastMs,
    remember(route, look, now) {
      const last = past.get(route)
      // What could not be sent is left to the next look.
      const isLeft = look.id === undefined && (look.outcome === 'failed' || look.outcome === 'quiet')
      const dueSince = dueSinceOf(look, { last, now })
      past.set(route, {
        doneUntil: isLeft ? now - sinceLastMs(route, now) : now,
        head: look.head ?? last?.head ?? null,
        dueSince,
      })
      return dueSince
    },
  }
}

/**
 * What waited before still waits while it cannot be seen, and while the dataset moves on and no recipe has seen any of it.
 */
function dueSinceOf(look: Look, { last, now }: { last: Past | undefined; now: number }): number | null {
  const before = last?.dueSince ?? null
  if (look.dueSince !== null) {
    const isSame = before !== null && (look.seenAt ?? 0) <= before
    return isSame ? Math.min(before, look.dueSince) : look.dueSince
  }
  if (look.outcome !== 'failed' || before !== null) return look.outcome === 'failed' ? before : null
  // A new head that GitHub does not let us compare: no recipe can be known to have seen it.
  const isNew = look.head !== null && last?.head != null && look.head.revision !== last.head.revision
  return isNew ? now : null
}
