import * as core from '@actions/core'
import type { Outcome, ReportContext } from '../domain/outcome.ts'
import { systemClock } from '../http/clock.ts'
import { nameProxyInErrors } from '../http/proxy/proxy.ts'
import { resolveRecipes } from '../recipe/resolve.ts'
import { toEnding } from '../run/ending.ts'
import { openRunLog } from '../run/log/run-log.ts'
import { retrain } from '../run/retrain.ts'
import { emptyOutcome } from '../run/work.ts'
import { withCode } from './code/read-code.ts'
import { createCollaborators } from './collaborators.ts'
import { readEnvironment } from './runner/environment.ts'
import { readInputs } from './runner/inputs.ts'
import { loadConfigFile } from './runner/load-config.ts'
import { useProxy } from './runner/proxy.ts'
import { reportContext } from './runner/report-context.ts'
import { reportResult } from './runner/report-result.ts'
import { maskSecrets, maskVariables } from './runner/secrets.ts'
import { stepLog } from './runner/step-log.ts'
import { explainTrigger, readTrigger } from './runner/trigger.ts'
import { withVisibility } from './visibility.ts'

/**
 * Runs the action: reads the runner's environment, brings each recipe to its verdict and reports the result. It never
 * throws; a failure sets the exit code and prints one sentence.
 *
 * @param options.signal aborted when the workflow is cancelled
 */
export async function run({ signal }: { signal: AbortSignal }): Promise<void> {
  maskSecrets()
  const { outcomes, report } = await runAction(signal)
  await reportResult(outcomes, report)
}

interface Result {
  readonly outcomes: readonly Outcome[]
  /** Null when the environment could not be read. */
  readonly report: ReportContext | null
}

async function runAction(signal: AbortSignal): Promise<Result> {
  let report: ReportContext | null = null
  try {
    const given = readEnvironment(process.env)
    report = reportContext(given, null)
    const inputs = readInputs()
    const isSilent = given.workflow.visibility === 'unknown'
    const environment = isSilent ? await withVisibility(given, inputs) : given
    const { workflow } = environment
    report = reportContext(environment, null)
    const file = loadConfigFile({ path: inputs.config, workspace: workflow.workspace })
    const configured = resolveRecipes({ file, inputs: inputs.recipe })
    const secrets = maskVariables(configured.flatMap((recipe) => recipe.secrets))
    const trigger = await readTrigger({ workflow, inputs, now: systemClock.now() })
    if (trigger.plainSecret) warnAboutPlainSecret()
    const note = explainTrigger(workflow.eventName, trigger)
    if (note !== null) stepLog.info(note)
    const isByHand = trigger.name === 'manual'
    if (inputs.force && !isByHand) stepLog.warning(ignored('force'))
    report = reportContext(environment, trigger)
    if (inputs.publishRevision !== null && !isByHand) stepLog.warning(ignored('publish-revision'))

    const tools = createCollaborators({
      environment,
      inputs,
      config: file?.path ?? null,
      recipes: configured,
      secrets,
      report,
      signal,
    })
    const send = nameProxyInErrors({ proxy: useProxy(environment.runner), send: fetch })
    const recipes = await withCode(configured, { workspace: workflow.workspace, send, signal })
    const { revision, publishRevision, dryRun } = inputs
    const request = {
      event: trigger.event,
      revision,
      publishRevision: isByHand ? publishRevision : null,
      dryRun,
      force: inputs.force && isByHand,
      byPerson: isByHand || workflow.attempt > 1,
    }
    const runLog = openRunLog({ log: stepLog, startGroup: core.startGroup, endGroup: core.endGroup })
    return { outcomes: await retrain(recipes, request, tools, runLog), report }
  } catch (error) {
    const { verdict, reason } = await toEnding(error, { signal, log: stepLog })
    return { outcomes: [{ ...emptyOutcome, verdict, reason }], report }
  }
}

function ignored(input: 'force' | 'publish-revision'): string {
  return (
    `${input} is ignored: it counts only when a person starts the workflow (workflow_dispatch; in a reusable workflow the ` +
    "caller's event decides)."
  )
}

function warnAboutPlainSecret(): void {
  stepLog.warning(
    'The dispatch contains the webhook secret itself, which everyone who can read this run can read: ' +
      'use a relay that signs, and change the secret.',
  )
}
