import type { Masks } from '../step/masks.ts'
import type { JobResult } from '../step/results.ts'
import type { Workflow, WorkflowJob, WorkflowStep } from '../workflow/workflow.ts'
import type { Machine } from './machine.ts'
import type { Setup } from './setup.ts'

/** How a step stands in the `steps` context. */
interface StepEntry {
  outputs: Record<string, string>
  outcome?: string
  conclusion?: string
}

/** What one job carries from step to step. */
export interface JobState {
  setup: Setup
  workflow: Workflow
  job: WorkflowJob
  result: JobResult
  machine: Machine
  masks: Masks
  /** `ACTIONS_STEP_DEBUG` is on. */
  debug: boolean
  /** For `success()`, `failure()` and `cancelled()`. */
  status: 'success' | 'failure' | 'cancelled'
  /** `github`, `inputs`, `needs`, `runner`, `secrets`, `vars`. */
  contexts: Record<string, unknown>
  github: Record<string, unknown>
  /** `env` of workflow and job, and what steps wrote to `GITHUB_ENV`. */
  env: Record<string, string>
  /** What steps wrote to `GITHUB_PATH`, the newest last. */
  paths: string[]
  steps: Record<string, StepEntry>
  /** What the runner gives to actions only, such as `ACTIONS_RUNTIME_TOKEN`. */
  actionVariables: Record<string, string>
  /** What it gives to every step besides. */
  stepVariables: Record<string, string>
  /** `defaults.run` of the job, else of the workflow. */
  runDefaults: Record<string, string>
  /** Registered when an action with a `post` starts; run from the last to the first. */
  posts: PostStep[]
  cancelled: AbortSignal
  /** The machine is gone. */
  dead: AbortSignal
}

/** An action's clean-up at the end of the job. */
export interface PostStep {
  step: WorkflowStep
  name: string
  condition: string
  /** What `main` saved. */
  state: Record<string, string>
}
