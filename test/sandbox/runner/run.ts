import { enterGroup } from './job/enter-group.ts'
import { createJobGraph } from './job/job-graph.ts'
import { scheduleJob } from './job/schedule-job.ts'
import type { Setup } from './job/setup.ts'
import type { JobResult, RunResult } from './step/results.ts'
import type { Place } from './workflow/concurrency.ts'
import { githubContext, type RunFacts } from './workflow/contexts.ts'
import { type Scope, textOf } from './workflow/expressions.ts'
import type { WorkflowJob } from './workflow/workflow.ts'

/** One attempt of a run that was started. */
export interface Run {
  facts: RunFacts
  /** Ends it as a person's click on "Cancel workflow" does. */
  cancel(): void
  /** The machines its jobs are on die. */
  kill(): void
  finished: Promise<RunResult>
}

/**
 * Starts one attempt of a run.
 *
 * @param facts with a result that has no jobs yet
 * @param previous the attempt before, when only its failed jobs are run again
 */
export function startRun(setup: Setup, facts: RunFacts, previous?: RunResult): Run {
  const { result, workflow, trigger } = facts
  const cancelled = new AbortController()
  const killers = new Set<() => void>()
  const contexts = { github: githubContext(setup, facts), inputs: trigger.inputs, vars: setup.variables }
  result.jobs = workflow.jobs.map(emptyJob)
  const resultOf = (id: string) => result.jobs.find((job) => job.id === id) ?? emptyJob({ id })
  const graph = createJobGraph(workflow, { resultOf, cancelled: () => cancelled.signal.aborted })
  const again = previous && graph.withDependents(failedJobs(previous))
  const started = new Map<string, Promise<void>>()

  function start(job: WorkflowJob): Promise<void> {
    const known = started.get(job.id)
    if (known) return known
    const running = carryOut(job)
    started.set(job.id, running)
    return running
  }

  async function carryOut(job: WorkflowJob): Promise<void> {
    const earlier = previous?.jobs.find(({ id }) => id === job.id)
    if (earlier && again && !again.has(job.id)) {
      Object.assign(resultOf(job.id), earlier)
      return
    }
    await Promise.all(workflow.jobs.filter(({ id }) => job.needs.includes(id)).map(start))
    await scheduleJob({
      setup,
      facts,
      job,
      result: resultOf(job.id),
      graph,
      contexts,
      cancelled: cancelled.signal,
      killers,
      changed,
    })
  }

  function changed() {
    result.status = statusOf(result.jobs)
    setup.changed()
  }

  async function execute(): Promise<RunResult> {
    let place: Place | 'none' | undefined
    try {
      result.name = runName(facts, { contexts })
      place = await enterGroup(setup, workflow.root.find('concurrency'), {
        scope: { contexts },
        given: cancelled.signal,
        cancel: () => cancelled.abort(),
        onPending() {
          result.status = 'pending'
          setup.changed()
        },
      })
      if (place !== undefined) {
        changed()
        await Promise.all(workflow.jobs.map(start))
      }
    } catch (error) {
      result.problems.push((error as Error).message)
    }
    for (const job of result.jobs) {
      job.status = 'completed'
      job.conclusion ??= 'cancelled'
    }
    result.conclusion = result.problems.length > 0 ? 'startup_failure' : conclusionOf(result.jobs)
    result.status = 'completed'
    if (place !== undefined && place !== 'none') place.leave()
    setup.changed()
    return result
  }

  return {
    facts,
    cancel: () => cancelled.abort(),
    kill() {
      for (const kill of killers) kill()
    },
    finished: execute(),
  }
}

function runName(facts: RunFacts, scope: Scope): string {
  const { workflow, trigger } = facts
  const given = textOf(workflow.root.find('run-name'), scope).trim()
  if (given !== '') return given
  return trigger.name === 'repository_dispatch' ? String(trigger.event.action) : workflow.name
}

function failedJobs(previous: RunResult): string[] {
  return previous.jobs
    .filter(({ conclusion }) => conclusion === 'failure' || conclusion === 'cancelled')
    .map(({ id }) => id)
}

function statusOf(jobs: JobResult[]): RunResult['status'] {
  const order = ['in_progress', 'waiting', 'pending'] as const
  return order.find((status) => jobs.some((job) => job.status === status)) ?? 'queued'
}

function conclusionOf(jobs: JobResult[]): NonNullable<JobResult['conclusion']> {
  const conclusions = jobs.map(({ conclusion }) => conclusion)
  if (conclusions.includes('failure')) return 'failure'
  if (conclusions.includes('cancelled')) return 'cancelled'
  return conclusions.every((conclusion) => conclusion === 'skipped') ? 'skipped' : 'success'
}

function emptyJob({ id }: { id: string }): JobResult {
  return {
    id,
    name: id,
    status: 'queued',
    conclusion: null,
    outputs: {},
    annotations: [],
    permissions: null,
    steps: [],
  }
}
