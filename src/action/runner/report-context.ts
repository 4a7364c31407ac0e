import type { ReportContext } from '../../domain/outcome.ts'
import type { Environment } from './environment.ts'
import type { Trigger } from './trigger.ts'

/**
 * What the reports say about the workflow run.
 *
 * @param trigger null when it is not known, or no longer
 */
export function reportContext({ workflow, endpoints }: Environment, trigger: Trigger | null): ReportContext {
  return {
    trigger: trigger?.name ?? null,
    delivery: trigger?.delivery ?? null,
    workflowUrl: workflow.url,
    repositoryVisibility: workflow.visibility,
    hubUrl: endpoints.hub,
  }
}
