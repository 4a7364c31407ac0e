import { randomBytes } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { actionFolder, isCheckout, usesOf } from '../step/actions.ts'
import { createMasks } from '../step/masks.ts'
import type { Conclusion, JobResult } from '../step/results.ts'
import { scopeOf } from '../step/step-context.ts'
import { createLog, type Log } from '../step/step-log.ts'
import { runPost, runStep } from '../step/steps.ts'
import { githubContext, type RunFacts, runnerContext } from '../workflow/contexts.ts'
import { evaluate, type Scope, textsOf } from '../workflow/expressions.ts'
import { tokenPermissions } from '../workflow/permissions.ts'
import { tokenAt, type WorkflowJob } from '../workflow/workflow.ts'
import type { JobState } from './job-state.ts'
import { createMachine } from './machine.ts'
import type { Setup } from './setup.ts'

// The runner does not hide the values of these: they are `true`.
const notHidden = ['ACTIONS_STEP_DEBUG', 'ACTIONS_RUNNER_DEBUG']

/** What a job is run with. */
export interface JobOptions {
  setup: Setup
  facts: RunFacts
  job: WorkflowJob
  result: JobResult
  /** The `needs` context. */
  needs: Record<string, unknown>
  /** The run was cancelled, and this job is not to go on. */
  cancel: AbortSignal
  /** The machine dies. */
  dead: AbortSignal
}

/**
 * Runs a job on a machine of its own: token, steps, `post` steps, outputs, clean-up.
 *
 * @returns how it ended; its result is filled as it goes
 */
export async function runJob(options: JobOptions): Promise<Conclusion> {
  const { setup, facts, job, result, cancel, dead } = options
  const masks = createMasks()
  const debug = [setup.secrets, setup.variables].some((values) => values.ACTIONS_STEP_DEBUG === 'true')
  const log = createLog({ masks, debug, into: { log: [], annotations: result.annotations } })
  const machine = createMachine(setup.repository.name)
  const permissions = tokenPermissions(job.token.find('permissions'), facts.workflow.root.find('permissions'))
  result.permissions = permissions
  const token = setup.github.issueToken(setup.repository.name, permissions)
  const stop = new AbortController()
  const forced = new AbortController()
  const state = createState(options, {
    machine,
    masks,
    debug,
    token,
    cancelled: stop.signal,
    dead: AbortSignal.any([dead, forced.signal]),
  })
  const timers: NodeJS.Timeout[] = []
  const cancelJob = () => {
    if (stop.signal.aborted) return
    state.status = 'cancelled'
    stop.abort()
    timers.push(setTimeout(() => forced.abort(), setup.waits.force))
  }
  cancel.addEventListener('abort', cancelJob)
  timers.push(startTimeout(state, { log, cancelJob }))
  try {
    if (cancel.aborted) cancelJob()
    await runSteps(state, { log, job })
    if (dead.aborted) {
      log.annotate('error', 'The hosted runner lost communication with the server.')
      return 'failure'
    }
    if (forced.signal.aborted) return 'cancelled'
    result.outputs = readOutputs(state, log)
    return state.status
  } finally {
    for (const timer of timers) clearTimeout(timer)
    cancel.removeEventListener('abort', cancelJob)
    machine.killAll()
    setup.github.revokeToken(token)
    machine.remove()
  }
}

function startTimeout(
  state: JobState,
  { log, cancelJob }: { log: Log; cancelJob: () => void },
): NodeJS.Timeout {
  const contexts = { ...state.contexts, github: state.github }
  // https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idtimeout-minutes
  const minutes = Number(evaluate(state.job.token.find('timeout-minutes'), { contexts }) ?? 360)
  return setTimeout(() => {
    log.annotate('error', `The job has exceeded the maximum execution time of ${minutes} minutes.`)
    cancelJob()
  }, minutes * state.setup.waits.minute)
}

