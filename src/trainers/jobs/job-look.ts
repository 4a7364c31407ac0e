import type { TrainingOrder } from '../../domain/training.ts'
import type { Clock } from '../../http/clock.ts'
import type { Hub } from '../../hub/hub.ts'
import { type Job, readJob } from '../../hub/jobs/jobs.ts'
import { findJob, settleTime } from './job-start.ts'

/** A Job, and the order that it was started by: by its nonce the Job is in the Hub's list too. */
export interface OrderedJob {
  readonly order: TrainingOrder
  readonly id: string
}

const lookEvery = 5000

/**
 * Looks at a Job. The Hub answers 404 also for a new Job that not all its machines know, and to a token that does not
 * see the namespace: so a 404 is believed only where the list of the namespace can be read and lacks the Job as well.
 *
 * @returns null when neither shows it
 * @throws HttpError or NoAnswerError when nobody can tell
 */
export async function lookAtJob(
  hub: Hub,
  { order, id, signal }: OrderedJob & { signal?: AbortSignal | undefined },
): Promise<Job | null> {
  const { targetNamespace: namespace } = order.recipe
  return (await readJob(hub, { namespace, id, signal })) ?? (await findJob(hub, order, signal))
}

/**
 * Whether a Job is gone for good: seen by nobody for a minute.
 *
 * @param since when it was first not seen, in milliseconds since the epoch
 */
export function isGone({ since, now }: { since: number; now: number }): boolean {
  return now - since >= settleTime
}

/**
 * Looks at a Job until it is seen, or gone for good.
 *
 * @returns null when it is gone
 * @throws HttpError or NoAnswerError when nobody can tell
 */
export async function seeJob(
  hub: Hub,
  options: OrderedJob & { clock: Clock; signal: AbortSignal },
): Promise<Job | null> {
  const { clock, signal } = options
  const since = clock.now()
  for (;;) {
    const job = await lookAtJob(hub, options)
    if (job !== null || isGone({ since, now: clock.now() })) return job
    await clock.sleep(lookEvery, signal)
  }
}
