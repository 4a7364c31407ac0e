import { messageOf } from '../../domain/error-message.ts'
import { NotStarted, type TrainingOrder } from '../../domain/training.ts'
import type { Clock } from '../../http/clock.ts'
import { HttpError, NoAnswerError } from '../../http/errors.ts'
import type { Hub } from '../../hub/hub.ts'
import { type Job, type JobSpec, startJob } from '../../hub/jobs/jobs.ts'
import { jobsWithLabel } from '../../hub/jobs/list.ts'
import { nonceLabel } from './job-labels.ts'

/** Milliseconds for which a Job may stay unseen after an unclear answer, before it is certain that there is none. */
export const settleTime = 60_000

/** Milliseconds after which whoever asks in vain whether there is a Job gives up. */
const giveUpAfter = 180_000

const askEvery = 5000

/** The same two for whoever was cancelled: the runner gives 7.5 s, and the end of the job goes on looking. */
const cancelledGiveUpAfter = 5000
const cancelledAskEvery = 1000

/** Of what the Hub says, so much is shown. */
const maxSaid = 300

/**
 * Starts the Job of an order. An answer that leaves open whether it was started is followed by looking for the Job
 * by the order's nonce: found, it is taken on; not seen for a minute, there is none.
 *
 * @param options.signal aborted when the workflow is cancelled: it cuts off no call, and nobody looks for long then
 * @returns the Job, running or not yet
 * @throws NotStarted when there certainly is none; any other error when nobody can tell
 */
export async function startOnce(
  hub: Hub,
  options: { order: TrainingOrder; spec: JobSpec; clock: Clock; signal: AbortSignal },
): Promise<Job> {
  const { order, spec, clock, signal } = options
  try {
    return await startJob(hub, { namespace: order.recipe.targetNamespace, spec })
  } catch (error) {
    const refusal = certainRefusal(error, hub, order)
    if (refusal !== null) throw refusal
    return await lookForJob(hub, { order, clock, signal, cause: error })
  }
}

/** The Job of an order; null while the Hub shows none. */
export async function findJob(
  hub: Hub,
  { recipe, nonce }: TrainingOrder,
  signal?: AbortSignal,
): Promise<Job | null> {
  const namespace = recipe.targetNamespace
  const jobs = await jobsWithLabel(hub, { namespace, label: nonceLabel, value: nonce, signal })
  return jobs[0] ?? null
}

async function lookForJob(
  hub: Hub,
  options: { order: TrainingOrder; clock: Clock; signal: AbortSignal; cause: unknown },
): Promise<Job> {
  const { order, clock, signal, cause } = options
  const since = clock.now()
  let cancelledAt: number | null = null
  for (;;) {
    if (signal.aborted) cancelledAt ??= clock.now()
    const found = await findJob(hub, order).catch(() => 'unknown' as const)
    if (found !== null && found !== 'unknown') return found
    const waited = clock.now() - since
    if (found === null && waited >= settleTime) {
      throw new NotStarted(
        `The Hub did not take the Job on: its answer was unclear (${messageOf(cause)}), ` +
          'and a minute later there is no Job. Run the workflow again.',
        { cause },
      )
    }
    const isLate = cancelledAt !== null && clock.now() - cancelledAt >= cancelledGiveUpAfter
    if (waited >= giveUpAfter || isLate) {
      const shown = found === null ? 'shows none yet' : 'does not say which Jobs there are'
      throw new Error(
        `Nobody can tell whether the Job was started: its answer was unclear (${messageOf(cause)}), and the Hub ` +
          `${shown}. Look at ${hub.url}/jobs/${order.recipe.targetNamespace} ` +
          `for one named ${order.project}.`,
        { cause },
      )
    }
    if (cancelledAt === null) await clock.sleep(askEvery, signal).catch(() => undefined)
    else await clock.sleep(cancelledAskEvery)
  }
}

/** What a 4xx means, in a sentence that helps; null when the answer leaves open whether a Job was started. */
function certainRefusal(error: unknown, hub: Hub, { recipe }: TrainingOrder): NotStarted | null {
  if (error instanceof NoAnswerError && error.neverSent) {
    return new NotStarted(`The Hub cannot be reached: ${error.message}. Run the workflow again.`, {
      cause: error,
    })
  }
  // A time limit of the Hub's front (408) says nothing about what is behind it.
  if (!(error instanceof HttpError) || error.status < 400 || error.status >= 500 || error.status === 408) {
    return null
  }
  const { status, requestId } = error
  const id = requestId === null ? '' : `, request id ${requestId}`
  const answer = `The Hub did not start the Job (${status}${id})`
  const namespace = recipe.targetNamespace
  const advice = (): string => {
    switch (status) {
      case 401:
        return `hf-token is not accepted: make a new one at ${hub.url}/settings/tokens and store it as the secret`
      case 402:
        return `${namespace} has no credits for Jobs: add some in its billing settings at ${hub.url}/settings/billing`
      case 403:
        return `hf-token may not start Jobs in ${namespace}: give it the write role, or the permission for Jobs there`
      case 404:
        return (
          `hf-token does not see the namespace ${namespace}, or not the dataset at this revision: ` +
          'check target-namespace and what the token may read'
        )
      case 429:
        return 'too many requests: run the workflow again later'
      default:
        return `it said: ${said(error)}; check hardware, image and timeout`
    }
  }
  return new NotStarted(`${answer}: ${advice()}.`, { cause: error })
}

function said({ body }: HttpError): string {
  const text = body.replaceAll(/\s+/g, ' ').trim().slice(0, maxSaid)
  return text === '' ? 'nothing' : text
}
