import type { JobState, PostStep } from '../job/job-state.ts'
import { evaluate, holds, textOf, textsOf } from '../workflow/expressions.ts'
import type { WorkflowStep } from '../workflow/workflow.ts'
import { actionOf, isCheckout, runAction, runCheckout, usesOf } from './actions.ts'
import type { Conclusion, StepResult } from './results.ts'
import { runScript } from './script.ts'
import { type Outcome, type StepContext, scopeOf, withCommandFiles } from './step-context.ts'
import { createLog } from './step-log.ts'
import { takeCommandFiles } from './take-command-files.ts'

/** Runs one step of a job, or passes over it when its condition does not hold. */
export async function runStep(state: JobState, step: WorkflowStep): Promise<void> {
  await carryOut(state, {
    step,
    stage: 'main',
    name: (context) => stepName(context),
    condition: step.condition,
    work: (context) => mainWork(context),
  })
}

/** Runs the `post` of an action. */
export async function runPost(state: JobState, post: PostStep): Promise<void> {
  await carryOut(state, {
    step: post.step,
    stage: 'post',
    name: () => post.name,
    condition: post.condition,
    work: (context) => {
      const action = actionOf(state, post.step)
      return runAction(context, { action, program: action.post ?? '', saved: post.state })
    },
  })
}

interface Plan {
  step: WorkflowStep
  stage: StepContext['stage']
  name: (context: StepContext) => string
  condition: string
  work: (context: StepContext) => Promise<Outcome>
}

async function carryOut(state: JobState, plan: Plan): Promise<void> {
  const { step } = plan
  const result = emptyResult(step)
  state.result.steps.push(result)
  const started = state.setup.now()
  const log = createLog({ masks: state.masks, debug: state.debug, into: result })
  const stop = new AbortController()
  let context = contextOf(state, { step, stage: plan.stage, result, log, stop: stop.signal, env: state.env })
  let outcome: Conclusion
  try {
    const env = textsOf(step.token.find('env'), scopeOf(state, context))
    context = { ...context, env: { ...context.env, ...env } }
    result.name = plan.name(context)
    outcome = holds(plan.condition, scopeOf(state, context)) ? await work(context, { plan, stop }) : 'skipped'
  } catch (error) {
    log.annotate('error', (error as Error).message)
    outcome = 'failure'
  }
  result.durationMs = state.setup.now() - started
  conclude(context, outcome)
}

function contextOf(
  state: JobState,
  parts: Pick<StepContext, 'step' | 'stage' | 'result' | 'log' | 'stop' | 'env'>,
): StepContext {
  const uses = usesOf(parts.step)
  const remote = uses !== '' && !uses.startsWith('./')
  const named = {
    ...state.github,
    action: parts.step.id,
    ...(remote ? { action_repository: uses.split('@')[0], action_ref: uses.split('@')[1] } : {}),
  }
  return { state, ...parts, ...withCommandFiles(state, named) }
}

/** Runs the step's work, and stops it when the job is cancelled or its time is over. */
async function work(
  context: StepContext,
  { plan, stop }: { plan: Plan; stop: AbortController },
): Promise<Conclusion> {
  const { state, step, log, result } = context
  const minutes = Number(textOf(step.token.find('timeout-minutes'), scopeOf(state, context)))
  const timer =
    minutes > 0 ? setTimeout(() => stop.abort('timeout'), minutes * state.setup.waits.minute) : undefined
  // A step that would run in a cancelled job, such as one with always(), is left to finish.
  const onCancel = () => {
    if (!holds(plan.condition, scopeOf(state, context))) stop.abort('cancelled')
  }
  if (!state.cancelled.aborted) state.cancelled.addEventListener('abort', onCancel)
  let outcome: Outcome
  let filesGood = true
  try {
    outcome = await plan.work(context)
  } finally {
    clearTimeout(timer)
    state.cancelled.removeEventListener('abort', onCancel)
    if (!state.dead.aborted) filesGood = takeCommandFiles(context)
  }
  result.exitCode = outcome.exitCode
  if (stop.signal.reason === 'timeout') {
    log.annotate('error', `The action '${result.name}' has timed out after ${minutes} minutes.`)
    return 'failure'
  }
  if (stop.signal.aborted) {
    log.annotate('error', 'The operation was canceled.')
    return 'cancelled'
  }
  return outcome.failed || !filesGood || state.dead.aborted ? 'failure' : 'success'
}

function conclude(context: StepContext, outcome: Conclusion): void {
  const { state, step, stage, result } = context
  result.status = 'completed'
  result.outcome = outcome
  result.conclusion = outcome
  if (outcome === 'failure' && continuesOnError(context)) result.conclusion = 'success'
  if (!step.id.startsWith('__') && stage === 'main') {
    const { outputs } = state.steps[step.id] ?? { outputs: {} }
    state.steps[step.id] = { outputs, outcome, conclusion: result.conclusion }
  }
  if (result.conclusion === 'failure' && state.status === 'success') state.status = 'failure'
}

function continuesOnError(context: StepContext): boolean {
  const { state, step, log } = context
  try {
    return evaluate(step.token.find('continue-on-error'), scopeOf(state, context)) === true
  } catch (error) {
    log.annotate('error', (error as Error).message)
    return false
  }
}

async function mainWork(context: StepContext): Promise<Outcome> {
  const { state, step, result } = context
  const uses = usesOf(step)
  if (uses === '') return runScript(context)
  if (isCheckout(state, uses)) return runCheckout(context)
  const action = actionOf(state, step)
  if (action.post !== undefined) {
    const { postCondition: condition } = action
    state.posts.push({ step, name: `Post ${result.name}`, condition, state: result.state })
  }
  return runAction(context, { action, program: action.main, saved: {} })
}

function stepName(context: StepContext): string {
  const { step, state } = context
  const token = step.token.find('name')
  if (token !== undefined) return textOf(token, scopeOf(state, context))
  const uses = usesOf(step)
  const shown = uses !== '' ? uses : textOf(step.token.find('run'), scopeOf(state, context))
  return `Run ${shown.trimStart().split('\n')[0]}`
}

function emptyResult(step: WorkflowStep): StepResult {
  return {
    id: step.id,
    name: step.id,
    status: 'in_progress',
    conclusion: 'skipped',
    outcome: 'skipped',
    exitCode: null,
    inputs: {},
    outputs: {},
    state: {},
    annotations: [],
    commands: [],
    summary: '',
    log: [],
    rawOutput: '',
    durationMs: 0,
  }
}
