import type { Dispatch } from '../github/dispatches.ts'
import type { SandboxGitHub } from '../github/github.ts'
import { findRepository, type Repository, repositoryPayload } from '../github/repositories.ts'
import { createConcurrencyGroups } from './concurrency.ts'
import { ownerOf } from './contexts.ts'
import { createMachinePool } from './machine-pool.ts'
import type { Waits } from './process.ts'
import type { RunResult } from './results.ts'
import { type Run, startRun } from './run.ts'
import type { ApprovalRequest, Setup } from './setup.ts'
import { listensTo, manualTrigger, scheduleTrigger, type Trigger } from './triggers.ts'
import { readWorkflows, type Workflow, type WorkflowFile } from './workflow.ts'

/** What a runner is told. */
export interface RunnerOptions {
  github: SandboxGitHub
  /** `owner/name`, one of the sandbox GitHub's. */
  repository: string
  /** Folder of the repository: its workflows are read, and a checkout copies its files. */
  checkout: string
  /** More workflow files, or others in place of those of the folder: text by file name. */
  workflows?: Record<string, string>
  /** Whether the folder's own workflow files are read. @default true */
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

/** What does GitHub Actions' part in the sandbox. */
export interface SandboxRunner {
  /** Every attempt of every run, in the order of their start. They change as they go. */
  runs: RunResult[]
  /** Starts what a `repository_dispatch` of this type starts, without going through the sandbox GitHub. */
  dispatch(eventType: string, clientPayload?: Record<string, unknown>): Promise<RunResult[]>
  /**
   * Starts a workflow by hand.
   *
   * @param workflow its file name, its path or its name
   * @throws Error for inputs that GitHub refuses
   */
  manual(workflow: string, inputs?: Record<string, string | boolean | number>): Promise<RunResult>
  /** Lets the clock start a workflow. */
  schedule(workflow: string): Promise<RunResult>
  /** "Re-run jobs" of the run's latest attempt, which must have ended: the same event, the next attempt. */
  rerun(runId: number, options?: { failedOnly?: boolean }): Promise<RunResult>
  /** "Cancel workflow"; resolves when the run has ended. */
  cancel(runId: number): Promise<RunResult>
  /** The machines of the run die: nothing more runs on them. Resolves when the run has ended. */
  kill(runId: number): Promise<RunResult>
  /** Resolves when the run has ended. */
  finished(runId: number): Promise<RunResult>
  /** Resolves when nothing goes on without a person: every run has ended or waits for an approval. */
  settled(): Promise<void>
  /** Ends everything and stops listening. */
  close(): Promise<void>
}

const defaultWaits: Waits = {
  interrupt: 7500,
  terminate: 2500,
  streams: 5000,
  force: 300_000,
  minute: 60_000,
}

/**
 * Starts a runner: it does with a repository's workflows what GitHub Actions does, each job in folders and
 * processes of its own, and listens to the dispatches that the sandbox GitHub accepts.
 */
export async function startRunner(options: RunnerOptions): Promise<SandboxRunner> {
  const { github } = options
  const found = findRepository(github.repositories, options.repository)
  if (found === undefined) throw new Error(`The sandbox GitHub has no repository ${options.repository}.`)
  const repository = found
  const watchers = new Set<() => void>()
  const closing = new AbortController()
  const setup = createSetup(options, {
    repository,
    closed: closing.signal,
    changed() {
      for (const watcher of watchers) watcher()
    },
  })
  const runs: RunResult[] = []
  const attempts: Run[] = []
  const numbers = new Map<string, number>()
  let starting: Promise<unknown> = Promise.resolve()
  let opened = 0
  let nextId = 1_000_000_001

  const files = () =>
    readWorkflows({
      checkout: options.ownWorkflows === false ? undefined : options.checkout,
      extra: options.workflows ?? {},
    })
  const common = () => ({
    repository: repositoryPayload(repository, github.url),
    sender: { login: setup.actor, type: 'User' },
  })

  // One after the other, so that runs start in the order of their events.
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    opened += 1
    const turn = starting.then(work)
    starting = turn
      .catch(() => {})
      .then(() => {
        opened -= 1
        setup.changed()
      })
    return turn
  }

  function launch(workflow: Workflow, trigger: Trigger): RunResult {
    const number = (numbers.get(workflow.path) ?? 0) + 1
    numbers.set(workflow.path, number)
    return begin(workflow, trigger, { id: nextId++, attempt: 1, number })
  }

  function begin(
    workflow: Workflow,
    trigger: Trigger,
    which: { id: number; attempt: number; number: number },
    previous?: RunResult,
  ): RunResult {
    const result = emptyRun(workflow, { ...which, event: trigger.name })
    runs.push(result)
    attempts.push(startRun(setup, { result, workflow, trigger }, previous))
    return result
  }

