import type { Setup } from './job/setup.ts'
import { type Run, startRun } from './run.ts'
import type { RunResult } from './step/results.ts'
import type { Trigger } from './workflow/triggers.ts'
import type { Workflow } from './workflow/workflow.ts'

/** The runs of a repository. */
export interface RunBook {
  /** Every attempt, in the order of their start. */
  results: RunResult[]
  /** Starts a run of a workflow. */
  begin(workflow: Workflow, trigger: Trigger): RunResult
  /** Starts the next attempt of a run. */
  again(runId: number, failedOnly: boolean): RunResult
  /** Notes a run that could not start. */
  failToStart(path: string, problems: string[], event: string): RunResult
  /** The latest attempt of a run that did start. */
  latest(runId: number): Run
  /** Resolves with the latest attempt when it has ended. */
  finished(runId: number): Promise<RunResult>
  /** Cancels and kills whatever goes on; resolves when all have ended. */
  endAll(): Promise<void>
}

/** @returns an empty book, whose runs are carried out with this set-up */
export function createRunBook(setup: Setup): RunBook {
  const results: RunResult[] = []
  const attempts: Run[] = []
  const numbers = new Map<string, number>()
  let nextId = 1_000_000_001

  function nextNumber(path: string): number {
    const number = (numbers.get(path) ?? 0) + 1
    numbers.set(path, number)
    return number
  }

  function start(
    workflow: Workflow,
    trigger: Trigger,
    which: { id: number; attempt: number; number: number },
    previous?: RunResult,
  ): RunResult {
    const result = emptyRun(workflow, { ...which, event: trigger.name })
    results.push(result)
    attempts.push(startRun(setup, { result, workflow, trigger }, previous))
    return result
  }

  function latest(id: number): Run {
    const run = attempts.findLast(({ facts }) => facts.result.id === id)
    if (run === undefined) throw new Error(`There is no run ${id} that started.`)
    return run
  }

  return {
    results,
    latest,
    begin: (workflow, trigger) =>
      start(workflow, trigger, { id: nextId++, attempt: 1, number: nextNumber(workflow.path) }),
    again(id, failedOnly) {
      const { workflow, trigger, result } = latest(id).facts
      if (result.status !== 'completed') throw new Error(`Run ${id} has not ended yet.`)
      const which = { id, attempt: result.attempt + 1, number: result.number }
      return start(workflow, trigger, which, failedOnly ? result : undefined)
    },
    failToStart(path, problems, event) {
      const which = { id: nextId++, attempt: 1, number: nextNumber(path), event }
      const result: RunResult = {
        ...emptyRun({ name: path, path }, which),
        status: 'completed',
        conclusion: 'startup_failure',
        problems,
      }
      results.push(result)
      return result
    },
    async finished(id) {
      const failed = results.find((run) => run.id === id && run.problems.length > 0)
      return failed ?? latest(id).finished
    },
    async endAll() {
      for (const run of attempts) {
        run.cancel()
        run.kill()
      }
      await Promise.all(attempts.map((run) => run.finished))
    },
  }
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
