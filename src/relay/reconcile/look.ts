import type { ReadTagsBelow } from '../../github/tags.ts'
import type { Clock } from '../../http/clock.ts'
import { renameAdvice } from '../renames.ts'
import type { Route } from '../settings/routes.ts'
import { decideDue, needsDate } from './due.ts'
import type { HubQuestions } from './hub-questions.ts'
import { readSeenEntries } from './seen-entries.ts'
import type { SendHead } from './send.ts'

/** How a look at a route ended. */
export interface Look {
  /** `quiet`: it would have been sent, and was sent a short time ago. */
  readonly outcome: 'nothing' | 'waiting' | 'quiet' | 'dispatched' | 'failed'
  /** One sentence or phrase for the operator. A failure begins with which half failed: the Hub or GitHub. */
  readonly reason: string
  /** The delivery id of a dispatch. */
  readonly id?: string
  /** Since when there is something to do, in milliseconds since the epoch; null: nothing, or it is not known. */
  readonly dueSince: number | null
  /** What to change after a rename; empty: nothing. */
  readonly rename: string
}

/**
 * Asks the Hub for the head of a route's branch, reads at GitHub what the recipes saw, and sends the head if there is
 * something to do.
 *
 * @param options.sinceLastMs since the look before, in milliseconds
 */
export async function lookAt(
  route: Route,
  options: {
    hub: HubQuestions
    readTags: ReadTagsBelow
    sendHead: SendHead
    clock: Clock
    sinceLastMs: number
  },
): Promise<Look> {
  const { hub, readTags, sendHead, clock, sinceLastMs } = options
  const head = await hub.head(route)
  if (typeof head === 'string') return failedLook(`The Hub: ${head}`)
  if (route.id !== null && head.id !== null && head.id !== route.id) {
    return failedLook(`The Hub: ${route.dataset} has another id than its route: correct RELAY_ROUTES.`)
  }
  const isRenamed = head.name.toLowerCase() !== route.dataset.toLowerCase()
  const rename = isRenamed
    ? renameAdvice({ from: route.dataset, to: head.name, isServed: route.id !== null })
    : ''
  const entries = await readSeenEntries(readTags, { route, names: [route.dataset, head.name] })
  if (typeof entries === 'string') return { ...failedLook(`GitHub: ${entries}`), rename }
  const { revision } = head
  const moved = await hub.models.moved(entries, route.models)
  const { since, isTurn, reason } = decideDue({
    revision,
    committedAt: needsDate({ revision, entries }) ? await hub.headDate(route) : null,
    entries,
    moved: moved.models,
    now: clock.now(),
    sinceLastMs,
  })
  const due = { reason, dueSince: since, rename }
  const look: Look = isTurn
    ? afterSending(due, await sendHead(route, head))
    : { ...due, outcome: since === null ? 'nothing' : 'waiting' }
  if (moved.failure === null || look.outcome === 'failed') return look
  return { ...look, outcome: 'failed', reason: `The Hub: ${moved.failure}` }
}

/** A look that came to nothing. */
export function failedLook(reason: string): Look {
  return { outcome: 'failed', reason, dueSince: null, rename: '' }
}

function afterSending(due: Omit<Look, 'outcome'>, sent: Awaited<ReturnType<SendHead>>): Look {
  return sent.outcome === 'failed'
    ? { ...due, outcome: 'failed', reason: `GitHub accepted no dispatch: ${sent.reason}` }
    : { ...due, ...sent }
}