  function failToStart(file: WorkflowFile, event: string): RunResult {
    const named = { name: file.path, path: file.path }
    const result = emptyRun(named, { id: nextId++, attempt: 1, number: 1, event })
    Object.assign(result, { status: 'completed', conclusion: 'startup_failure', problems: file.problems })
    runs.push(result)
    return result
  }

  function wake(dispatch: Pick<Dispatch, 'eventType' | 'event'>): Promise<RunResult[]> {
    return inTurn(async () => {
      const trigger: Trigger = { name: 'repository_dispatch', event: dispatch.event, inputs: {} }
      return (await files()).flatMap((file) => {
        if (file.workflow === undefined) return [failToStart(file, trigger.name)]
        return listensTo(file.workflow, dispatch.eventType) ? [launch(file.workflow, trigger)] : []
      })
    })
  }

  async function workflowNamed(name: string): Promise<Workflow> {
    const all = await files()
    const file = all.find(({ path, workflow }) =>
      [path, path.split('/').at(-1), workflow?.name].includes(name),
    )
    if (file === undefined)
      throw new Error(`No workflow '${name}'; there are ${all.map(({ path }) => path)}.`)
    if (file.workflow === undefined) throw new Error(`${file.path}: ${file.problems.join('\n')}`)
    return file.workflow
  }

  function latest(id: number): Run {
    const run = attempts.findLast(({ facts }) => facts.result.id === id)
    if (run === undefined) throw new Error(`There is no run ${id} that started.`)
    return run
  }

  const stopListening = github.onDispatch((dispatch) => {
    if (dispatch.repository === repository.name) void wake(dispatch).catch(() => {})
  })

  return {
    runs,
    dispatch: (eventType, clientPayload = {}) =>
      wake({ eventType, event: dispatchEvent(repository, { eventType, clientPayload, common: common() }) }),
    manual: (name, inputs = {}) =>
      inTurn(async () => {
        const workflow = await workflowNamed(name)
        return launch(workflow, manualTrigger(workflow, inputs, common()))
      }),
    schedule: (name) =>
      inTurn(async () => {
        const workflow = await workflowNamed(name)
        return launch(workflow, scheduleTrigger(workflow, common()))
      }),
    rerun: (id, { failedOnly = false } = {}) =>
      inTurn(async () => {
        const { facts } = latest(id)
        const { result } = facts
        if (result.status !== 'completed') throw new Error(`Run ${id} has not ended yet.`)
        const which = { id, attempt: result.attempt + 1, number: result.number }
        return begin(facts.workflow, facts.trigger, which, failedOnly ? result : undefined)
      }),
    cancel(id) {
      latest(id).cancel()
      return latest(id).finished
    },
    kill(id) {
      latest(id).kill()
      return latest(id).finished
    },
    finished: async (id) =>
      runs.find((run) => run.id === id && run.conclusion === 'startup_failure') ?? latest(id).finished,
    settled: () =>
      new Promise((resolve) => {
        const look = () => {
          if (opened > 0 || !isSettled(runs)) return
          watchers.delete(lookSoon)
          resolve()
        }
        // Not at once: what just changed may be about to start something.
        const lookSoon = () => setImmediate(look)
        watchers.add(lookSoon)
        lookSoon()
      }),
    async close() {
      stopListening()
      await starting
      closing.abort()
      for (const run of attempts) {
        run.cancel()
        run.kill()
      }
      await Promise.all(attempts.map((run) => run.finished))
    },
  }
}

function createSetup(options: RunnerOptions, made: Pick<Setup, 'repository' | 'closed' | 'changed'>): Setup {
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

function dispatchEvent(
  repository: Repository,
  given: { eventType: string; clientPayload: Record<string, unknown>; common: Record<string, unknown> },
): Record<string, unknown> {
  const { eventType: action, clientPayload: client_payload, common } = given
  return { action, branch: repository.defaultBranch, client_payload, ...common }
}

function isSettled(runs: RunResult[]): boolean {
  const statuses = new Set(runs.map(({ status }) => status))
  if (statuses.has('in_progress') || statuses.has('queued')) return false
  return !statuses.has('pending') || statuses.has('waiting')
}

function emptyRun(
  workflow: { name: string; path: string },
  which: { id: number; attempt: number; number: number; event: string },
): RunResult {
  return {
    ...which,
    name: workflow.name,
    workflow: workflow.name,
    path: workflow.path,
    status: 'queued',
    conclusion: null,
    problems: [],
    jobs: [],
  }
}
