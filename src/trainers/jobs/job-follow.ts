import type { Clock } from '../../http/clock.ts'
import { HttpError } from '../../http/errors.ts'
import type { Hub } from '../../hub/hub.ts'
import { isOver, type Job, jobUrl } from '../../hub/jobs/jobs.ts'
import { readJobLog } from '../../hub/jobs/logs.ts'
import type { RunOutput } from '../output/run-output.ts'
import { isGone, lookAtJob, type OrderedJob } from './job-look.ts'
import { stopForGood } from './job-stop.ts'

/** Milliseconds between two looks at a Job. */
const lookEvery = 5000

/** Milliseconds that a Job may take longer than its own limit allows, before it is stopped from here. */
const overdueMargin = 120_000

/** Milliseconds for a cancelled Job to come to its end. */
const stopTime = 60_000

/** How a Job was when nobody followed it any more. */
export interface FollowedJob {
  /** Null: the Hub has no such Job any more. */
  readonly job: Job | null
  /** Which time limit it broke, so that it was stopped from here; null when it kept to both. */
  readonly overdue: 'start' | 'end' | null
}

/**
 * Follows a Job to its end. The Hub's word on the Job alone decides when that is; the log is read beside, and
 * whatever goes wrong with it delays nothing. Answers that fail are no reason to stop looking.
 *
 * @param options.order its recipe says how long the Job may run, and may wait before it runs
 * @param options.onLook is called with the Job each time that the Hub showed it
 * @throws the signal's reason as soon as it is aborted; Error with the Job's URL when the Hub does not let us look
 *   any more, or an overdue Job cannot be stopped
 */
export async function followJob(
  hub: Hub,
  options: OrderedJob & {
    clock: Clock
    signal: AbortSignal
    output: RunOutput
    onLook: (job: Job) => void
  },
): Promise<FollowedJob> {
  const { order, id, clock, signal, output, onLook } = options
  const { timeout, targetNamespace: namespace } = order.recipe
  const log = readJobLog(hub, { namespace, id, clock, signal, onLine: output.add })
  const waitingSince = clock.now()
  let runningSince: number | null = null
  let last: Job | null = null
  let goneSince: number | null = null
  try {
    for (;;) {
      const seen = await look(hub, { order, id, signal })
      if (seen === 'gone') {
        goneSince ??= clock.now()
        if (isGone({ since: goneSince, now: clock.now() })) return { job: null, overdue: null }
      } else if (seen !== 'unknown') {
        goneSince = null
        last = seen
        if (hasBegun(seen)) runningSince ??= clock.now()
        onLook(seen)
        if (isOver(seen)) {
          await log.finish()
          return { job: seen, overdue: null }
        }
      }
      log.checkSilence()
      const overdue = whatIsOverdue({ waitingSince, runningSince, timeout, now: clock.now() })
      if (overdue !== null) {
        await stopForGood(hub, { order, id, clock, signal })
        const job = (await waitForEnd(hub, { order, id, clock, signal })) ?? last
        await log.finish()
        return { job, overdue }
      }
      await clock.sleep(lookEvery, signal)
    }
  } finally {
    log.stop()
  }
}

async function look(
  hub: Hub,
  options: OrderedJob & { signal: AbortSignal },
): Promise<Job | 'gone' | 'unknown'> {
  const { order, id, signal } = options
  try {
    return (await lookAtJob(hub, options)) ?? 'gone'
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof HttpError && (error.status === 401 || error.status === 403)) {
      const url = jobUrl(hub, { namespace: order.recipe.targetNamespace, id })
      throw new Error(
        `hf-token may not look at the Job any more (${error.status}): see how it ends at ${url}.`,
        { cause: error },
      )
    }
    return 'unknown'
  }
}

const hasBegun = ({ stage, startedAt }: Job): boolean => startedAt !== null || stage === 'RUNNING'

/**
 * All times are of this machine's clock, since it first saw the Job so: the Hub's may be hours apart from it. A Job
 * that was taken on late is given longer here; its end is the Hub's affair first. One that never begins costs nothing,
 * but the runner that waits for it does.
 */
function whatIsOverdue(options: {
  waitingSince: number
  runningSince: number | null
  timeout: number
  now: number
}): FollowedJob['overdue'] {
  const { waitingSince, runningSince, timeout, now } = options
  if (now - (runningSince ?? waitingSince) <= timeout + overdueMargin) return null
  return runningSince === null ? 'start' : 'end'
}

async function waitForEnd(
  hub: Hub,
  options: OrderedJob & { clock: Clock; signal: AbortSignal },
): Promise<Job | null> {
  const { clock, signal } = options
  const end = clock.now() + stopTime
  let job: Job | null = null
  while (clock.now() < end) {
    const seen = await look(hub, options)
    if (seen === 'gone') return null
    if (seen !== 'unknown') {
      job = seen
      if (isOver(seen)) return seen
    }
    await clock.sleep(lookEvery, signal)
  }
  return job
}
