import { messageOf } from '../../../domain/error-message.ts'
import type { TrainingOrder } from '../../../domain/training.ts'
import { NotStarted, UnclearStart } from '../../../domain/verdict.ts'
import { answerDetails, nextSentence } from '../../../http/answers/refusal-text.ts'
import type { Clock } from '../../../http/clock.ts'
import { HttpError, NoAnswerError } from '../../../http/errors.ts'
import { pollUntil } from '../../../http/poll.ts'
import type { Hub } from '../../../hub/hub.ts'
import { type Job, type JobSpec, startJob } from '../../../hub/jobs/jobs.ts'
import { adviseOnHub } from '../../../hub/refusals.ts'
import { findJob } from '../presence.ts'
import {
  cancelledStartCheckEveryMs,
  cancelledStartSearchMs,
  jobCheckEveryMs,
  jobUnseenAfterMs,
} from '../times.ts'

/**
 * Starts the Job of an order. When the answer does not say whether the Job was created, it is searched for by the
 * order's nonce for a minute.
 *
 * @param options.signal aborted when the workflow is cancelled: it shortens the search and interrupts no call
 * @returns the Job, running or waiting to run
 * @throws NotStarted when there certainly is none; UnclearStart when there may be one
 */
export async function startJobOnce(
  hub: Hub,
  options: { order: TrainingOrder; spec: JobSpec; clock: Clock; signal: AbortSignal },
): Promise<Job> {
  const { order, spec, clock, signal } = options
  try {
    return await startJob(hub, { namespace: order.recipe.targetNamespace, spec })
  } catch (error) {
    const refusal = certainRefusal(error, hub, order)
    if (refusal !== null) throw refusal
    return await findStartedJob(hub, { order, clock, signal, cause: error })
  }
}

async function findStartedJob(
  hub: Hub,
  options: { order: TrainingOrder; clock: Clock; signal: AbortSignal; cause: unknown },
): Promise<Job> {
  const { order, clock, signal, cause } = options
  let isListReadable = false
  const check = async (): Promise<Job | null> => {
    const found = await findJob(hub, order).catch(() => 'unknown' as const)
    isListReadable = found !== 'unknown'
    return found === 'unknown' ? null : found
  }
  const found = await searchFor(check, { clock, signal })
  if (found !== null) return found
  throw new UnclearStart(
    `The Hub gave no clear answer when creating the Job (${messageOf(cause)}) and ` +
      `${isListReadable ? 'lists none so far' : 'did not list its Jobs'}. A Job named ${order.project} may be running ` +
      `and billed: ${hub.url}/jobs/${order.recipe.targetNamespace}. Every check looks for it until its deadline.`,
    { cause },
  )
}

/** Once the workflow is cancelled, the search continues in shorter steps, for a shorter time. */
async function searchFor<T>(
  check: () => Promise<T | null>,
  { clock, signal }: { clock: Clock; signal: AbortSignal },
): Promise<T | null> {
  try {
    return await pollUntil({
      everyMs: jobCheckEveryMs,
      giveUpAfterMs: jobUnseenAfterMs,
      clock,
      signal,
      check,
    })
  } catch (error) {
    if (!signal.aborted) throw error
    return pollUntil({
      everyMs: cancelledStartCheckEveryMs,
      giveUpAfterMs: cancelledStartSearchMs,
      clock,
      check,
    })
  }
}

/** The revision existed when it was confirmed as head: a squash or a force-push removed it since. */
export function commitGone(cause: HttpError): NotStarted {
  return new NotStarted(
    'The commit of the dataset is gone from the Hub: its history was rewritten before the start.',
    { cause },
  )
}

/** A 4xx with the Hub's own words, and how to fix it where they are known; null when the answer does not say whether a Job was started. */
function certainRefusal(error: unknown, hub: Hub, { recipe }: TrainingOrder): NotStarted | null {
  if (error instanceof NoAnswerError && error.neverSent) {
    return new NotStarted(`The Hub cannot be reached: ${error.message}. Run the workflow again.`, {
      cause: error,
    })
  }
  // A timeout of the Hub's gateway (408) says nothing about the service behind it.
  if (!(error instanceof HttpError) || error.status < 400 || error.status >= 500 || error.status === 408) {
    return null
  }
  if (error.code === 'RevisionNotFound') return commitGone(error)
  const namespace = recipe.targetNamespace
  const advice = adviseOnHub(error, {
    hubUrl: hub.url,
    owner: namespace,
    rights: `hf-token is not allowed to start Jobs in ${namespace}: give it the write role or the Jobs permission there`,
    missing:
      `hf-token cannot see the namespace ${namespace} or the dataset at this revision: check target-namespace and ` +
      "the token's read access",
  })
  return new NotStarted(
    `The Hub did not start the Job (${error.status}${answerDetails(error)}).${nextSentence(advice)}`,
    { cause: error },
  )
}
