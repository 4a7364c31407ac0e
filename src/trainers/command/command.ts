import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { messageOf } from '../../domain/error-message.ts'
import { type Measured, nothingMeasured } from '../../domain/metrics/measured.ts'
import type { PlannedOrder, TrainingPlan } from '../../domain/plan/training-plan.ts'
import { formatDuration } from '../../domain/text/format.ts'
import type {
  StartContext,
  Trainer,
  TrainingContext,
  TrainingEnd,
  TrainingOrder,
  TrainingRun,
} from '../../domain/training.ts'
import { NotJudged, NotStarted, Refused } from '../../domain/verdict.ts'
import type { Clock } from '../../http/clock.ts'
import { createHider } from '../../http/hide-secret.ts'
import type { Hub } from '../../hub/hub.ts'
import { autotrainConfig } from '../autotrain/autotrain-config.ts'
import { checkParams } from '../autotrain/params/check-params.ts'
import { judgeUnseen } from '../output/judge-unseen.ts'
import { progressOf } from '../output/progress.ts'
import { describeUnchecked, describeUnproved, proveModel } from '../output/prove-model.ts'
import {
  createRunOutput,
  finalMetrics,
  metricNamesIn,
  type RunOutput,
  ranOutOfMemory,
  warningsOf,
  withLastError,
  withLastErrorOrLine,
} from '../output/run-output.ts'
import { runEnvironment } from '../run-environment.ts'
import { checkWait } from '../wait-limit.ts'
import { commandEnvironment } from './command-environment.ts'
import { endLeftProcess } from './process-group.ts'
import { checkCommandRunner } from './runner-check.ts'
import { type ScriptEnd, type ScriptProcess, startScript } from './script-process.ts'

/** Between two progress reports when no metrics arrive. */
const progressEveryMs = 5_000

/** The longest timer that Node supports, more days than any runner lives. */
const maxTimerMs = 2 ** 31 - 1

/** What the trainer on the runner needs. */
export interface CommandTools {
  readonly hub: Hub
  readonly clock: Clock
  /** How long the runner lets a job run; null: no limit. */
  readonly waitLimitMs: number | null
  /** The environment of the runner's step. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Where the folder for AutoTrain's config file is made; it is deleted after the run. */
  readonly tempDir: string
  /** The page of the workflow run, which has the command's log. */
  readonly workflowUrl: string
}

interface RunningScript {
  readonly process: ScriptProcess
  readonly startedAt: number
  /** Resolves once the script has ended: whether its timeout ended it. */
  readonly timedOut: Promise<boolean>
  /** Aborted once the action itself has stopped it. */
  readonly cancelled: AbortController
  readonly folder: string
}

/**
 * Any shell script on the runner itself: training on a machine with a GPU, or the launcher of a cluster. The run
 * ends with the step, so no other process can find it.
 */
export function createCommandTrainer(tools: CommandTools): Trainer {
  const running = new Map<string, RunningScript>()
  return {
    name: 'command',
    plan: async (order, signal) => {
      const planned = plan(order, tools)
      await checkCommandRunner({ ...tools, signal })
      return planned
    },
    start: async (order, context) => {
      const script = await start(order, { tools, context })
      running.set(order.nonce, script)
      return { id: order.nonce, url: tools.workflowUrl, nextStep: null }
    },
    follow: async (order, run, context) => follow(order, { tools, context, script: scriptOf(running, run) }),
    processOf: ({ id }) => running.get(id)?.process.identity ?? null,
    judgeByModel: (order, _run, signal) =>
      judgeUnseen(tools.hub, {
        order,
        lost: 'Its workflow run did not record how it ended',
        isAutotrain: false,
        hide: createHider([tools.hub.token]),
        signal,
      }),
    endProcess: (process) => endLeftProcess(process, tools.clock),
    cancel: async (_order, { id }) => {
      const script = running.get(id)
      script?.cancelled.abort()
      await script?.process.stop()
    },
  }
}

function scriptOf(running: ReadonlyMap<string, RunningScript>, { id }: TrainingRun): RunningScript {
  const script = running.get(id)
  if (script !== undefined) return script
  throw new Refused(
    'The command was started by another step and ended with it, so that it cannot be followed. ' +
      'Run workflow trains this commit again.',
  )
}

function plan(order: PlannedOrder, { waitLimitMs }: CommandTools): TrainingPlan {
  const { recipe } = order
  if (recipe.command === null) {
    throw new Refused('command: the trainer command needs a shell script to run on the runner.')
  }
  if (recipe.image !== null) {
    throw new Refused(
      'image: the trainer command runs on the runner itself: remove image, or use trainer: job.',
    )
  }
  if (!recipe.wait) {
    throw new Refused(
      'wait: the trainer command runs on the runner and ends with the step: remove wait: false, ' +
        'or use trainer: autotrain or trainer: job.',
    )
  }
  checkParams(recipe)
  checkWait(order, waitLimitMs)
  return {
    summary: 'Your script runs on the runner',
    steps: [
      'Run the command on the runner',
      recipe.expectModel ? 'Read its metrics, then check its model on the Hub' : 'Read its metrics',
    ],
    readsOnlyHead: false,
    hardware: null,
    timeoutMs: recipe.timeout,
    cost: null,
    checks: [],
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
      throw new NotStarted(`The command could not be started on the runner: ${messageOf(cause)}.`, { cause })
    }),
  )
}

async function launch(order: TrainingOrder, tools: CommandTools): Promise<RunningScript> {
  const { hub, clock, environment, tempDir } = tools
  const { recipe } = order
  const config = autotrainConfig({ ...order, dataPath: recipe.inputDataset })
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
    const timedOut = stopAtTimeout(process, { timeoutMs: recipe.timeout, clock })
    return { process, startedAt: clock.now(), timedOut, cancelled: new AbortController(), folder }
  } catch (error) {
    await rm(folder, { recursive: true, force: true })
    throw error
  }
}

