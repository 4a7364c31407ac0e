import type { Clock } from '../http/clock.ts'
import { HttpError } from '../http/errors.ts'
import type { Hub } from '../hub/hub.ts'
import { isOver, type Job, type JobPlace, jobUrl, readJob } from '../hub/jobs.ts'
import { readJobLog } from '../hub/jobs-logs.ts'
import { stopForGood } from './job-stop.ts'
import type { RunOutput } from './run-output.ts'

/** Milliseconds between two looks at a Job. */
const lookEvery = 5000

/** Milliseconds that a Job may take longer than its own limit allows, before it is stopped from here. */
const overdueMargin = 120_000

/** Milliseconds for a cancelled Job to come to its end. */
const stopTime = 60_000

/** Milliseconds for which the Hub may deny a Job before that is believed: not all its machines know a new one at once. */
const goneAfter = 30_000

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
 * @param options.timeout milliseconds that the Job may run, and may wait before it runs
 * @param options.onLook is called with the Job each time that the Hub showed it
 * @throws the signal's reason as soon as it is aborted; Error with the Job's URL when the Hub does not let us look
 *   any more, or an overdue Job cannot be stopped
 */
export async function followJob(
  hub: Hub,
  options: JobPlace & {
    timeout: number
    clock: Clock
    signal: AbortSignal
    output: RunOutput
    onLook: (job: Job) => void
  },
): Promise<FollowedJob> {
  const { namespace, id, timeout, clock, signal, output, onLook } = options
  const place = { namespace, id }
  const log = readJobLog(hub, { ...place, clock, signal, onLine: output.add })
  const waitingSince = clock.now()
  let runningSince: number | null = null
  let last: Job | null = null
  let goneSince: number | null = null
  try {
    for (;;) {
      const seen = await look(hub, place, signal)
      if (seen === 'gone') {
        goneSince ??= clock.now()
        if (clock.now() - goneSince >= goneAfter) return { job: null, overdue: null }
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
        await stopForGood(hub, { ...place, clock, signal })
        const job = (await waitForEnd(hub, { ...place, clock, signal })) ?? last
        await log.finish()
        return { job, overdue }
      }
      await clock.sleep(lookEvery, signal)
    }
  } finally {
    log.stop()
  }
}

async function look(hub: Hub, place: JobPlace, signal: AbortSignal): Promise<Job | 'gone' | 'unknown'> {
  try {
    return (await readJob(hub, { ...place, signal })) ?? 'gone'
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof HttpError && (error.status === 401 || error.status === 403)) {
      throw new Error(
        `hf-token may not look at the Job any more (${error.status}): see how it ends at ${jobUrl(hub, place)}.`,
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
  options: JobPlace & { clock: Clock; signal: AbortSignal },
): Promise<Job | null> {
  const { clock, signal, ...place } = options
  const end = clock.now() + stopTime
  let job: Job | null = null
  while (clock.now() < end) {
    const seen = await look(hub, place, signal)
    if (seen === 'gone') return null
    if (seen !== 'unknown') {
      job = seen
      if (isOver(seen)) return seen
    }
    await clock.sleep(lookEvery, signal)
  }
  return job
}
