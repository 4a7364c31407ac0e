import { messageOf } from '../../domain/error-message.ts'
import type { Sign } from '../../event/signature.ts'
import type { Dispatch } from '../../github/dispatch.ts'
import type { ReadTagsBelow } from '../../github/tags.ts'
import type { Clock } from '../../http/clock.ts'
import type { HubHeads } from '../../hub/heads.ts'
import { namesOne, type Route } from '../settings/routes.ts'
import { createHubQuestions, type HubQuestions } from './hub-questions.ts'
import { failedLook, type Look, lookAt } from './look.ts'
import { createLookMemory } from './memory.ts'
import { createSendHead } from './send.ts'
import type { SentHeads } from './sent-heads.ts'

/** How a reconcile ended for one route. `not-named`: the route is for any number of datasets, so none was asked for. */
export interface RouteReport extends Pick<Look, 'reason' | 'id' | 'dueSince' | 'rename' | 'gap'> {
  readonly route: Route
  readonly outcome: Exclude<Look['outcome'], 'quiet'> | 'not-named'
}

/** How a reconcile ended. */
export interface ReconcileReport {
  /** Milliseconds since the epoch. */
  readonly endedAt: number
  /** In the order of the routes. */
  readonly routes: readonly RouteReport[]
}

/** Reconciles all routes once. Never throws; one route's failure does not stop the others. */
export type Reconcile = () => Promise<ReconcileReport>

/**
 * Routes that are looked at together: so many that where GitHub or the Hub does not answer at all, 100 routes end within
 * the ten minutes after which the Jobs and timers of docs/ are ended, and as many as connections that a Worker can have.
 * https://developers.cloudflare.com/workers/platform/limits/#simultaneous-open-connections
 */
const atOnce = 6

/**
 * Creates the second way into the relay: it asks the Hub for the head of each watched branch, reads at GitHub what the
 * recipes saw, and dispatches a signed reconcile envelope only if there is something to do. It keeps nothing that
 * matters: a process that has just started does the same.
 *
 * @param options.everyMs how often it is called, in milliseconds; null: not known, and each call may send
 * @param options.sign signs the envelope
 * @param options.sentHeads what this process sent a short time ago, which is not sent again
 */
export function createReconcile(options: {
  routes: readonly Route[]
  heads: HubHeads
  readTags: ReadTagsBelow
  dispatch: Dispatch
  sign: Sign
  clock: Clock
  sentHeads: SentHeads
  hasHubToken: boolean
  everyMs: number | null
}): Reconcile {
  const { routes, readTags, clock } = options
  const sendHead = createSendHead(options)
  const memory = createLookMemory(options)

  const look = async (route: Route, hub: HubQuestions): Promise<RouteReport> => {
    if (!namesOne(route)) {
      const reason = 'the route names no single dataset, so only its webhooks are forwarded'
      return { route, outcome: 'not-named', reason, dueSince: null, rename: '', gap: '' }
    }
    const now = clock.now()
    const sinceLastMs = memory.sinceLastMs(route, now)
    const lastHead = memory.lastHead(route)
    const found = await lookAt(route, { hub, readTags, sendHead, clock, lastHead, sinceLastMs }).catch(
      (error: unknown) => failedLook(`Unexpected error: ${messageOf(error)}`),
    )
    const dueSince = memory.remember(route, found, now)
    const { reason, id, rename, gap } = found
    const outcome = found.outcome === 'quiet' ? 'waiting' : found.outcome
    return { route, outcome, reason, ...(id !== undefined && { id }), dueSince, rename, gap }
  }

  return async () => {
    const hub = createHubQuestions(options)
    const reports: RouteReport[] = []
    let next = 0
    const work = async () => {
      for (let n = next++; n < routes.length; n = next++) {
        const route = routes[n]
        if (route !== undefined) reports[n] = await look(route, hub)
      }
    }
    await Promise.all(Array.from({ length: Math.min(atOnce, routes.length) }, work))
    return { endedAt: clock.now(), routes: reports }
  }
}
