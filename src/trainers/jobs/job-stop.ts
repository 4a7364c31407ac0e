import { messageOf } from '../../domain/error-message.ts'
import type { Clock } from '../../http/clock.ts'
import type { Hub } from '../../hub/hub.ts'
import { isOver, jobUrl, stopJob } from '../../hub/jobs/jobs.ts'
import { isGone, lookAtJob, type OrderedJob } from './job-look.ts'

/** How often the Hub is asked to stop a Job that it shows: whoever cancels a workflow has seconds. */
const tries = 3
const delay = 500

/** Between two tries while the Hub does not show the Job, which it may do for a minute. */
const unseenDelay = 1500

/**
 * Stops a Job. Asking twice does no harm, so every failure is answered by looking at the Job and asking again: a Job
 * that the Hub does not show may be a new one, which its other machines run.
 *
 * @param options.signal ends asking, and no call
 * @throws Error with the Job's URL when it may still be running
 */
export async function stopForGood(
  hub: Hub,
  options: OrderedJob & { clock: Clock; signal: AbortSignal },
): Promise<void> {
  const { order, id, clock, signal } = options
  const place = { namespace: order.recipe.targetNamespace, id }
  let failure: unknown
  let unseenSince: number | null = null
  let failed = 0
  for (;;) {
    try {
      await stopJob(hub, place)
      return
    } catch (error) {
      failure = error
    }
    // How the Hub refuses to cancel what has ended is not documented.
    const seen = await lookAtJob(hub, { order, id }).catch(() => 'unknown' as const)
    if (seen === null) {
      unseenSince ??= clock.now()
      if (isGone({ since: unseenSince, now: clock.now() })) return
    } else {
      if (seen !== 'unknown' && isOver(seen)) return
      unseenSince = null
      failed += 1
    }
    if (signal.aborted || failed === tries) break
    await clock.sleep(seen === null ? unseenDelay : delay, signal).catch(() => undefined)
  }
  const said = messageOf(failure)
  throw new Error(
    `The Job could not be cancelled, and may be running and costing money: cancel it at ${jobUrl(hub, place)} (${said}).`,
    { cause: failure },
  )
}
