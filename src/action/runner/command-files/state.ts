import * as core from '@actions/core'
import { type PendingState, readPending } from '../../../run/close/pending.ts'
import { cannotWrite } from './command-files.ts'

/** The names of the state that `main` saves for `post`. The runner does not encrypt it: save no secret. */
const finished = 'finished'
const pending = 'pending'

/**
 * Saves that the step has reported its verdict.
 *
 * @throws Error that names the file when it cannot be written
 */
export function saveFinished(): void {
  save(finished, 'true')
}

/**
 * Saves the trainings that were ordered and have not ended; replaces what was saved before.
 *
 * @throws Error that names the file when it cannot be written
 */
export function savePending(json: string): void {
  save(pending, json)
}

function save(name: string, value: string): void {
  try {
    core.saveState(name, value)
  } catch (error) {
    throw cannotWrite('GITHUB_STATE', error)
  }
}

/** Reads the saved state, in `post`. */
export function readState(): { isFinished: boolean; pending: PendingState } {
  return { isFinished: core.getState(finished) === 'true', pending: readPending(core.getState(pending)) }
}

/** Whether this process is the action's `post`: `dist/post.js` sets that state before it loads the bundle. */
export function isPost(): boolean {
  return core.getState('isPost') === 'true'
}
