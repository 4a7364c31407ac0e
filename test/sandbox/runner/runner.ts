import { setMaxListeners } from 'node:events'
import { join } from 'node:path'
import { findRepository, type Repository, repositoryPayload } from '../github/github-repositories.ts'
import { createRunBook } from './run-book.ts'
import { createSetup, type RunnerOptions } from './runner-options.ts'
import type { RunResult } from './step/results.ts'
import { listensTo, manualTrigger, scheduleTrigger, type Trigger } from './workflow/triggers.ts'
import { readWorkflows, type Workflow } from './workflow/workflow.ts'

export type { RunnerOptions } from './runner-options.ts'

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

/**
 * Starts a runner: it does with a repository's workflows what GitHub Actions does, each job in folders and
 * processes of its own, and listens to the dispatches that the sandbox GitHub accepts.
 */
export async function startRunner(options: RunnerOptions): Promise<SandboxRunner> {
  const { github } = options
  const repository = findRepository(github.repositories, options.repository)
  if (repository === undefined) throw new Error(`The sandbox GitHub has no repository ${options.repository}.`)
  const closing = new AbortController()
  setMaxListeners(0, closing.signal)
  const watch = createWatch()
  const setup = createSetup(options, { repository, closed: closing.signal, changed: watch.changed })
  const book = createRunBook(setup)
  const queue = createQueue(watch.changed)
  const readFiles = () =>
    readWorkflows({
      folder:
        options.ownWorkflows === false
          ? undefined
          : join(options.checkout, options.workflowFolder ?? '.github/workflows'),
      extra: options.workflows ?? {},
    })
  const common = () => ({
    repository: repositoryPayload(repository, github.url),
    sender: { login: setup.actor, type: 'User' },
  })

  async function wake(eventType: string, event: Record<string, unknown>): Promise<RunResult[]> {
    const trigger: Trigger = { name: 'repository_dispatch', event, inputs: {} }
    return (await readFiles()).flatMap(({ path, workflow, problems }) => {
      if (workflow === undefined) return [book.failToStart(path, problems, trigger.name)]
      return listensTo(workflow, eventType) ? [book.begin(workflow, trigger)] : []
    })
  }

  async function start(name: string, triggerOf: (workflow: Workflow) => Trigger): Promise<RunResult> {
    const files = await readFiles()
    const file = files.find(({ path, workflow }) =>
      [path, path.split('/').at(-1), workflow?.name].includes(name),
    )
    if (file === undefined)
      throw new Error(`No workflow '${name}'; there are ${files.map(({ path }) => path)}.`)
    const { workflow } = file
    if (workflow === undefined) throw new Error(`${file.path}: ${file.problems.join('\n')}`)
    return book.begin(workflow, triggerOf(workflow))
  }

  const stopListening = github.onDispatch(({ repository: name, eventType, event }) => {
    if (name !== repository.name) return
    queue
      .add(() => wake(eventType, event))
      .catch((error: Error) => {
        book.failToStart('.github/workflows', [error.message], 'repository_dispatch')
      })
  })

  return {
    runs: book.results,
    dispatch: (eventType, clientPayload = {}) =>
      queue.add(() =>
        wake(eventType, dispatchEvent(repository, { eventType, clientPayload, common: common() })),
      ),
    manual: (name, inputs = {}) =>
      queue.add(() => start(name, (workflow) => manualTrigger(workflow, inputs, common()))),
    schedule: (name) => queue.add(() => start(name, (workflow) => scheduleTrigger(workflow, common()))),
    rerun: (id, { failedOnly = false } = {}) => queue.add(async () => book.again(id, failedOnly)),
    async cancel(id) {
      book.latest(id).cancel()
      return book.finished(id)
    },
    async kill(id) {
      book.latest(id).kill()
      return book.finished(id)
    },
    finished: book.finished,
    settled: () => watch.until(() => queue.isEmpty() && isSettled(book.results)),
    async close() {
      stopListening()
      closing.abort()
      await queue.emptied()
      await book.endAll()
    },
  }
}

// One after the other, so that runs start in the order of their events.
function createQueue(changed: () => void) {
  let last: Promise<unknown> = Promise.resolve()
  let open = 0
  return {
    isEmpty: () => open === 0,
    emptied: () => last,
    add<T>(work: () => Promise<T>): Promise<T> {
      open += 1
      const turn = last.then(work)
      last = turn
        .catch(() => {})
        .then(() => {
          open -= 1
          changed()
        })
      return turn
    },
  }
}

function createWatch() {
  const watchers = new Set<() => void>()
  return {
    changed() {
      for (const watcher of watchers) watcher()
    },
    until: (condition: () => boolean) =>
      new Promise<void>((resolve) => {
        const look = () => {
          if (!condition()) return
          watchers.delete(lookSoon)
          resolve()
        }
        // Not at once: what just changed may be about to start something.
        const lookSoon = () => setImmediate(look)
        watchers.add(lookSoon)
        lookSoon()
      }),
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
