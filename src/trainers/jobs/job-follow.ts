import type { Clock } from '../../http/clock.ts'
import { HttpError } from '../../http/errors.ts'
import { pollUntil } from '../../http/poll.ts'
import type { Hub } from '../../hub/hub.ts'
import { isOver, type Job, jobUrl } from '../../hub/jobs/jobs.ts'
import { type LogTaker, readJobLog } from '../../hub/jobs/logs.ts'
import { describeHubAnswer } from '../../hub/refusals.ts'
import { type ExceededLimit, hasStarted, watchLimits } from './job-limits.ts'
import { cancelJobForSure } from './job-stop.ts'
import { type JobPresence, type OrderedJob, watchPresence } from './presence.ts'
import { cancelledJobEndsWithinMs, jobCheckEveryMs } from './times.ts'

/** The last that is known of a Job. */
export interface LastSeen {
  readonly job: Job
  /** The limit that the Job exceeded, for which the action cancelled it; null when it exceeded none. */
  readonly exceeded: ExceededLimit | null
  /** Whether it was seen running. */
  readonly ran: boolean
}

interface FollowOptions extends OrderedJob {
  readonly clock: Clock
  readonly signal: AbortSignal
  /** Takes the Job's log. */
  readonly output: LogTaker
  /** Whether this process ordered the Job. */
  readonly isOurs: boolean
  readonly onCheck: (job: Job) => void
}

/**
 * Follows a Job to its end. Only the Job's stage decides when that is. The log is read alongside, and its failures
 * delay nothing. A failed check of the Job is repeated. A Job that exceeds a limit is cancelled.
 *
 * @param options.onCheck gets the Job each time the Hub shows it
 * @returns null when the Hub does not show the Job any more; nothing was cancelled then
 * @throws the signal's reason as soon as it is aborted; Error with the Job's URL when the Hub denies access to the
 *   Job, or an overdue Job cannot be cancelled
 */
export async function followJob(hub: Hub, options: FollowOptions): Promise<LastSeen | null> {
  const { order, id, clock, signal, output, isOurs, onCheck } = options
  const { recipe } = order
  const log = readJobLog(hub, { namespace: recipe.targetNamespace, id, clock, signal, taker: output })
  const presence = watchPresence(hub, options)
  const limits = watchLimits({ recipe, now: () => clock.now(), isOurs })
  let last: Job | null = null
  let ran = false

  const check = async (): Promise<Job | 'missing' | 'unseen' | null> => {
    const seen = await checkPresence(hub, presence, options)
    log.checkSilence()
    if (seen === null || typeof seen === 'string') return seen
    last = seen
    ran ||= hasStarted(seen)
    limits.saw(seen)
    onCheck(seen)
    return seen
  }

  try {
    const found = await pollUntil({
      everyMs: jobCheckEveryMs,
      giveUpAfterMs: Number.POSITIVE_INFINITY,
      clock,
      signal,
      check: async () => {
        const seen = await check()
        if (seen === 'unseen') return seen
        if (seen === 'missing') return null
        if (seen !== null && isOver(seen)) return seen
        return limits.exceeded()
      },
    })
    if (found === null || found === 'unseen') return null
    if (typeof found !== 'string') {
      await log.finish()
      return { job: found, exceeded: null, ran }
    }
    await cancelJobForSure(hub, { order, id, clock, signal })
    await waitForEnd(check, { clock, signal })
    await log.finish()
    return last && seenAfterCancel(last, { exceeded: found, ran })
  } finally {
    log.stop()
  }
}

/** A Job may complete just before it is cancelled. */
function seenAfterCancel(job: Job, { exceeded, ran }: { exceeded: ExceededLimit; ran: boolean }): LastSeen {
  return { job, exceeded: job.stage === 'COMPLETED' ? null : exceeded, ran }
}

/**
 * Cancels a Job that is not followed and has exceeded a limit.
 *
 * @param options.job as it was seen
 * @throws Error with the Job's URL when it may still be running
 */
export async function cancelOverdue(
  hub: Hub,
  options: OrderedJob & { job: Job; exceeded: ExceededLimit; clock: Clock; signal: AbortSignal },
): Promise<LastSeen> {
  const { job, exceeded, clock, signal } = options
  await cancelJobForSure(hub, options)
  const presence = watchPresence(hub, options)
  const ended = await waitForEnd(() => checkPresence(hub, presence, options), { clock, signal })
  return seenAfterCancel(ended ?? job, { exceeded, ran: hasStarted(ended ?? job) })
}

/** @returns the Job in its last stage; null when the Hub does not show that in time */
async function waitForEnd(
  check: () => Promise<Job | 'missing' | 'unseen' | null>,
  { clock, signal }: { clock: Clock; signal: AbortSignal },
): Promise<Job | null> {
  return pollUntil({
    everyMs: jobCheckEveryMs,
    giveUpAfterMs: cancelledJobEndsWithinMs,
    clock,
    signal,
    check: async () => {
      const seen = await check()
      return seen !== null && typeof seen !== 'string' && isOver(seen) ? seen : null
    },
  })
}

/** @returns null while the Hub gives no clear answer */
async function checkPresence(
  hub: Hub,
  presence: JobPresence,
  { order, id, signal }: OrderedJob & { signal: AbortSignal },
): Promise<Job | 'missing' | 'unseen' | null> {
  try {
    return await presence.check()
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof HttpError && (error.status === 401 || error.status === 403)) {
      const url = jobUrl(hub, { namespace: order.recipe.targetNamespace, id })
      throw new Error(
        `hf-token can no longer read the Job (${describeHubAnswer(error)}). Its page shows how it ends: ${url}.`,
        { cause: error },
      )
    }
    return null
  }
}
