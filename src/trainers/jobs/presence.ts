import type { TrainingOrder } from '../../domain/training.ts'
import type { Clock } from '../../http/clock.ts'
import { pollUntil } from '../../http/poll.ts'
import type { Hub } from '../../hub/hub.ts'
import { type Job, readJob } from '../../hub/jobs/jobs.ts'
import { jobsWithLabel } from '../../hub/jobs/list.ts'
import { nonceLabel } from './job-labels.ts'
import { jobCheckEveryMs, jobGoneAfterMs } from './times.ts'

/** A Job and the order that started it: the order's nonce finds the Job in the Hub's list too. */
export interface OrderedJob {
  readonly order: TrainingOrder
  readonly id: string
}

/** Finds the Job of an order by its nonce; null when the Hub's list has none. */
export async function findJob(
  hub: Hub,
  { recipe, nonce }: TrainingOrder,
  signal?: AbortSignal,
): Promise<Job | null> {
  const namespace = recipe.targetNamespace
  const jobs = await jobsWithLabel(hub, { namespace, label: nonceLabel, value: nonce, signal })
  return jobs[0] ?? null
}

/**
 * Reads a Job by its id, then by its label. The Hub also answers 404 for a new Job that not all its machines know, and
 * to a token that cannot see the namespace. So a 404 counts only when the namespace's list can be read and lacks the
 * Job too.
 *
 * @returns null when neither has it
 * @throws HttpError or NoAnswerError when the Hub gives no clear answer
 */
async function readOrderedJob(
  hub: Hub,
  { order, id, signal }: OrderedJob & { signal?: AbortSignal | undefined },
): Promise<Job | null> {
  const { targetNamespace: namespace } = order.recipe
  return (await readJob(hub, { namespace, id, signal })) ?? (await findJob(hub, order, signal))
}

/** Watches whether a Job still exists. */
export interface JobPresence {
  /**
   * Reads the Job.
   *
   * @returns the Job; `missing` while the Hub shows it neither by id nor in the list; `gone` once that lasted a minute
   * @throws HttpError or NoAnswerError when the Hub gives no clear answer: the minute starts again
   */
  check(): Promise<Job | 'missing' | 'gone'>
}

/** Starts watching whether a Job still exists. Reads nothing yet. */
export function watchPresence(
  hub: Hub,
  options: OrderedJob & { clock: Clock; signal?: AbortSignal | undefined },
): JobPresence {
  const { clock } = options
  let missingSince: number | null = null
  return {
    async check() {
      const job = await readOrderedJob(hub, options).catch((error: unknown) => {
        missingSince = null
        throw error
      })
      if (job !== null) {
        missingSince = null
        return job
      }
      missingSince ??= clock.now()
      return clock.now() - missingSince >= jobGoneAfterMs ? 'gone' : 'missing'
    },
  }
}

/**
 * Reads a Job, waiting up to a minute for the Hub to show it.
 *
 * @returns null when the Job is gone
 * @throws HttpError or NoAnswerError when the Hub gives no clear answer; the signal's reason once it is aborted
 */
export async function readJobUnlessGone(
  hub: Hub,
  options: OrderedJob & { clock: Clock; signal: AbortSignal },
): Promise<Job | null> {
  const { clock, signal } = options
  const presence = watchPresence(hub, options)
  const found = await pollUntil({
    everyMs: jobCheckEveryMs,
    giveUpAfterMs: jobGoneAfterMs,
    clock,
    signal,
    check: async () => {
      const seen = await presence.check()
      return seen === 'missing' ? null : seen
    },
  })
  return found === 'gone' ? null : found
}
