import type { Conclusion, JobResult } from '../step/results.ts'
import type { Place } from '../workflow/concurrency.ts'
import type { RunFacts } from '../workflow/contexts.ts'
import { evaluate, holds, type Scope, textOf } from '../workflow/expressions.ts'
import type { WorkflowJob } from '../workflow/workflow.ts'
import { enterGroup } from './enter-group.ts'
import { runJob } from './job.ts'
import type { JobGraph } from './job-graph.ts'
import type { Setup } from './setup.ts'

/** A job whose `needs` have ended. */
export interface ReadyJob {
  setup: Setup
  facts: RunFacts
  job: WorkflowJob
  result: JobResult
  graph: JobGraph
  /** `github`, `inputs`, `vars`. */
  contexts: Record<string, unknown>
  /** The whole run was cancelled. */
  cancelled: AbortSignal
  /** Where a running job puts the function that lets its machine die. */
  killers: Set<() => void>
  /** Called after each change of the job's status. */
  changed: () => void
}

/** Decides whether a job runs, waits for approval, group and machine, runs it, and fills in its result. */
export async function scheduleJob(ready: ReadyJob): Promise<void> {
  const { result, changed } = ready
  try {
    result.conclusion = await decide(ready)
  } catch (error) {
    result.annotations.push({ kind: 'error', message: (error as Error).message })
    result.conclusion = 'failure'
  }
  result.status = 'completed'
  changed()
}

async function decide(ready: ReadyJob): Promise<Conclusion> {
  const { setup, job, result, graph, cancelled } = ready
  const scope: Scope = {
    contexts: { ...ready.contexts, needs: graph.needsContext(job.id), strategy: {}, matrix: {} },
    status: graph.statusFunctions(job.id),
  }
  const wanted = () => !setup.closed.aborted && holds(job.condition, scope)
  if (!wanted()) return cancelled.aborted ? 'cancelled' : 'skipped'
  result.name = textOf(job.token.find('name'), scope) || job.id
  const stop = new AbortController()
  // A job whose condition holds in a cancelled run, such as always(), goes on.
  const onCancel = () => {
    if (!wanted()) stop.abort()
  }
  cancelled.addEventListener('abort', onCancel)
  setup.closed.addEventListener('abort', onCancel)
  let place: Place | 'none' | undefined
  try {
    const refused = await askApproval(ready, { scope, stop: stop.signal })
    if (refused !== undefined) return refused
    place = await enterGroup(setup, job.token.find('concurrency'), {
      scope,
      given: stop.signal,
      cancel: () => stop.abort(),
      onPending: () => setStatus(ready, 'pending'),
    })
    if (place === undefined) return 'cancelled'
    return await onMachine(ready, { scope, stop: stop.signal })
  } finally {
    cancelled.removeEventListener('abort', onCancel)
    setup.closed.removeEventListener('abort', onCancel)
    if (place !== undefined && place !== 'none') place.leave()
  }
}

function setStatus({ result, changed }: ReadyJob, status: JobResult['status']): void {
  result.status = status
  changed()
}

async function askApproval(
  ready: ReadyJob,
  { scope, stop }: { scope: Scope; stop: AbortSignal },
): Promise<Conclusion | undefined> {
  const { setup, facts, job, result } = ready
  const given = evaluate(job.token.find('environment'), scope)
  const environment = typeof given === 'string' ? given : (given as { name?: string } | undefined)?.name
  if (environment === undefined || environment === '') return undefined
  setStatus(ready, 'waiting')
  const { id: runId, attempt } = facts.result
  const calledOff = new Promise<'cancelled'>((resolve) => {
    if (stop.aborted) resolve('cancelled')
    stop.addEventListener('abort', () => resolve('cancelled'))
  })
  const request = { environment, job: job.id, runId, attempt }
  const answer = await Promise.race([Promise.resolve(setup.approve(request)), calledOff])
  if (answer === 'cancelled') return 'cancelled'
  setStatus(ready, 'queued')
  if (answer) return undefined
  result.annotations.push({ kind: 'error', message: `The deployment to '${environment}' was rejected.` })
  return 'failure'
}

async function onMachine(
  ready: ReadyJob,
  { scope, stop }: { scope: Scope; stop: AbortSignal },
): Promise<Conclusion> {
  const { setup, facts, job, result, killers } = ready
  setStatus(ready, 'queued')
  const machine = await setup.takeMachine(stop)
  if (machine === undefined) return 'cancelled'
  const dead = new AbortController()
  const kill = () => dead.abort()
  killers.add(kill)
  setStatus(ready, 'in_progress')
  try {
    const needs = scope.contexts.needs as Record<string, unknown>
    return await runJob({ setup, facts, job, result, needs, cancel: stop, dead: dead.signal })
  } finally {
    killers.delete(kill)
    machine.giveBack()
  }
}
