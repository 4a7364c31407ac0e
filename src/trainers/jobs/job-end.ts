import { formatDuration } from '../../domain/format.ts'
import type { TrainingEnd, TrainingOrder } from '../../domain/training.ts'
import type { Hub } from '../../hub/hub.ts'
import type { Job } from '../../hub/jobs/jobs.ts'
import type { RunOutput } from '../output/run-output.ts'
import type { FollowedJob } from './job-follow.ts'
import { costOf } from './job-price.ts'

type Ending = Pick<TrainingEnd, 'verdict' | 'reason'>

/** What a trainer knows of a Job that came to a good end. */
export interface Proof extends Ending {
  /** Measured at the end, which counts more than what the log said on the way. */
  readonly metrics: Readonly<Record<string, number>>
}

/** What a Job's end is judged by. */
export interface JobFacts {
  readonly order: TrainingOrder
  readonly followed: FollowedJob
  readonly output: RunOutput
  /** USD; null when not known. */
  readonly perMinute: number | null
  /** Milliseconds since the epoch. */
  readonly now: number
}

/**
 * What the Hub says of a Job that it ended at its time limit. Whether it calls that an error or a cancellation is not
 * documented. https://huggingface.co/docs/hub/jobs-manage
 */
const limitMessage = /^job timeout\b/i

/** A person who cancels a Job leaves no message: one that speaks of time is the Hub's. */
const saysTimeout = /timeout|timed out/i

/** Milliseconds within which a Job counts as ended by its time limit. */
const limitTolerance = 10_000

/**
 * How a training ended, by the last that is known of its Job.
 *
 * @param options.prove looks at what a Job left behind that the Hub calls completed
 */
export async function endOfJob(
  hub: Hub,
  options: JobFacts & { prove: (job: Job) => Promise<Proof> },
): Promise<TrainingEnd> {
  const { followed, output, perMinute, now, prove } = options
  const { job, overdue } = followed
  const proof = job?.stage === 'COMPLETED' && overdue === null ? await prove(job) : null
  const { verdict, reason } = proof ?? badEnd(hub, options)
  const elapsed = job === null ? null : elapsedOf(job, now)
  return {
    verdict,
    reason: output.hide(reason),
    metrics: { ...output.metrics.final(), ...proof?.metrics },
    curve: output.metrics.curve,
    logTail: [...output.tail],
    cost: perMinute === null || job === null ? null : costOf(perMinute, elapsed ?? 0),
  }
}

/** Milliseconds that a Job has run until its end, or until now; null when it has not begun. */
export function elapsedOf({ startedAt, finishedAt }: Job, now: number): number | null {
  return startedAt === null ? null : Math.max(0, (finishedAt ?? now) - startedAt)
}

function badEnd(hub: Hub, { order, followed, output }: JobFacts): Ending {
  const { recipe } = order
  const { job, overdue } = followed
  const limit = formatDuration(recipe.timeout)
  const failed = (reason: string): Ending => ({ verdict: 'failed', reason: withCause(reason, output) })
  if (overdue === 'end') return failed(`The Job ran longer than its timeout of ${limit} and was cancelled`)
  if (overdue === 'start') {
    return failed(
      `The Job did not begin to run within ${limit} and was cancelled: ` +
        'its image cannot be pulled, or there is no free hardware of its kind',
    )
  }
  if (job === null || job.stage === 'DELETED') {
    return { verdict: 'cancelled', reason: 'The Job was deleted at the Hub.' }
  }
  // The recipe may have been changed since the Job was started.
  const timeout = job.timeoutMs ?? recipe.timeout
  if (ranOut(job, timeout)) {
    return failed(`The Job ran into its timeout of ${formatDuration(timeout)}: raise timeout, or train less`)
  }
  if (job.stage === 'CANCELED') return cancelled(hub, job, recipe.targetNamespace)
  const message = job.message === null || job.message === '' ? '' : ` (${job.message})`
  return failed(`The Job failed${message}`)
}

/** Whether the Hub ended a Job at its time limit: by what it says, or by how long the Job ran on the Hub's own clock. */
function ranOut(job: Job, timeout: number): boolean {
  const { stage, message, cancelReason, startedAt, finishedAt } = job
  const says = stage === 'CANCELED' ? saysTimeout : limitMessage
  if (says.test(cancelReason ?? message ?? '')) return true
  if (cancelReason !== null || startedAt === null || finishedAt === null) return false
  return finishedAt - startedAt > timeout - limitTolerance
}

function cancelled(hub: Hub, { cancelReason }: Job, namespace: string): Ending {
  if (cancelReason === null) return { verdict: 'cancelled', reason: 'The Job was cancelled at the Hub.' }
  const advice =
    cancelReason === 'NO_CREDITS'
      ? `: ${namespace} has no credits left, add some in its billing settings at ${hub.url}/settings/billing`
      : ''
  return { verdict: 'failed', reason: `The Hub cancelled the Job (${cancelReason})${advice}.` }
}

/** A reason that ends with the error that the log shows, when it shows one. */
export function withCause(reason: string, output: RunOutput): string {
  const cause = output.cause()
  return cause === null ? `${reason}.` : `${reason}: ${cause}`
}
