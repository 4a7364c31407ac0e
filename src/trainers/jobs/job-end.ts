import { nothingMeasured } from '../../domain/metrics/measured.ts'
import { formatDuration } from '../../domain/text/format.ts'
import type { TrainingEnd, TrainingOrder } from '../../domain/training.ts'
import type { Hub } from '../../hub/hub.ts'
import type { Job } from '../../hub/jobs/jobs.ts'
import {
  finalMetrics,
  isPassing,
  type RunOutput,
  ranOutOfMemory,
  warningsOf,
  withLastError,
  withLastErrorOrLine,
} from '../output/run-output.ts'
import type { LastSeen } from './job-follow.ts'
import type { VerifiedEnd } from './job-kind.ts'
import { hasStarted, queueLimitMs, timeoutOf } from './job-limits.ts'
import { costOf } from './start/job-price.ts'
import { timeoutToleranceMs } from './times.ts'

type Ending = Pick<TrainingEnd, 'verdict' | 'cause' | 'reason'>

/** What a Job's end is judged by. */
export interface JobFacts {
  readonly order: TrainingOrder
  readonly seen: LastSeen
  readonly output: RunOutput
  /** USD; null when not known. */
  readonly perMinute: number | null
  /** When its end was seen, in milliseconds since the epoch; null when nothing followed it. */
  readonly endSeenAt: number | null
}

/**
 * The Hub's message for a Job that it ended at its time limit. Whether the stage is then an error or a cancellation is
 * not documented. https://huggingface.co/docs/hub/jobs-manage
 */
const timeoutMessage = /^job timeout\b/i

/** A person who cancels a Job leaves no message, so one that mentions a timeout comes from the Hub. */
const mentionsTimeout = /timeout|timed out/i

/** Messages of the Hub and its cluster about a Job that lost its machine: another try may succeed. */
const machineLost =
  /\b(?:evict(?:ed|ion)|preempt(?:ed|ion)|node ?(?:lost|shutdown|not ?ready|unreachable)|nodelost|spot (?:instance|interruption)|terminated by the hub|internal (?:server )?error)\b|\bnode\b.{0,40}\b(?:lost|gone|unreachable|not ready|shut ?down|drained)\b/i

/** Only what ran has an exit code. */
const exitCode = /\bexit(?:ed with)?(?: code| status)/i

/** Messages about a Job whose largest process the kernel killed: 137 is 128 + SIGKILL. */
const memoryExceeded = /\bOOM ?Killed\b|\bout of memory\b|\bexit(?:ed with)?(?: code| status)?:? 137\b/i

/**
 * Judges how a training ended.
 *
 * @param options.verifyModel checks the model of a Job that completed
 * @param options.isRevisionGone whether the Hub has lost the revision that the Job had mounted
 */
export async function endOfJob(
  hub: Hub,
  options: JobFacts & {
    verifyModel: () => Promise<VerifiedEnd>
    isRevisionGone: () => Promise<boolean>
  },
): Promise<TrainingEnd> {
  const { seen, output, perMinute, endSeenAt, verifyModel } = options
  const { job, exceeded, ran } = seen
  const began = ran || hasStarted(job) || output.tail.length > 0 || exitCode.test(job.message ?? '')
  const verified = job.stage === 'COMPLETED' && exceeded === null ? await verifyModel() : null
  const { verdict, cause, reason } = verified ?? (await badEnd(hub, { ...options, began }))
  const trainedMs = began ? elapsedOf(job, endSeenAt) : 0
  const cost = perMinute === null || trainedMs === null ? null : costOf(perMinute, trainedMs)
  return {
    verdict,
    cause,
    began,
    trainedMs,
    endedAt: job.finishedAt ?? endSeenAt,
    reason: output.hide(reason),
    ...finalMetrics(output, verified?.measured ?? nothingMeasured),
    curve: output.metrics.curve,
    logTail: [...output.tail],
    cost: began ? cost : 0,
    warnings: [...warningsOf(output, options.order.recipe), ...(verified?.warnings ?? [])],
  }
}

