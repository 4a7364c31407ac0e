import { formatDuration } from '../../domain/text/format.ts'
import type { ListedRun, OutOfSight, TrainingOrder, TrainingRun } from '../../domain/training.ts'
import type { Clock } from '../../http/clock.ts'
import { pollUntil } from '../../http/poll.ts'
import type { Hub } from '../../hub/hub.ts'
import { isOver, type Job, jobUrl, readJob } from '../../hub/jobs/jobs.ts'
import { jobsWithLabels } from '../../hub/jobs/list.ts'
import { ledgerLabel, nonceLabel, revisionLabels } from './start/job-labels.ts'
import { jobCheckEveryMs, jobUnseenAfterMs } from './times.ts'

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
  const jobs = await jobsWithLabels(hub, { namespace, labels: { [nonceLabel]: nonce }, signal })
  return jobs[0] ?? null
}

/** The run that a Job is. */
export function toRun({ id, url }: Job): TrainingRun {
  return { id, url, nextStep: null }
}

/**
 * Lists the Jobs of a recipe at a revision, of any attempt and any ledger, oldest first. Jobs of versions without these
 * labels are found by their nonce only.
 */
export async function listRuns(hub: Hub, order: TrainingOrder, signal: AbortSignal): Promise<ListedRun[]> {
  const namespace = order.recipe.targetNamespace
  const jobs = await jobsWithLabels(hub, { namespace, labels: revisionLabels(order), signal })
  const listed = jobs.map((job) => ({
    run: toRun(job),
    nonce: job.labels[nonceLabel] ?? '',
    ledger: job.labels[ledgerLabel] ?? null,
    isLive: !isOver(job),
    createdAt: job.createdAt,
  }))
  // The Hub lists the newest first, which decides where it does not say when a Job was created.
  return listed.toReversed().toSorted((a, b) => (a.createdAt ?? 0) - (b.createdAt ?? 0))
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

/** Watches whether the Hub still shows a Job. */
export interface JobPresence {
  /**
   * Reads the Job.
   *
   * @returns the Job; `missing` while the Hub shows it neither by id nor in the list; `unseen` once that lasted a minute,
   *   which does not mean that it is gone: it may still be running
   * @throws HttpError or NoAnswerError when the Hub gives no clear answer: the minute starts again
   */
  check(): Promise<Job | 'missing' | 'unseen'>
}

/** Starts watching whether the Hub still shows a Job. Reads nothing yet. */
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
      return clock.now() - missingSince >= jobUnseenAfterMs ? 'unseen' : 'missing'
    },
  }
}

/**
 * Reads a Job, waiting up to a minute for the Hub to show it.
 *
 * @param options.isUnseen whether an earlier check waited that minute in vain: then nothing is waited for
 * @returns null when the Hub did not show it for a minute
 * @throws HttpError or NoAnswerError when the Hub gives no clear answer; the signal's reason once it is aborted
 */
export async function readJobInSight(
  hub: Hub,
  options: OrderedJob & { isUnseen: boolean; clock: Clock; signal: AbortSignal },
): Promise<Job | null> {
  const { isUnseen, clock, signal } = options
  if (isUnseen) return readOrderedJob(hub, options)
  const presence = watchPresence(hub, options)
  const found = await pollUntil({
    everyMs: jobCheckEveryMs,
    giveUpAfterMs: jobUnseenAfterMs,
    clock,
    signal,
    check: async () => {
      const seen = await presence.check()
      return seen === 'missing' ? null : seen
    },
  })
  return found === 'unseen' ? null : found
}

/** What is said of a Job that the Hub does not show any more. */
export function outOfSight(hub: Hub, { order, id }: OrderedJob): OutOfSight {
  const url = jobUrl(hub, { namespace: order.recipe.targetNamespace, id })
  return {
    verdict: 'out-of-sight',
    reason:
      `The Hub does not show the Job any more (for ${formatDuration(jobUnseenAfterMs)}, by its id and in the list): ` +
      `it may still be running and billed: ${url}. Every check asks again.`,
  }
}
