import type { Outcome, StepContext } from '../step/step-context.ts'
import { createOutputReader } from '../step/step-log.ts'
import { takeOutputs } from '../step/take-command-files.ts'
import { githubVariables, runnerVariables } from '../workflow/contexts.ts'
import { runProcess } from './process.ts'

/**
 * Runs a step's process and reads what it wrote.
 *
 * @param context of the step
 * @param options.variables on top of what every step has
 */
export async function launch(
  context: StepContext,
  options: { command: string; args: string[]; cwd: string; variables: Record<string, string> },
): Promise<Outcome> {
  const { state, result, log } = context
  const { masks, debug, machine } = state
  const reader = createOutputReader({
    log,
    masks,
    debug,
    commands: result.commands,
    setOutput: (name, value) => takeOutputs(context, { [name]: value }),
    saveState(name, value) {
      result.state[name] = value
      log.debug(`Save intra-action state ${name} = ${value}`)
    },
  })
  const exitCode = await runProcess({
    ...options,
    env: environmentOf(context, options.variables),
    onLine: reader.take,
    onText(text) {
      result.rawOutput += text
    },
    stop: context.stop,
    dead: state.dead,
    killAll: machine.killAll,
    waits: state.setup.waits,
  })
  return { exitCode, failed: exitCode !== 0 || reader.failed }
}

function environmentOf(context: StepContext, variables: Record<string, string>): Record<string, string> {
  const { state, env, github } = context
  const { machine, setup } = state
  const base: Record<string, string> = {
    PATH: process.env.PATH ?? '/usr/local/bin:/usr/bin:/bin',
    HOME: machine.home,
    LANG: 'C.UTF-8',
    USER: 'runner',
    CI: 'true',
    ...setup.environment,
    ...env,
  }
  const paths = [...state.paths].reverse()
  return {
    ...base,
    ...variables,
    PATH: [...paths, base.PATH].join(':'),
    ...githubVariables(github),
    ...runnerVariables(state.contexts.runner as Record<string, string>),
    ...state.stepVariables,
    GITHUB_ACTIONS: 'true',
    RUNNER_TRACKING_ID: machine.trackingId,
  }
}
