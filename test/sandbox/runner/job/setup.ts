import type { SandboxGitHub } from '../../github/github.ts'
import type { Repository } from '../../github/github-repositories.ts'
import type { ConcurrencyGroups } from '../workflow/concurrency.ts'
import type { Waits } from './process.ts'

/** A job that must not start before somebody agrees. */
export interface ApprovalRequest {
  /** The name in the job's `environment:`. */
  environment: string
  job: string
  runId: number
  attempt: number
}

/** What every part of the runner needs to know; made by `startRunner` from its options. */
export interface Setup {
  github: SandboxGitHub
  repository: Repository
  /** Folder of the repository's files. */
  checkout: string
  /** Files that a checkout adds to those of the folder, or puts in their place: text by path. */
  files: Record<string, string>
  /** Folders of actions that a workflow names as `owner/name@ref`: by `owner/name`. */
  actions: Record<string, string>
  secrets: Record<string, string>
  variables: Record<string, string>
  /** Of the machines. */
  environment: Record<string, string>
  actor: string
  approve: (request: ApprovalRequest) => boolean | Promise<boolean>
  now: () => number
  waits: Waits
  groups: ConcurrencyGroups
  /** Waits for a free machine; undefined when called off first. */
  takeMachine: (given: AbortSignal) => Promise<MachinePlace | undefined>
  /** The runner shuts down: nothing new starts. */
  closed: AbortSignal
  /** Called when the status of a run or a job changed. */
  changed: () => void
}

/** A machine that was taken. */
export interface MachinePlace {
  giveBack(): void
}
