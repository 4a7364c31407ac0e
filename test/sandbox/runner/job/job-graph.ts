import type { JobResult } from '../step/results.ts'
import type { Scope } from '../workflow/expressions.ts'
import type { Workflow } from '../workflow/workflow.ts'

/** How the jobs of a workflow depend on each other. */
export interface JobGraph {
  /** The `needs` context of a job. */
  needsContext(id: string): Record<string, unknown>
  /** `success()`, `failure()` ... as a job's `if:` sees them: over all jobs before it, not only its `needs`. */
  statusFunctions(id: string): NonNullable<Scope['status']>
  /** These jobs, and every job after them. */
  withDependents(ids: string[]): Set<string>
}

/**
 * @param workflow whose jobs they are
 * @param options.resultOf how a job stands
 * @param options.cancelled whether the run was cancelled
 */
export function createJobGraph(
  workflow: Workflow,
  options: { resultOf: (id: string) => JobResult; cancelled: () => boolean },
): JobGraph {
  const { resultOf, cancelled } = options
  const needsOf = (id: string) => workflow.jobs.find((job) => job.id === id)?.needs ?? []

  function before(id: string): string[] {
    return [...new Set(needsOf(id).flatMap((need) => [need, ...before(need)]))]
  }

  return {
    needsContext: (id) =>
      Object.fromEntries(
        needsOf(id).map((need) => {
          const { conclusion, outputs } = resultOf(need)
          return [need, { result: conclusion, outputs }]
        }),
      ),
    statusFunctions(id) {
      const conclusions = (ids: string[]) =>
        (ids.length > 0 ? ids : before(id)).map((each) => resultOf(each).conclusion)
      return {
        always: () => true,
        cancelled,
        failure: (ids) => !cancelled() && conclusions(ids).includes('failure'),
        success: (ids) => !cancelled() && conclusions(ids).every((conclusion) => conclusion === 'success'),
      }
    },
    withDependents(ids) {
      const after = workflow.jobs.filter((job) => before(job.id).some((id) => ids.includes(id)))
      return new Set([...ids, ...after.map((job) => job.id)])
    },
  }
}
