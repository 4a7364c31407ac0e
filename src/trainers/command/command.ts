import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { messageOf } from '../../domain/error-message.ts'
import { formatDuration } from '../../domain/format.ts'
import {
  NotStarted,
  type StartContext,
  type Trainer,
  type TrainingContext,
  type TrainingEnd,
  type TrainingOrder,
  type TrainingPlan,
  type TrainingRun,
} from '../../domain/training.ts'
import { Refused } from '../../domain/verdict.ts'
import type { Clock } from '../../http/clock.ts'
import { createHider } from '../../http/hide-secret.ts'
import type { Hub } from '../../hub/hub.ts'
import { modelFiles, readModelCard } from '../../hub/models/files.ts'
import { autotrainConfig, checkParams } from '../autotrain/autotrain-config.ts'
import { missingFiles } from '../autotrain/final-files.ts'
import { withCause } from '../jobs/job-end.ts'
import { readCardMetrics } from '../output/card-metrics.ts'
import { createRunOutput, type RunOutput } from '../output/run-output.ts'
import { modelOf, runEnvironment } from '../run-environment.ts'
import { checkWait } from '../wait-limit.ts'
import { commandEnvironment } from './command-environment.ts'
import { type ScriptEnd, type ScriptProcess, startScript } from './script-process.ts'

/** Milliseconds between two looks at the time. */
const tellEvery = 5000

/** Milliseconds that a timer of Node can count: more days than any runner lives. */
const longestSleep = 2 ** 31 - 1

/** What the trainer on the runner works with. */
export interface CommandTools {
  readonly hub: Hub
  readonly clock: Clock
  /** Milliseconds that the runner gives a job; null: no limit. */
  readonly waitLimit: number | null
  /** The environment of the runner's step. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Where the folder with AutoTrain's config file is made, for the time of the run. */
  readonly tempDir: string
  /** Where a person can look at the run. */
  readonly workflowUrl: string
}

interface RunningScript {
  readonly process: ScriptProcess
  readonly startedAt: number
  /** Ends the script when its time is up; true then. */
  readonly timedOut: Promise<boolean>
  readonly folder: string
}

/**
 * Any shell script on the runner itself: training on a machine with a GPU, or the launcher of a cluster. The run
 * lives and ends with the step, so that nobody else can look for it.
 */
export function createCommandTrainer(tools: CommandTools): Trainer {
  const running = new Map<string, RunningScript>()
  return {
    name: 'command',
    plan: async (order) => plan(order, tools),
    start: async (order, context) => {
      const script = await start(order, { tools, context })
      running.set(order.nonce, script)
      return { id: order.nonce, url: tools.workflowUrl, nextStep: null }
    },
    follow: async (order, run, context) => follow(order, { tools, context, script: scriptOf(running, run) }),
    cancel: async (_order, run) => running.get(run.id)?.process.stop(),
  }
}

function scriptOf(running: ReadonlyMap<string, RunningScript>, { id }: TrainingRun): RunningScript {
  const script = running.get(id)
  if (script !== undefined) return script
  throw new Error(
    'The command was started by another step, and ended with it: it cannot be followed. ' +
      'Run the workflow again with force: true to train anew.',
  )
}

function plan(order: TrainingOrder, { waitLimit }: CommandTools): TrainingPlan {
  const { recipe } = order
  if (recipe.command === null) {
    throw new Refused('command: the trainer command needs a shell script, which runs on the runner.')
  }
  if (recipe.image !== null) {
    throw new Refused(
      'image: the trainer command runs on the runner itself: remove image, or use trainer: job.',
    )
  }
  if (!recipe.wait) {
    throw new Refused(
      'wait: the trainer command lives on the runner and ends with the step: remove wait: false, ' +
        'or use trainer: autotrain or trainer: job.',
    )
  }
  checkParams(recipe)
  checkWait(order, waitLimit)
  return {
    what: 'A script of your own trains on the runner',
    steps: ['Run the command on the runner', 'Read what it measured'],
    readsOnlyHead: false,
    hardware: null,
    timeoutMs: recipe.timeout,
    cost: null,
  }
}

async function start(
  order: TrainingOrder,
  options: { tools: CommandTools; context: StartContext },
): Promise<RunningScript> {
  const { tools, context } = options
  if (context.signal.aborted) {
    throw new NotStarted('The workflow was cancelled before anything was started.', {
      cause: context.signal.reason,
    })
  }
  context.assertMayBegin()
  return context.step('Run the command', () =>
    launch(order, tools).catch((cause: unknown) => {
      const said = messageOf(cause)
      throw new NotStarted(`The command could not be started on the runner: ${said}.`, { cause })
    }),
  )
}

