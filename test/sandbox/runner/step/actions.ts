import { join } from 'node:path'
import { checkOut } from '../job/checkout.ts'
import type { JobState } from '../job/job-state.ts'
import { launch } from '../job/launch.ts'
import { textsOf } from '../workflow/expressions.ts'
import type { WorkflowStep } from '../workflow/workflow.ts'
import { type Action, inputVariables, readAction, resolveInputs } from './action.ts'
import { type Outcome, type StepContext, scopeOf } from './step-context.ts'

/** What a step's `uses:` names. */
export function usesOf(step: WorkflowStep): string {
  return step.token.find('uses')?.assertString('uses').value ?? ''
}

/**
 * Where the action of a step is.
 *
 * @throws Error for an action that is neither local nor among those the test gave
 */
export function actionFolder(state: JobState, uses: string): string {
  if (uses.startsWith('./')) return join(state.machine.workspace, uses)
  const name = uses.split('@')[0]?.toLowerCase()
  const given = Object.entries(state.setup.actions).find(([key]) => key.toLowerCase() === name)
  if (given === undefined) {
    throw new Error(
      `The sandbox runner cannot download ${uses}: it knows local actions, actions/checkout and its option \`actions\`.`,
    )
  }
  return given[1]
}

/** Whether it is `actions/checkout`, which the runner does itself unless the test gave another. */
export function isCheckout(state: JobState, uses: string): boolean {
  return uses.startsWith('actions/checkout@') && !('actions/checkout' in state.setup.actions)
}

/** `uses: actions/checkout@...`: only `path` and the default branch are known. */
export async function runCheckout(context: StepContext): Promise<Outcome> {
  const { state, result, log, step } = context
  const inputs = textsOf(step.token.find('with'), scopeOf(state, context))
  result.inputs = inputs
  const { checkout: from, files, repository } = state.setup
  log.write(`Syncing repository: ${repository.name}`)
  const into = join(state.machine.workspace, inputs.path ?? '')
  await checkOut({ from, into, files })
  const outputs = { ref: inputs.ref ?? `refs/heads/${repository.defaultBranch}`, commit: repository.headSha }
  Object.assign(result.outputs, outputs)
  if (!step.id.startsWith('__')) state.steps[step.id] = { outputs }
  return { exitCode: null, failed: false }
}

/**
 * Runs the `main` or the `post` of a JavaScript action.
 *
 * @param context of the step
 * @param options.action as `action.yml` describes it
 * @param options.program the file to run
 * @param options.saved what `main` saved, for `post`
 */
export async function runAction(
  context: StepContext,
  options: { action: Action; program: string; saved: Record<string, string> },
): Promise<Outcome> {
  const { state, result, log, step } = context
  const { action, program, saved } = options
  const scope = scopeOf(state, context)
  const { inputs, warnings } = resolveInputs(action, textsOf(step.token.find('with'), scope), scope)
  result.inputs = inputs
  for (const warning of warnings) log.annotate('warning', warning)
  describe(context, inputs)
  const savedVariables = Object.entries(saved).map(([name, value]) => [`STATE_${name}`, value])
  return launch(context, {
    command: process.execPath,
    args: [join(action.folder, program)],
    cwd: state.machine.workspace,
    variables: {
      ...Object.fromEntries(savedVariables),
      ...inputVariables(inputs),
      ...state.actionVariables,
    },
  })
}

function describe({ log, env, result, stage }: StepContext, inputs: Record<string, string>): void {
  if (stage === 'post') {
    log.write('Post job cleanup.')
    return
  }
  log.write(`##[group]${result.name}`)
  const given = Object.entries(inputs).filter(([, value]) => value !== '')
  writeBlock('with:', given)
  writeBlock('env:', Object.entries(env))
  log.write('##[endgroup]')

  function writeBlock(title: string, entries: [string, string][]) {
    if (entries.length > 0) log.write(title)
    for (const [name, value] of entries) for (const line of `  ${name}: ${value}`.split('\n')) log.write(line)
  }
}

/** Reads the action of a step. */
export function actionOf(state: JobState, step: WorkflowStep): Action {
  return readAction(actionFolder(state, usesOf(step)))
}
