/** How a run, a job or a step ended. */
export type Conclusion = 'success' | 'failure' | 'cancelled' | 'skipped'

/** What the page of a run shows above the log. */
export interface Annotation {
  kind: 'error' | 'warning' | 'notice'
  /** Masked, and cut at 4,096 characters. */
  message: string
  /** Not masked: neither does the real runner mask an annotation's properties. */
  title?: string
  file?: string
  line?: string
  endLine?: string
  col?: string
  endColumn?: string
}

/** A workflow command that a step wrote and the runner obeyed. */
export interface ObeyedCommand {
  name: string
  properties: Record<string, string>
  data: string
}

/** One step, from its start on; fields are filled as it goes. */
export interface StepResult {
  id: string
  name: string
  status: 'in_progress' | 'completed'
  /** After `continue-on-error`. */
  conclusion: Conclusion
  /** Before `continue-on-error`. */
  outcome: Conclusion
  /** 128 + the signal's number after a signal; null without a process. */
  exitCode: number | null
  /** What `with:` came to, unmasked. */
  inputs: Record<string, string>
  outputs: Record<string, string>
  /** What the action saved for its `post`. */
  state: Record<string, string>
  annotations: Annotation[]
  /** Every command that was obeyed, also those that leave no other trace. */
  commands: ObeyedCommand[]
  /** Masked; empty when the step wrote none or more than 1 MiB. */
  summary: string
  /** Masked lines, as the page of the run shows them. */
  log: string[]
  /** What the process wrote to stdout and stderr, unmasked: to look for what leaked. */
  rawOutput: string
  durationMs: number
}

/** One job of a run. */
export interface JobResult {
  id: string
  name: string
  status: 'queued' | 'pending' | 'waiting' | 'in_progress' | 'completed'
  conclusion: Conclusion | null
  outputs: Record<string, string>
  /** Of the job itself; those of its steps are with the steps. */
  annotations: Annotation[]
  /** What the job's token may do; null until it has one. */
  permissions: Record<string, string> | null
  /** The steps that were reached, with the `post` steps at the end. */
  steps: StepResult[]
}

/** One attempt of a run; a re-run adds another with the same id. */
export interface RunResult {
  id: number
  attempt: number
  /** Counts the runs of one workflow. */
  number: number
  /** What `run-name` came to. */
  name: string
  /** For example `repository_dispatch`. */
  event: string
  /** The workflow's `name`. */
  workflow: string
  /** For example `.github/workflows/retrain.yml`. */
  path: string
  status: 'queued' | 'pending' | 'waiting' | 'in_progress' | 'completed'
  conclusion: Conclusion | 'startup_failure' | null
  /** Why a workflow file could not be used; empty when it could. */
  problems: string[]
  jobs: JobResult[]
}
