import type { Recipe } from '../../domain/recipe.ts'
import type { Job } from '../../hub/jobs/jobs.ts'
import { clockToleranceMs, minQueueLimitMs, overdueMarginMs } from './times.ts'

/** The limit that a Job exceeded: it waited too long for hardware, or ran too long. */
export type ExceededLimit = 'queue' | 'run'

/** How long a Job may wait before it runs, in milliseconds. */
export function queueLimitMs(timeoutMs: number): number {
  return Math.max(timeoutMs, minQueueLimitMs)
}

/** Whether a Job has started to run. */
export function hasStarted({ stage, startedAt }: Job): boolean {
  return startedAt !== null || stage === 'RUNNING' || stage === 'COMPLETED'
}

/** The limit of a Job's run: the recipe may have been changed since the Job was started. */
export function timeoutOf(job: Job | null, recipe: Recipe): number {
  return job?.timeoutMs ?? recipe.timeout
}

/**
 * The limit that a Job which is not followed has exceeded; null while it may go on. Only the Hub's clock says when it
 * was created and started.
 *
 * @param options.now milliseconds since the epoch, on this machine's clock
 */
export function limitOnHubClock(
  job: Job,
  { recipe, now }: { recipe: Recipe; now: number },
): ExceededLimit | null {
  const timeoutMs = timeoutOf(job, recipe)
  const { createdAt, startedAt } = job
  if (hasStarted(job)) {
    // Without the time of its start, it counts as started at the end of the longest wait.
    const startedBy = startedAt ?? (createdAt === null ? now : createdAt + queueLimitMs(timeoutMs))
    const runMs = now - startedBy
    return runMs > timeoutMs + overdueMarginMs + clockToleranceMs ? 'run' : null
  }
  return createdAt !== null && now - createdAt >= queueLimitMs(timeoutMs) ? 'queue' : null
}

/** Watches the limits of a Job that is followed. */
export interface LimitWatch {
  /** Takes the Job as the Hub shows it now. */
  saw(job: Job): void
  /** The limit that the Job has exceeded by now; null while it may go on. */
  exceeded(): ExceededLimit | null
}

/**
 * Starts to watch the limits of a Job, on this machine's clock from when it was first seen waiting or running: the
 * Hub's clock may be hours off. A Job that another process ordered may have waited before, so that the Hub's time of
 * its creation counts. While it runs it gets longer this way; the Hub ends it first.
 *
 * @param options.isOurs whether this process ordered the Job
 */
export function watchLimits(options: { recipe: Recipe; now: () => number; isOurs: boolean }): LimitWatch {
  const { recipe, now, isOurs } = options
  let queuedSince = now()
  let runningSince: number | null = null
  let timeoutMs = recipe.timeout
  return {
    saw(job) {
      timeoutMs = timeoutOf(job, recipe)
      if (!isOurs && job.createdAt !== null) queuedSince = Math.min(queuedSince, job.createdAt)
      if (hasStarted(job)) runningSince ??= now()
    },
    exceeded() {
      if (runningSince !== null) return now() - runningSince > timeoutMs + overdueMarginMs ? 'run' : null
      return now() - queuedSince >= queueLimitMs(timeoutMs) ? 'queue' : null
    },
  }
}
