import type { Clock } from '../http/clock.ts'
import type { Hub } from '../hub/hub.ts'
import { isOver, type JobPlace, jobUrl, readJob, stopJob } from '../hub/jobs.ts'
import { messageOf } from '../message-of.ts'

/** How often the Hub is asked to stop a Job: whoever cancels a workflow has seconds. */
const tries = 3
const delay = 500

/**
 * Stops a Job. Asking twice does no harm, so every failure is answered by looking at the Job and asking again.
 *
 * @throws Error with the Job's URL when it may still be running
 */
export async function stopForGood(
  hub: Hub,
  options: JobPlace & { clock: Clock; signal: AbortSignal },
): Promise<void> {
  const { clock, ...place } = options
  let failure: unknown
  for (let attempt = 1; attempt <= tries; attempt++) {
    try {
      await stopJob(hub, place)
      return
    } catch (error) {
      failure = error
    }
    // How the Hub refuses to cancel what has ended is not documented.
    const hasEnded = await readJob(hub, place).then(
      (job) => job === null || isOver(job),
      () => false,
    )
    if (hasEnded) return
    if (options.signal.aborted) break
    if (attempt < tries) await clock.sleep(delay, options.signal).catch(() => undefined)
  }
  const said = messageOf(failure)
  throw new Error(
    `The Job could not be cancelled, and may be running and costing money: cancel it at ${jobUrl(hub, place)} (${said}).`,
    { cause: failure },
  )
}
