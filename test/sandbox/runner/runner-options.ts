import type { SandboxGitHub } from '../github/github.ts'
import { createMachinePool } from './job/machine-pool.ts'
import type { Waits } from './job/process.ts'
import type { ApprovalRequest, Setup } from './job/setup.ts'
import { createConcurrencyGroups } from './workflow/concurrency.ts'
import { ownerOf } from './workflow/contexts.ts'

/** What a runner is told. */
export interface RunnerOptions {
  github: SandboxGitHub
  /** `owner/name`, one of the sandbox GitHub's. */
  repository: string
  /** Folder of the repository: its workflows are read, and a checkout copies its files. */
  checkout: string
  /**
   * Folder of the checkout with the workflow files. The runs show them under `.github/workflows`, wherever they are.
   *
   * @default .github/workflows
   */
  workflowFolder?: string
  /** More workflow files, or others in place of those of the folder: text by file name. */
  workflows?: Record<string, string>
  /** Whether the workflow files of the checkout are read. @default true */
  ownWorkflows?: boolean
  /** Files that a checkout adds to those of the folder, or puts in their place: text by path. */
  files?: Record<string, string>
  /** Folders of actions that workflows name as `owner/name@ref`: by `owner/name`. */
  actions?: Record<string, string>
  secrets?: Record<string, string>
  /** The `vars` context. */
  variables?: Record<string, string>
  /** More environment of the machines, such as `HF_ENDPOINT`. */
  environment?: Record<string, string>
  /** Who starts runs. @default the repository's owner */
  actor?: string
  /**
   * Asked before a job with an `environment:` starts; a promise that stays open holds the job.
   *
   * @default agrees
   */
  approve?: (request: ApprovalRequest) => boolean | Promise<boolean>
  /** How many jobs run at once. @default 4 */
  machines?: number
  /** Milliseconds since the epoch. @default the real clock */
  now?: () => number
  waits?: Partial<Waits>
}

const defaultWaits: Waits = {
  interrupt: 7500,
  terminate: 2500,
  streams: 5000,
  force: 300_000,
  minute: 60_000,
}

/** Fills in the defaults of the options. */
export function createSetup(
  options: RunnerOptions,
  made: Pick<Setup, 'repository' | 'closed' | 'changed'>,
): Setup {
  return {
    ...made,
    github: options.github,
    checkout: options.checkout,
    files: options.files ?? {},
    actions: options.actions ?? {},
    secrets: options.secrets ?? {},
    variables: options.variables ?? {},
    environment: options.environment ?? {},
    actor: options.actor ?? ownerOf(options.repository),
    approve: options.approve ?? (() => true),
    now: options.now ?? Date.now,
    waits: { ...defaultWaits, ...options.waits },
    groups: createConcurrencyGroups(),
    takeMachine: createMachinePool(options.machines ?? 4),
  }
}