/** Stops the script at its timeout. Resolves to whether it had to. */
async function stopAtTimeout(
  process: ScriptProcess,
  { timeoutMs, clock }: { timeoutMs: number; clock: Clock },
): Promise<boolean> {
  try {
    await clock.sleep(Math.min(timeoutMs, maxTimerMs), process.over)
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
  const { clock, hub } = tools
  const report = () => {
    const elapsedMs = clock.now() - script.startedAt
    context.progress(progressOf(order.recipe, { stage: 'RUNNING', elapsedMs, cost: null, output }))
  }
  const output = createRunOutput({ onLine: context.log, onMetrics: report, hide: createHider([hub.token]) })
  const abort = () => void process.stop()
  signal.addEventListener('abort', abort)
  if (signal.aborted) abort()
  try {
    await Promise.all([process.read(output.add), reportWhileRunning(process, { report, clock })])
    // Background processes must not outlive the step, even those that ignore SIGTERM.
    await process.stop()
    signal.throwIfAborted()
    return await endOf(order, { tools, output, script, signal })
  } finally {
    signal.removeEventListener('abort', abort)
    await rm(folder, { recursive: true, force: true })
  }
}

async function reportWhileRunning(
  process: ScriptProcess,
  { report, clock }: { report: () => void; clock: Clock },
): Promise<void> {
  while (!process.over.aborted) {
    report()
    await clock.sleep(progressEveryMs, process.over).catch(() => undefined)
  }
}

interface EndOptions {
  readonly tools: CommandTools
  readonly output: RunOutput
  readonly script: RunningScript
  readonly signal: AbortSignal
}

interface Ending extends Pick<TrainingEnd, 'verdict' | 'cause' | 'reason'> {
  readonly measured: Measured
  readonly warnings?: readonly string[]
}

async function endOf(order: TrainingOrder, options: EndOptions): Promise<TrainingEnd> {
  const { tools, output, script } = options
  const ended = await script.process.ended
  const endedAt = tools.clock.now()
  const {
    verdict,
    cause,
    reason,
    measured,
    warnings = [],
  } = (await badEnd(ended, order, options)) ?? (await proveSuccess(order, options))
  return {
    verdict,
    cause,
    began: true,
    trainedMs: endedAt - script.startedAt,
    endedAt,
    reason,
    ...finalMetrics(output, measured),
    curve: output.metrics.curve,
    logTail: [...output.tail],
    cost: null,
    warnings: [...warningsOf(output, order.recipe), ...warnings],
  }
}

/** How a command ended that did not end well; null when it did. */
async function badEnd(
  ended: ScriptEnd,
  order: TrainingOrder,
  { output, script }: EndOptions,
): Promise<Ending | null> {
  const failed = (cause: TrainingEnd['cause'], reason: string): Ending => ({
    verdict: 'failed',
    cause,
    reason: withLastError(reason, output),
    measured: nothingMeasured,
  })
  if (await script.timedOut) {
    const limit = formatDuration(order.recipe.timeout)
    return failed('limit', `The command ran longer than its timeout of ${limit} and was stopped`)
  }
  if (ended.code === 0) return null
  if (script.cancelled.signal.aborted) {
    return {
      verdict: 'cancelled',
      cause: 'workflow',
      reason: 'The command was stopped.',
      measured: nothingMeasured,
    }
  }
  const cause = isOutOfMemory(ended) || ranOutOfMemory(output) ? 'limit' : 'training'
  const { code, signal } = ended
  if (code === null) return failed(cause, `The command was killed by ${signal}`)
  const setup = output.setupError()
  if (setup !== null) {
    return failed(
      setup.mayPass ? 'infrastructure' : cause,
      `The command failed with exit code ${code} before the script ran, while uv prepared its environment`,
    )
  }
  const reason = withLastErrorOrLine(`The command failed with exit code ${code}`, output)
  return { verdict: 'failed', cause, reason, measured: nothingMeasured }
}

/** SIGKILL from outside is what the kernel sends when memory runs out; a shell reports a child's as 128 + 9. */
function isOutOfMemory({ code, signal }: ScriptEnd): boolean {
  return signal === 'SIGKILL' || code === 137
}

/**
 * Proves the success of a command that ended well. After AutoTrain the model is checked whatever the recipe expects:
 * AutoTrain ends with exit code 0 even when it failed, or was killed while it pushed the model.
 *
 * @throws NotJudged when the Hub gives no clear answer: the success is neither proved nor disproved
 */
async function proveSuccess(order: TrainingOrder, { tools, output, signal }: EndOptions): Promise<Ending> {
  const isAutotrain = output.ranAutotrain
  const known = metricNamesIn(output)
  const proof = await proveModel(tools.hub, { order, isAutotrain, known, hide: output.hide, signal }).catch(
    (cause: unknown) => {
      signal.throwIfAborted()
      const message = `The command ended with exit code 0, but its model could not be checked: ${messageOf(cause)}`
      throw new NotJudged(message, { cause })
    },
  )
  if (proof.lacks !== null) {
    const reason = describeUnproved(proof, { subject: 'The command', isAutotrain, output })
    return { verdict: 'failed', cause: 'training', reason, measured: nothingMeasured }
  }
  const reason = `The command finished with exit code 0.${describeUnchecked(proof)}`
  const { measured, warnings = [] } = proof
  return { verdict: 'succeeded', cause: null, reason, measured, warnings }
}
