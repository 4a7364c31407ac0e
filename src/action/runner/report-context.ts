import type { ReportContext } from '../../domain/outcome.ts'
import type { Environment } from './environment.ts'
import type { Trigger } from './trigger.ts'

/**
 * The workflow run as the reports describe it.
 *
 * @param trigger null when it is not known
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
