import * as core from '@actions/core'

const finishedState = 'finished'
const pendingState = 'pending'

/** Notes the trainings that were ordered and have not ended; the newest note counts. */
export function savePending(json: string): void {
  core.saveState(pendingState, json)
}

/** Notes for `post:` that the step told its verdict. */
export function saveFinished(): void {
  core.saveState(finishedState, 'true')
}

/** The end of the job: says so when the step was ended by force and never told its verdict. */
export async function runPost(): Promise<void> {
  if (core.getState(finishedState) === 'true') return
  core.warning(
    'auto-retrain was ended before it could tell a verdict: look at the log of its step, ' +
      'and at the trainer whether something is running.',
    { title: 'auto-retrain' },
  )
}
