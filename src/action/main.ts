import { randomBytes } from 'node:crypto'
import * as core from '@actions/core'
import { createApi } from '../http/api.ts'
import { systemClock } from '../http/clock.ts'
import { defaultPolicy, withPolicy } from '../http/exchange.ts'
import { createNodeSend } from '../http/node-fetch.ts'
import { ownNamespaces } from '../hub/account.ts'
import { createHub } from '../hub/hub.ts'
import { openLedger } from '../ledger/ledger.ts'
import { resolveRecipes } from '../recipe/resolve.ts'
import type { ReportContext } from '../report/outcome.ts'
import { createClassicTrainer } from '../trainers/autotrain-classic.ts'
import { loadConfigFile } from './config-file.ts'
import { type Environment, readEnvironment } from './environment.ts'
import { type Inputs, maskSecrets, readInputs } from './inputs.ts'
import { stepLog } from './log.ts'
import { createPending } from './pending.ts'
import { savePending } from './post.ts'
import { publish } from './publish.ts'
import { retrain } from './retrain.ts'
import { openRunLog } from './run-log.ts'
import { readTrigger } from './trigger.ts'
import { type Collaborators, emptyOutcome, toEnding } from './work.ts'

/**
 * One run of the action: reads what the runner gives, carries each recipe to its verdict, and tells the runner.
 * Never throws; a failure is the step's exit code and one sentence.
 *
 * @param options.signal aborted when the workflow is cancelled
 */
export async function run({ signal }: { signal: AbortSignal }): Promise<void> {
  maskSecrets()
  let report: ReportContext | null = null
  const outcomes = await (async () => {
    const environment = readEnvironment(process.env)
    report = reportContext(environment)
    const inputs = readInputs()
    const file = loadConfigFile({ path: inputs.config, workspace: environment.workflow.workspace })
    const recipes = resolveRecipes({ file, inputs: inputs.recipe })
    const trigger = await readTrigger({ workflow: environment.workflow, inputs, now: systemClock.now() })
    if (trigger.plainSecret) {
      stepLog.warning(
        'The dispatch carries the webhook secret itself, where everyone who can read this run can read it: ' +
          'use a relay that signs, and change the secret.',
      )
    }
    report = { ...report, trigger: trigger.name, delivery: trigger.delivery }
    const tools = collaborators({ environment, inputs, report, signal })
    const { revision, dryRun, force } = inputs
    const runLog = openRunLog({ log: stepLog, startGroup: core.startGroup, endGroup: core.endGroup })
    return retrain(recipes, { event: trigger.event, revision, dryRun, force }, tools, runLog)
  })().catch((error: unknown) => [{ ...emptyOutcome, ...toEnding(error, signal) }])
  await publish(outcomes, report)
}

function reportContext({ workflow, endpoints }: Environment): ReportContext {
  return {
    trigger: null,
    delivery: null,
    workflowUrl: workflow.url,
    repositoryVisibility: workflow.visibility,
    hubUrl: endpoints.hub,
  }
}

function collaborators(options: {
  environment: Environment
  inputs: Inputs
  report: ReportContext
  signal: AbortSignal
}): Collaborators {
  const { environment, inputs, report, signal } = options
  const { endpoints, workflow } = environment
  const clock = systemClock
  const token = inputs.hfToken
  const http = withPolicy({ send: createNodeSend(), policy: defaultPolicy, clock })
  const hub = createHub({ url: endpoints.hub, token, http, platformFetch: fetch, clock })
  const autotrain = createApi({ baseUrl: endpoints.autotrainApi, token, http, clock })
  const classic = createClassicTrainer({ api: autotrain, uiUrl: endpoints.autotrainUi })
  let namespaces: Promise<string[]> | undefined
  return {
    hub,
    trainers: { autotrain: classic, 'autotrain-classic': classic, job: classic, command: classic },
    ledger: openLedger({
      repository: workflow.repository,
      token: inputs.githubToken,
      apiUrl: endpoints.githubApi,
      commit: workflow.commit,
      secrets: [token, ...inputs.webhookSecrets],
      platformFetch: fetch,
      clock,
      randomBytes,
    }),
    pending: createPending(savePending),
    workflow: { runId: workflow.id, runAttempt: workflow.attempt, url: workflow.url },
    ownNamespaces: () => {
      namespaces ??= ownNamespaces(hub, signal)
      return namespaces
    },
    report,
    clock,
    log: stepLog,
    signal,
  }
}
