import * as core from '@actions/core'
import { type PendingState, readPending } from '../../run/pending.ts'

/** What the step leaves for the end of the job. It is kept in the clear: no secret goes in. */
const finished = 'finished'
const pending = 'pending'

/** Notes that the step told its verdict. */
export function saveFinished(): void {
  core.saveState(finished, 'true')
}

/** Notes the trainings that were ordered and have not ended; the newest note counts. */
export function savePending(json: string): void {
  core.saveState(pending, json)
}

/** Reads the notes, at the end of the job. */
export function readState(): { isFinished: boolean; pending: PendingState } {
  return { isFinished: core.getState(finished) === 'true', pending: readPending(core.getState(pending)) }
}

/** Whether this process is the action's `post`: `dist/post.js` says so before it loads the bundle. */
export function isPost(): boolean {
  return core.getState('isPost') === 'true'
}
