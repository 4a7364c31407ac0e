import { randomBytes } from 'node:crypto'
import type { ReportContext } from '../domain/outcome.ts'
import { createApi } from '../http/api.ts'
import { systemClock } from '../http/clock.ts'
import { defaultPolicy, withPolicy } from '../http/exchange.ts'
import { createNodeSend } from '../http/node-fetch.ts'
import { nameProxyInErrors } from '../http/proxy.ts'
import { createHub } from '../hub/hub.ts'
import { openLedger } from '../ledger/ledger.ts'
import { createPending } from '../run/pending.ts'
import type { Collaborators } from '../run/work.ts'
import { createTrainers } from '../trainers/registry.ts'
import { createNotifier } from './notify/notify.ts'
import type { Environment } from './runner/environment.ts'
import type { Inputs } from './runner/inputs.ts'
import { useProxy } from './runner/proxy.ts'
import { savePending } from './runner/state.ts'
import { stepLog } from './runner/step-log.ts'

/**
 * Makes everything that the work is done with, from what the runner said.
 *
 * @throws Refused when the token for the ledger is missing, or the proxy cannot be used
 */
export function createCollaborators(options: {
  environment: Environment
  inputs: Inputs
  report: ReportContext
  signal: AbortSignal
}): Collaborators {
  const { environment, inputs, report, signal } = options
  const { endpoints, workflow } = environment
  const clock = systemClock
  const token = inputs.hfToken
  const proxy = useProxy(environment.runner)
  const platformFetch = nameProxyInErrors({ proxy, send: fetch })
  const http = withPolicy({ send: createNodeSend({ proxy }), policy: defaultPolicy, clock })
  const hub = createHub({ url: endpoints.hub, token, http, platformFetch, clock })
  const autotrain = createApi({ baseUrl: endpoints.autotrainApi, token, http, clock })
  return {
    hub,
    trainers: createTrainers({
      hub,
      classicApi: autotrain,
      classicUiUrl: endpoints.autotrainUi,
      clock,
      environment: environment.runner,
      tempDir: environment.tempDir,
      workflowUrl: workflow.url,
    }),
    ledger: openLedger({
      repository: workflow.repository,
      token: inputs.githubToken,
      apiUrl: endpoints.githubApi,
      commit: workflow.commit,
      secrets: [token, ...inputs.webhookSecrets],
      platformFetch,
      clock,
      randomBytes,
    }),
    pending: createPending(savePending),
    workflow: { runId: workflow.id, runAttempt: workflow.attempt, url: workflow.url },
    notify: createNotifier({ hub, report }),
    report,
    clock,
    log: stepLog,
    signal,
  }
}
