import { formatDuration } from '../../domain/format.ts'
import type { TrainingEnd, TrainingOrder } from '../../domain/training.ts'
import type { Hub } from '../../hub/hub.ts'
import type { Job } from '../../hub/jobs/jobs.ts'
import { type RunOutput, withLastError } from '../output/run-output.ts'
import type { LastSeen } from './job-follow.ts'
import type { VerifiedEnd } from './job-kind.ts'
import { costOf } from './job-price.ts'
import { timeoutToleranceMs } from './times.ts'

type Ending = Pick<TrainingEnd, 'verdict' | 'reason'>

/** What a Job's end is judged by. */
export interface JobFacts {
  readonly order: TrainingOrder
  readonly seen: LastSeen
  readonly output: RunOutput
  /** USD; null when not known. */
  readonly perMinute: number | null
  /** Milliseconds since the epoch. */
  readonly now: number
}

/**
 * The Hub's message for a Job that it ended at its time limit. Whether the stage is then an error or a cancellation is
 * not documented. https://huggingface.co/docs/hub/jobs-manage
 */
const timeoutMessage = /^job timeout\b/i

/** A person who cancels a Job leaves no message, so one that mentions a timeout comes from the Hub. */
const mentionsTimeout = /timeout|timed out/i

/**
 * Judges how a training ended.
 *
 * @param options.verifyModel checks the model of a Job that completed
 */
export async function endOfJob(
  hub: Hub,
  options: JobFacts & { verifyModel: (job: Job) => Promise<VerifiedEnd> },
): Promise<TrainingEnd> {
  const { seen, output, perMinute, now, verifyModel } = options
  const { job, exceeded } = seen
  const verified = job?.stage === 'COMPLETED' && exceeded === null ? await verifyModel(job) : null
  const { verdict, reason } = verified ?? badEnd(hub, options)
  const elapsedMs = job === null ? null : elapsedOf(job, now)
  return {
    verdict,
    reason: output.hide(reason),
    metrics: { ...output.metrics.final(), ...verified?.metrics },
    curve: output.metrics.curve,
    logTail: [...output.tail],
    cost: perMinute === null || job === null ? null : costOf(perMinute, elapsedMs ?? 0),
  }
}

/** Milliseconds that a Job ran until its end, or until now; null when it never started. */
export function elapsedOf({ startedAt, finishedAt }: Job, now: number): number | null {
  return startedAt === null ? null : Math.max(0, (finishedAt ?? now) - startedAt)
}

function badEnd(hub: Hub, { order, seen, output }: JobFacts): Ending {
  const { recipe } = order
  const { job, exceeded } = seen
  const limit = formatDuration(recipe.timeout)
  const failed = (reason: string): Ending => ({ verdict: 'failed', reason: withLastError(reason, output) })
  if (exceeded === 'run') return failed(`The Job ran longer than its timeout of ${limit} and was cancelled`)
  if (exceeded === 'start') {
    return failed(
      `The Job did not start within ${limit} and was cancelled: ` +
        'its image could not be pulled, or no hardware of its kind was free',
    )
  }
  if (job === null || job.stage === 'DELETED') {
    return { verdict: 'cancelled', reason: 'The Job was deleted on the Hub.' }
  }
  // The recipe may have been changed since the Job was started.
  const timeoutMs = job.timeoutMs ?? recipe.timeout
  if (endedByTimeout(job, timeoutMs)) {
    return failed(
      `The Job was stopped at its timeout of ${formatDuration(timeoutMs)}: raise timeout, or train less`,
    )
  }
  if (job.stage === 'CANCELED') return cancelled(hub, job, recipe.targetNamespace)
  const message = job.message === null || job.message === '' ? '' : ` (${job.message})`
  return failed(`The Job failed${message}`)
}

/** Whether the Hub ended a Job at its time limit: by its message, or by how long the Job ran on the Hub's clock. */
function endedByTimeout(job: Job, timeoutMs: number): boolean {
  const { stage, message, cancelReason, startedAt, finishedAt } = job
  const pattern = stage === 'CANCELED' ? mentionsTimeout : timeoutMessage
  if (pattern.test(cancelReason ?? message ?? '')) return true
  if (cancelReason !== null || startedAt === null || finishedAt === null) return false
  return finishedAt - startedAt > timeoutMs - timeoutToleranceMs
}

function cancelled(hub: Hub, { cancelReason }: Job, namespace: string): Ending {
  if (cancelReason === null) return { verdict: 'cancelled', reason: 'The Job was cancelled on the Hub.' }
  const advice =
    cancelReason === 'NO_CREDITS'
      ? `: ${namespace} has no credits left, add some in its billing settings at ${hub.url}/settings/billing`
      : ''
  return { verdict: 'failed', reason: `The Hub cancelled the Job (${cancelReason})${advice}.` }
}
