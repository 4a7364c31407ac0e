import type { ReconcileReport } from './reconcile.ts'

/** What a reconcile came to, as monitoring needs it. */
export interface ReconcileStatus {
  /** When it ended, in milliseconds since the epoch. */
  readonly at: number
  /** Routes that it compared: those that name one dataset. */
  readonly routes: number
  readonly failed: number
  readonly dispatched: number
  /** For how long the oldest head with something to do has waited, in milliseconds; 0: nothing waits. */
  readonly unseenMs: number
}

/**
 * Sums up a reconcile.
 *
 * @param now milliseconds since the epoch: what waited then has waited longer
 */
export function statusOf({ routes, endedAt }: ReconcileReport, now: number): ReconcileStatus {
  const named = routes.filter(({ outcome }) => outcome !== 'not-named')
  const since = named.flatMap(({ dueSince }) => dueSince ?? [])
  return {
    at: endedAt,
    routes: named.length,
    failed: named.filter(({ outcome }) => outcome === 'failed').length,
    dispatched: named.filter(({ id }) => id !== undefined).length,
    unseenMs: since.length === 0 ? 0 : Math.max(0, now - Math.min(...since)),
  }
}
