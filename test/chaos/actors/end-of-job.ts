import { recordStopped } from '../../../src/action/post.ts'
import { readPending } from '../../../src/run/close/pending.ts'
import { stopPending } from '../../../src/run/close/stop-pending.ts'
import type { Collaborators } from '../../../src/run/work.ts'

/** A run that the end of a job was to stop. */
export interface Leftover {
  readonly nonce: string
  /** Whether the job says that it may still be running. */
  readonly isReported: boolean
}

/**
 * The end of a job whose step was ended by force, as `src/action/post.ts` does it: stop, then record.
 *
 * @param options.saved what the step saved
 * @param options.asksGitHubFirst the mistake of asking GitHub before anything is stopped
 */
export async function endJob(options: {
  saved: string
  tools: Collaborators
  asksGitHubFirst: boolean
}): Promise<Leftover[]> {
  const { saved, tools, asksGitHubFirst } = options
  const leftovers: Leftover[] = []
  for (const training of readPending(saved).trainings) {
    const { order } = training
    let isReported = false
    try {
      if (asksGitHubFirst) await tools.ledger.recipe({ key: order.key, family: '', seenRef: '' })
      const stopped = await stopPending(training, tools).catch((error: unknown) => {
        isReported = true
        throw error
      })
      // The record stays open: every check looks for the run.
      isReported = stopped.is === 'not found'
      if (stopped.is === 'stopped') {
        await recordStopped({ training, reason: 'The step was ended, and the training with it.' }, tools)
      }
    } catch {
      // A warning of the job: the next check records it.
    }
    leftovers.push({ nonce: order.nonce, isReported })
  }
  return leftovers
}