/**
 * Milliseconds that a Job ran until its end; null when that is not known, or it never started.
 *
 * @param now its end where the Hub does not show one; null: not known
 */
export function elapsedOf({ startedAt, finishedAt }: Job, now: number | null): number | null {
  const end = finishedAt ?? now
  return startedAt === null || end === null ? null : Math.max(0, end - startedAt)
}

async function badEnd(
  hub: Hub,
  {
    order,
    seen,
    output,
    began,
    isRevisionGone,
  }: Pick<JobFacts, 'order' | 'seen' | 'output'> & {
    began: boolean
    isRevisionGone: () => Promise<boolean>
  },
): Promise<Ending> {
  const { recipe } = order
  const { job, exceeded } = seen
  const timeoutMs = timeoutOf(job, recipe)
  const limit = formatDuration(timeoutMs)
  const failed = (cause: TrainingEnd['cause'], reason: string): Ending => ({
    verdict: 'failed',
    cause,
    reason: withLastError(reason, output),
  })
  if (exceeded === 'run') {
    return failed('limit', `The Job ran longer than its timeout of ${limit} and was cancelled`)
  }
  if (exceeded === 'queue') {
    return failed(
      'infrastructure',
      `The Job was still queued after ${formatDuration(queueLimitMs(timeoutMs))} and was cancelled: ` +
        'no hardware of its kind was free, or its image could not be pulled',
    )
  }
  if (job.stage === 'DELETED') {
    return { verdict: 'cancelled', cause: 'person', reason: 'The Job was deleted on the Hub.' }
  }
  if (endedByTimeout(job, timeoutMs)) {
    return failed('limit', `The Job was stopped at its timeout of ${limit}: raise timeout, or train less`)
  }
  const message = job.message === null || job.message === '' ? '' : ` (${job.message})`
  // The Hub writes reasons as NO_CREDITS: an underscore is no boundary of a word.
  const lost = [job.cancelReason, job.message].find((text) =>
    machineLost.test(text?.replaceAll('_', ' ') ?? ''),
  )
  if (lost !== undefined) return failed('infrastructure', `The Job lost its machine (${lost})`)
  if (job.stage === 'CANCELED') return cancelled(hub, job, recipe.targetNamespace)
  if (output.push === 'failed') {
    const cause = isPassing(output) ? 'infrastructure' : 'training'
    return failed(cause, `The training ended well, but the push of its model to the Hub failed${message}`)
  }
  if (memoryExceeded.test(job.message ?? '') || ranOutOfMemory(output)) {
    return failed('limit', `The Job ran out of memory${message}`)
  }
  if (await isRevisionGone()) {
    return failed(
      'infrastructure',
      `The Job failed, and its commit of the dataset is gone from the Hub${message}`,
    )
  }
  if (!began) {
    return failed(
      'infrastructure',
      `The Job never began${message}: no hardware of its kind was free, or its image could not be pulled`,
    )
  }
  const setup = output.setupError()
  if (setup !== null) {
    return failed(
      setup.mayPass ? 'infrastructure' : 'training',
      `The Job failed${message} before the script ran, while uv prepared its environment`,
    )
  }
  const reason = withLastErrorOrLine(`The Job failed${message}`, output)
  return { verdict: 'failed', cause: 'training', reason }
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
  if (cancelReason === null) {
    return { verdict: 'cancelled', cause: 'person', reason: 'The Job was cancelled on the Hub.' }
  }
  const advice =
    cancelReason === 'NO_CREDITS'
      ? `: ${namespace} has no credits left, add some in its billing settings at ${hub.url}/settings/billing`
      : ''
  const reason = `The Hub cancelled the Job (${cancelReason})${advice}.`
  return { verdict: 'failed', cause: 'infrastructure', reason }
}
