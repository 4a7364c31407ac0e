import type { Visibility } from '../domain/visibility.ts'
import { readRepositoryVisibility } from '../github/repository.ts'
import { systemClock } from '../http/clock.ts'
import { createNodeSend } from '../http/node-fetch.ts'
import type { Environment } from './runner/environment.ts'
import type { Inputs } from './runner/inputs.ts'
import { useProxy } from './runner/proxy.ts'
import { stepLog } from './runner/step-log.ts'

/**
 * Adds who can read the workflow's repository where the event does not say so: some servers, and `act`, leave the
 * repository out of a schedule's event. GitHub is asked once. Unknown, which a failure leaves it, counts as everyone.
 *
 * @throws Refused when the proxy cannot be used
 */
export async function withVisibility(
  environment: Environment,
  { githubToken }: Pick<Inputs, 'githubToken'>,
): Promise<Environment> {
  const { workflow, endpoints, runner } = environment
  if (githubToken === '') return environment
  const visibility = await readRepositoryVisibility({
    repository: workflow.repository,
    apiUrl: endpoints.githubApi,
    token: githubToken,
    send: createNodeSend({ proxy: useProxy(runner) }),
    clock: systemClock,
    debug: stepLog.debug,
  })
  return seenBy(visibility, environment)
}

/** The environment with what is known of who can read the workflow's repository. */
export function seenBy(visibility: Visibility, environment: Environment): Environment {
  const { workflow } = environment
  return workflow.visibility === 'unknown'
    ? { ...environment, workflow: { ...workflow, visibility } }
    : environment
}
