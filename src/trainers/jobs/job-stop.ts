import { messageOf } from '../../domain/error-message.ts'
import type { Clock } from '../../http/clock.ts'
import { pollUntil } from '../../http/poll.ts'
import type { Hub } from '../../hub/hub.ts'
import { isOver, jobUrl, stopJob } from '../../hub/jobs/jobs.ts'
import { type OrderedJob, watchPresence } from './presence.ts'
import { cancelGiveUpAfterMs, cancelRetryEveryMs } from './times.ts'

/** How many attempts may fail on a Job that the Hub shows: a cancelled step has only seconds. */
const maxRefusals = 3

/**
 * Cancels a Job. Cancelling twice is harmless, so each failure is followed by a check of the Job and another attempt:
 * a Job that the Hub does not show may be new, and running on a machine that knows it. One that is not shown for a
 * minute does not count as stopped either.
 *
 * @param options.signal ends the retries, after one last attempt; it interrupts no call
 * @throws Error with the Job's URL when it may still be running
 */
export async function cancelJobForSure(
  hub: Hub,
  options: OrderedJob & { clock: Clock; signal: AbortSignal },
): Promise<void> {
  const { order, id, clock, signal } = options
  const place = { namespace: order.recipe.targetNamespace, id }
  const presence = watchPresence(hub, { order, id, clock })
  let refusals = 0
  let failure: unknown
  const attempt = async (): Promise<'stopped' | 'refused' | null> => {
    try {
      await stopJob(hub, place)
      return 'stopped'
    } catch (error) {
      failure = error
    }
    // How the Hub refuses to cancel a Job that has ended is not documented.
    const seen = await presence.check().catch(() => 'unknown' as const)
    if (typeof seen !== 'string' && isOver(seen)) return 'stopped'
    if (seen === 'unseen') return 'refused'
    if (seen !== 'missing') refusals += 1
    return refusals === maxRefusals || signal.aborted ? 'refused' : null
  }
  const outcome = await pollUntil({
    everyMs: cancelRetryEveryMs,
    giveUpAfterMs: cancelGiveUpAfterMs,
    clock,
    check: attempt,
  })
  if (outcome === 'stopped') return
  throw new Error(
    `The Job could not be cancelled; it may still be running and billed. Cancel it at ${jobUrl(hub, place)} ` +
      `(${messageOf(failure)}).`,
    { cause: failure },
  )
}
