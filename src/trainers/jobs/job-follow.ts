import type { Clock } from '../../http/clock.ts'
import { HttpError } from '../../http/errors.ts'
import { pollUntil } from '../../http/poll.ts'
import type { Hub } from '../../hub/hub.ts'
import { isOver, type Job, jobUrl } from '../../hub/jobs/jobs.ts'
import { readJobLog } from '../../hub/jobs/logs.ts'
import type { RunOutput } from '../output/run-output.ts'
import { cancelJobForSure } from './job-stop.ts'
import { type JobPresence, type OrderedJob, watchPresence } from './presence.ts'
import { cancelledJobEndsWithinMs, jobCheckEveryMs, overdueMarginMs } from './times.ts'

/** The last that is known of a Job. */
export interface LastSeen {
  /** Null: the Job is gone from the Hub. */
  readonly job: Job | null
  /** The time limit that the Job exceeded, for which the action cancelled it; null when it exceeded none. */
  readonly exceeded: 'start' | 'run' | null
}

interface FollowOptions extends OrderedJob {
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly output: RunOutput
  readonly onCheck: (job: Job) => void
}

/**
 * Follows a Job to its end. Only the Job's stage decides when that is. The log is read alongside, and its failures
 * delay nothing. A failed check of the Job is repeated.
 *
 * All limits are measured on this machine's clock, from when it first saw the Job waiting or running, because the
 * Hub's clock may be hours off. A Job that another workflow run started gets longer this way; the Hub ends it first. A
 * Job that never starts costs nothing, but the runner that waits for it does.
 *
 * @param options.order its recipe says how long the Job may run, and may wait before it runs
 * @param options.onCheck gets the Job each time the Hub shows it
 * @throws the signal's reason as soon as it is aborted; Error with the Job's URL when the Hub denies access to the
 *   Job, or an overdue Job cannot be cancelled
 */
export async function followJob(hub: Hub, options: FollowOptions): Promise<LastSeen> {
  const { order, id, clock, signal, output, onCheck } = options
  const { timeout, targetNamespace: namespace } = order.recipe
  const log = readJobLog(hub, { namespace, id, clock, signal, onLine: output.add })
  const presence = watchPresence(hub, options)
  let last: Job | null = null

  const waitFor = (isReached: (job: Job) => boolean, giveUpAfterMs: number): Promise<Job | 'gone' | null> =>
    pollUntil({
      everyMs: jobCheckEveryMs,
      giveUpAfterMs,
      clock,
      signal,
      check: async () => {
        const seen = await checkPresence(hub, presence, options)
        log.checkSilence()
        if (seen === 'gone') return 'gone'
        if (seen === null) return null
        last = seen
        onCheck(seen)
        return isReached(seen) ? seen : null
      },
    })

  try {
    const limitMs = timeout + overdueMarginMs
    let seen = await waitFor((job) => hasStarted(job) || isOver(job), limitMs)
    const exceeded = seen === null ? 'start' : 'run'
    if (seen !== null && seen !== 'gone' && !isOver(seen)) seen = await waitFor(isOver, limitMs)
    if (seen === 'gone') return { job: null, exceeded: null }
    if (seen !== null) {
      await log.finish()
      return { job: seen, exceeded: null }
    }
    await cancelJobForSure(hub, { order, id, clock, signal })
    await waitFor(isOver, cancelledJobEndsWithinMs)
    await log.finish()
    return { job: last, exceeded }
  } finally {
    log.stop()
  }
}

const hasStarted = ({ stage, startedAt }: Job): boolean => startedAt !== null || stage === 'RUNNING'

/** @returns null while the Hub gives no clear answer */
async function checkPresence(
  hub: Hub,
  presence: JobPresence,
  { order, id, signal }: OrderedJob & { signal: AbortSignal },
): Promise<Job | 'gone' | null> {
  try {
    const seen = await presence.check()
    return seen === 'missing' ? null : seen
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof HttpError && (error.status === 401 || error.status === 403)) {
      const url = jobUrl(hub, { namespace: order.recipe.targetNamespace, id })
      throw new Error(
        `hf-token can no longer read the Job (${error.status}). Its page shows how it ends: ${url}.`,
        {
          cause: error,
        },
      )
    }
    return null
  }
}
