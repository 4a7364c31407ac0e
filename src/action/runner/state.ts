import * as core from '@actions/core'
import { type PendingState, readPending } from '../../run/close/pending.ts'

/** The names of the state that `main` saves for `post`. The runner does not encrypt it: save no secret. */
const finished = 'finished'
const pending = 'pending'

/** Saves that the step has reported its verdict. */
export function saveFinished(): void {
  core.saveState(finished, 'true')
}

/** Saves the trainings that were ordered and have not ended; replaces what was saved before. */
export function savePending(json: string): void {
  core.saveState(pending, json)
}

/** Reads the saved state, in `post`. */
export function readState(): { isFinished: boolean; pending: PendingState } {
  return { isFinished: core.getState(finished) === 'true', pending: readPending(core.getState(pending)) }
}

/** Whether this process is the action's `post`: `dist/post.js` sets that state before it loads the bundle. */
export function isPost(): boolean {
  return core.getState('isPost') === 'true'
}
