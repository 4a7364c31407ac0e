import type { JobState } from '../job/job-state.ts'
import type { Scope } from '../workflow/expressions.ts'
import type { WorkflowStep } from '../workflow/workflow.ts'
import { type CommandFiles, createCommandFiles } from './command-files.ts'
import type { StepResult } from './results.ts'
import type { Log } from './step-log.ts'

/** What one step works with. */
export interface StepContext {
  state: JobState
  step: WorkflowStep
  stage: 'main' | 'post'
  result: StepResult
  log: Log
  /** The `env` context: the job's and the step's own. */
  env: Record<string, string>
  github: Record<string, unknown>
  files: CommandFiles
  /** Tells the step to stop. */
  stop: AbortSignal
}

/** How the work of a step ended. */
export interface Outcome {
  exitCode: number | null
  failed: boolean
}

/** The contexts and functions of a step's expressions. */
export function scopeOf(
  state: JobState,
  step: { env: Record<string, string>; github: Record<string, unknown> },
): Scope {
  return {
    contexts: {
      ...state.contexts,
      github: step.github,
      env: step.env,
      steps: state.steps,
      job: { status: state.status },
      strategy: {},
      matrix: {},
    },
    status: {
      always: () => true,
      cancelled: () => state.status === 'cancelled',
      failure: () => state.status === 'failure',
      success: () => state.status === 'success',
    },
  }
}

/** Command files for a step, and the `github` context that names them. */
export function withCommandFiles(state: JobState, github: Record<string, unknown>) {
  const files = createCommandFiles(state.machine.temp)
  return { files, github: { ...github, ...files } }
}