async function runSteps(state: JobState, { log, job }: { log: Log; job: WorkflowJob }): Promise<void> {
  try {
    for (const step of job.steps) {
      const uses = usesOf(step)
      if (uses !== '' && !uses.startsWith('./') && !isCheckout(state, uses)) actionFolder(state, uses)
    }
    readEnvironment(state)
  } catch (error) {
    log.annotate('error', (error as Error).message)
    state.status = 'failure'
    return
  }
  for (const step of job.steps) {
    if (state.dead.aborted) return
    await runStep(state, step)
  }
  for (let post = state.posts.pop(); post !== undefined; post = state.posts.pop()) {
    if (state.dead.aborted) return
    await runPost(state, post)
  }
}

function createState(
  options: JobOptions,
  made: Pick<JobState, 'machine' | 'masks' | 'debug' | 'cancelled' | 'dead'> & { token: string },
): JobState {
  const { setup, facts, job, needs } = options
  const { token, ...kept } = made
  const { machine, masks, debug } = kept
  const { github, secrets, variables } = setup
  const runtimeToken = randomBytes(24).toString('base64url')
  for (const [name, value] of Object.entries(secrets))
    if (!notHidden.includes(name)) masks.addLines(value.trim())
  masks.add(token)
  masks.add(runtimeToken)
  const eventPath = join(machine.temp, '_github_workflow', 'event.json')
  mkdirSync(join(machine.temp, '_github_workflow'))
  writeFileSync(eventPath, JSON.stringify(facts.trigger.event, null, 2))
  const context = { ...githubContext(setup, facts), event_path: eventPath, job: job.id, token }
  const mayAskForIdentity = options.result.permissions?.['id-token'] === 'write'
  return {
    ...kept,
    setup,
    workflow: facts.workflow,
    job,
    result: options.result,
    status: 'success',
    github: { ...context, workspace: machine.workspace },
    contexts: {
      inputs: facts.trigger.inputs,
      needs,
      runner: runnerContext(machine, debug),
      secrets: { ...secrets, GITHUB_TOKEN: token },
      vars: variables,
    },
    env: {},
    paths: [],
    steps: {},
    actionVariables: {
      ACTIONS_RUNTIME_URL: `${github.url}/_runtime/`,
      ACTIONS_RUNTIME_TOKEN: runtimeToken,
      ACTIONS_RESULTS_URL: `${github.url}/_results/`,
      ACTIONS_CACHE_URL: `${github.url}/_cache/`,
    },
    stepVariables: mayAskForIdentity
      ? {
          ACTIONS_ID_TOKEN_REQUEST_URL: `${github.url}/_identity?api-version=2.0`,
          ACTIONS_ID_TOKEN_REQUEST_TOKEN: runtimeToken,
        }
      : {},
    runDefaults: {},
    posts: [],
  }
}

function readEnvironment(state: JobState): void {
  const { workflow, job, contexts, github } = state
  const { root } = workflow
  const scope: Scope = { contexts: { ...contexts, github, strategy: {}, matrix: {} } }
  const workflowEnv = textsOf(root.find('env'), scope)
  state.env = { ...workflowEnv, ...textsOf(job.token.find('env'), scope) }
  state.runDefaults = {
    ...textsOf(tokenAt(root, 'defaults', 'run'), scope),
    ...textsOf(tokenAt(job.token, 'defaults', 'run'), { contexts: { ...scope.contexts, env: state.env } }),
  }
}

function readOutputs(state: JobState, log: Log): Record<string, string> {
  const scope = scopeOf(state, { env: state.env, github: state.github })
  const outputs: Record<string, string> = {}
  try {
    for (const [name, value] of Object.entries(textsOf(state.job.token.find('outputs'), scope))) {
      if (value === '') continue
      if (state.masks.apply(value) === value) outputs[name] = value
      else log.annotate('warning', `Skip output '${name}' since it may contain secret.`)
    }
  } catch (error) {
    log.annotate('error', (error as Error).message)
    if (state.status === 'success') state.status = 'failure'
  }
  return outputs
}
