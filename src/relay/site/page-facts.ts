import type { RouteReport } from '../reconcile/reconcile.ts'
import type { ReconcileStatus } from '../reconcile/status.ts'
import type { LastDispatch } from './last-dispatches.ts'
import type { Readiness } from './readiness.ts'
import type { PastDelivery, RecentDeliveries } from './recent-deliveries.ts'

/** What the page shows. */
export interface PageFacts {
  readonly readiness: Readiness
  readonly lastDispatches: readonly LastDispatch[]
  /** Null before the first reconcile, and where nothing reconciles. */
  readonly reconcile: ReconcileStatus | null
  readonly counts: ReturnType<RecentDeliveries['counts']>
  /** Whether a watched dataset has another name now. */
  readonly hasRename: boolean
  /** Milliseconds since the start. */
  readonly uptimeMs: number
  /** Milliseconds since the epoch. */
  readonly now: number
  /** Whether RELAY_ADMIN_TOKEN is set, so that the page links to the list. */
  readonly hasAdmin: boolean
  /** Whether the platform may lose the counts and the list between requests. */
  readonly losesMemory: boolean
  /** Null without the password. */
  readonly deliveries: readonly PastDelivery[] | null
  /** How the last reconcile ended for each route; null without the password, and before the first. */
  readonly looks: readonly RouteReport[] | null
  /** GitHub's web pages, for links. */
  readonly serverUrl: string
}
