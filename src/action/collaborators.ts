import { randomBytes } from 'node:crypto'
import type { ReportContext } from '../domain/outcome.ts'
import { mayName } from '../domain/visibility.ts'
import { createApi } from '../http/api.ts'
import { systemClock } from '../http/clock.ts'
import type { DebugHttp } from '../http/debug-line.ts'
import { defaultPolicy, withPolicy } from '../http/exchange.ts'
import { createNodeSend } from '../http/node-fetch.ts'
import { createHub } from '../hub/hub.ts'
import { openLedger } from '../ledger/ledger.ts'
import { createPending } from '../run/pending.ts'
import type { Collaborators } from '../run/work.ts'
import { createTrainers } from '../trainers/registry.ts'
import { createNotifier } from './notify/notify.ts'
import type { Environment } from './runner/environment.ts'
import type { Inputs } from './runner/inputs.ts'
import { savePending } from './runner/state.ts'
import { stepLog } from './runner/step-log.ts'

/**
 * Creates the clients, the trainers and the log that the action works with.
 *
 * @param options.datasets the names of the recipes' datasets
 * @param options.signal aborted when the workflow is cancelled, or when time runs out
 * @throws Refused when the token for the ledger is missing
 */
export function createCollaborators(options: {
  environment: Environment
  inputs: Inputs
  datasets: readonly string[]
  report: ReportContext
  signal: AbortSignal
}): Collaborators {
  const { environment, inputs, datasets, report, signal } = options
  const { endpoints, workflow } = environment
  const clock = systemClock
  const token = inputs.hfToken
  const debug = createHttpDebug(datasets, report)
  const http = withPolicy({ send: createNodeSend(), policy: defaultPolicy, clock, debug })
  const hub = createHub({ url: endpoints.hub, token, http, platformFetch: fetch, clock, debug })
  const autotrain = createApi({ baseUrl: endpoints.autotrainApi, token, http, clock, debug })
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
      platformFetch: fetch,
      clock,
      randomBytes,
      debug,
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

/**
 * Logs requests for step debug. Their URLs name the dataset, whose visibility is not known when the first are sent, so
 * a log that strangers can read says `DATASET` instead.
 */
function createHttpDebug(datasets: readonly string[], report: ReportContext): DebugHttp {
  if (mayName({ place: report.repositoryVisibility, thing: 'unknown' })) return stepLog.debug
  const names = datasets.flatMap((name) => [name, encodeURIComponent(name)])
  return (line) => stepLog.debug(names.reduce((text, name) => text.replaceAll(name, 'DATASET'), line))
}