async function launch(order: TrainingOrder, tools: CommandTools): Promise<RunningScript> {
  const { hub, clock, environment, tempDir } = tools
  const { recipe, project } = order
  const config = autotrainConfig({ recipe, project, dataPath: recipe.inputDataset })
  const folder = await mkdtemp(join(tempDir, 'auto-retrain-'))
  const configFile = join(folder, 'autotrain.yml')
  try {
    await writeFile(configFile, config)
    const process = await startScript({
      script: recipe.command ?? '',
      directory: environment.GITHUB_WORKSPACE || '.',
      environment: commandEnvironment(environment, {
        ...runEnvironment({ order, config }),
        AUTO_RETRAIN_CONFIG_FILE: configFile,
        HF_TOKEN: hub.token,
      }),
      clock,
    })
    const timedOut = stopInTime(process, { timeout: recipe.timeout, clock })
    return { process, startedAt: clock.now(), timedOut, folder }
  } catch (error) {
    await rm(folder, { recursive: true, force: true })
    throw error
  }
}

async function stopInTime(
  process: ScriptProcess,
  { timeout, clock }: { timeout: number; clock: Clock },
): Promise<boolean> {
  try {
    await clock.sleep(Math.min(timeout, longestSleep), process.over)
  } catch {
    return false
  }
  await process.stop()
  return true
}

async function follow(
  order: TrainingOrder,
  options: { tools: CommandTools; context: TrainingContext; script: RunningScript },
): Promise<TrainingEnd> {
  const { tools, context, script } = options
  const { process, folder } = script
  const { signal } = context
  const tell = () => context.progress(progressOf(order, { output, script, now: tools.clock.now() }))
  const hide = createHider([tools.hub.token])
  const output = createRunOutput({ onLine: context.log, onMetrics: tell, hide })
  const abort = () => void process.stop()
  signal.addEventListener('abort', abort)
  if (signal.aborted) abort()
  try {
    await Promise.all([process.read(output.add), tellTime(process, { tell, clock: tools.clock })])
    // What it left in the background does not outlive the step, also when it does not hear.
    await process.stop()
    signal.throwIfAborted()
    return await endOf(order, { tools, output, script, signal })
  } finally {
    signal.removeEventListener('abort', abort)
    await rm(folder, { recursive: true, force: true })
  }
}

async function tellTime(
  process: ScriptProcess,
  { tell, clock }: { tell: () => void; clock: Clock },
): Promise<void> {
  while (!process.over.aborted) {
    tell()
    await clock.sleep(tellEvery, process.over).catch(() => undefined)
  }
}

function progressOf(
  { recipe }: TrainingOrder,
  options: { output: RunOutput; script: RunningScript; now: number },
) {
  const { output, script, now } = options
  const { epochs } = recipe.params
  return {
    stage: 'RUNNING',
    epoch: output.metrics.epoch,
    epochs: typeof epochs === 'number' ? epochs : null,
    elapsedMs: now - script.startedAt,
    cost: null,
  }
}

interface EndOptions {
  readonly tools: CommandTools
  readonly output: RunOutput
  readonly script: RunningScript
  readonly signal: AbortSignal
}

async function endOf(order: TrainingOrder, options: EndOptions): Promise<TrainingEnd> {
  const { output, script } = options
  const isLate = await script.timedOut
  const bad = isLate
    ? `The command ran longer than its timeout of ${formatDuration(order.recipe.timeout)} and was stopped`
    : badEnd(await script.process.ended)
  const left = bad === null ? await whatIsLeft(order, options) : { failure: bad, metrics: {} }
  const { failure, metrics } = left
  return {
    verdict: failure === null ? 'succeeded' : 'failed',
    reason: failure === null ? 'The command ended well.' : withCause(failure, output),
    metrics: { ...output.metrics.final(), ...metrics },
    curve: output.metrics.curve,
    logTail: [...output.tail],
    cost: null,
  }
}

function badEnd({ code, signal }: ScriptEnd): string | null {
  if (code === 0) return null
  return code === null
    ? `The command was ended by ${signal} from outside`
    : `The command failed with exit code ${code}`
}

/**
 * Looks at the model on the Hub. A script need not push one, and a Hub that does not answer makes no training a
 * failed one; but AutoTrain ends with exit code 0 also when it failed.
 */
async function whatIsLeft(
  order: TrainingOrder,
  { tools, output, signal }: EndOptions,
): Promise<{ failure: string | null; metrics: Record<string, number> }> {
  const { hub } = tools
  const model = modelOf(order)
  const files = await modelFiles(hub, { model, signal }).catch(() => 'unknown' as const)
  signal.throwIfAborted()
  if (output.autotrain === 'unfinished' && files !== 'unknown') {
    const missing = missingFiles(order.recipe.task, files ?? new Set())
    const what =
      files === null ? 'AutoTrain made no model on the Hub' : `its model has no ${missing.join(', ')}`
    if (missing.length > 0) {
      return { failure: `The command ended with exit code 0, but ${what}: the training failed`, metrics: {} }
    }
  }
  if (files === null || files === 'unknown') return { failure: null, metrics: {} }
  const card = await readModelCard(hub, { model, signal }).catch(() => null)
  signal.throwIfAborted()
  return { failure: null, metrics: readCardMetrics(output.hide(card ?? '')) }
}
