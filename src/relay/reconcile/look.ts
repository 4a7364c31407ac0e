import type { ReadTagsBelow } from '../../github/tags.ts'
import type { Clock } from '../../http/clock.ts'
import { otherDataset, renameAdvice } from '../renames.ts'
import type { Route } from '../settings/routes.ts'
import { decideDue, needsDate } from './due.ts'
import type { HubQuestions } from './hub-questions.ts'
import { readSeenEntries } from './seen-entries.ts'
import type { SendHead } from './send.ts'

/** The head of a route's branch as one look found it. */
export interface FoundHead {
  readonly revision: string
  /** When the look asked, in milliseconds since the epoch. */
  readonly at: number
  /** When this process last saw another head there, in milliseconds since the epoch; null where it did not. */
  readonly movedAfter: number | null
}

/** How a look at a route ended. */
export interface Look {
  /** `quiet`: it would have been sent, and was sent a short time ago. */
  readonly outcome: 'nothing' | 'waiting' | 'quiet' | 'dispatched' | 'failed'
  /** One sentence or phrase for the operator. A failure begins with which half failed: the Hub or GitHub. */
  readonly reason: string
  /** The delivery id of a dispatch; a look that dispatched may have failed in another part. */
  readonly id?: string
  /** Since when there is something to do, in milliseconds since the epoch; null: nothing, or it is not known. */
  readonly dueSince: number | null
  /** When a recipe last wrote what it saw, in milliseconds since the epoch; null: none did, or it is not known. */
  readonly seenAt: number | null
  /** Null where the Hub did not tell it. */
  readonly head: FoundHead | null
  /** What to change after a rename; empty: nothing. */
  readonly rename: string
  /** What to set so that nothing is overlooked; empty: nothing. */
  readonly gap: string
}

const unnamedModel =
  "a private base model is not watched: name it in models of the dataset's route in RELAY_ROUTES, and set HF_TOKEN to a token that can read it"

/**
 * Asks the Hub for the head of a route's branch, reads at GitHub what the recipes saw, and sends the head if there is
 * something to do.
 *
 * @param options.lastHead what this process found there before; null: it did not look yet
 * @param options.sinceLastMs since the look before, in milliseconds
 */
export async function lookAt(
  route: Route,
  options: {
    hub: HubQuestions
    readTags: ReadTagsBelow
    sendHead: SendHead
    clock: Clock
    lastHead: FoundHead | null
    sinceLastMs: number
  },
): Promise<Look> {
  const { hub, readTags, sendHead, clock, lastHead, sinceLastMs } = options
  const at = clock.now()
  const answer = await hub.head(route)
  if (typeof answer === 'string') return failedLook(`The Hub: ${answer}`)
  const { revision } = answer
  if (route.id !== null && answer.id !== null && answer.id !== route.id) {
    return failedLook(`The Hub: ${otherDataset({ name: route.dataset, id: answer.id, routeId: route.id })}.`)
  }
  const movedAfter = lastHead?.revision === revision ? lastHead.movedAfter : (lastHead?.at ?? null)
  const head = { revision, at, movedAfter }
  const isRenamed = answer.name.toLowerCase() !== route.dataset.toLowerCase()
  const rename = isRenamed
    ? renameAdvice({ from: route.dataset, to: answer.name, isServed: route.id !== null })
    : ''
  const entries = await readSeenEntries(readTags, { route, names: [route.dataset, answer.name] })
  if (typeof entries === 'string') return { ...failedLook(`GitHub: ${entries}`), rename, head }
  const moved = await hub.models.moved(
    entries.filter(({ seen }) => seen.revision === revision),
    route.models,
  )
  const { since, isTurn, reason } = decideDue({
    revision,
    committedAt: needsDate({ revision, entries }) ? await hub.headDate(route) : null,
    movedAfter,
    entries,
    moved: moved.models,
    now: clock.now(),
    sinceLastMs,
  })
  const seenAt = Math.max(...entries.map(({ writtenAt }) => writtenAt ?? 0)) || null
  const gap = moved.isOneUnnamed ? unnamedModel : ''
  const due = { reason, dueSince: since, seenAt: entries.length === 0 ? null : seenAt, head, rename, gap }
  const look: Look = isTurn
    ? afterSending(due, await sendHead(route, answer))
    : { ...due, outcome: since === null ? 'nothing' : 'waiting' }
  if (moved.failure === null || look.outcome === 'failed') return look
  return { ...look, outcome: 'failed', reason: `The Hub: ${moved.failure}` }
}

/** A look that came to nothing. */
export function failedLook(reason: string): Look {
  return { outcome: 'failed', reason, dueSince: null, seenAt: null, head: null, rename: '', gap: '' }
}

function afterSending(due: Omit<Look, 'outcome'>, sent: Awaited<ReturnType<SendHead>>): Look {
  return sent.outcome === 'failed'
    ? { ...due, outcome: 'failed', reason: `GitHub accepted no dispatch: ${sent.reason}` }
    : { ...due, ...sent }
}
