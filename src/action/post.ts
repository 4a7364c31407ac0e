import { messageOf } from '../domain/error-message.ts'
import type { Outcome } from '../domain/outcome.ts'
import type { TrainingEnd } from '../domain/training.ts'
import type { Visibility } from '../domain/visibility.ts'
import { findDataset } from '../hub/datasets.ts'
import type { Hub } from '../hub/hub.ts'
import { hasEnded } from '../ledger/record.ts'
import { endFacts } from '../run/attempt/record-order.ts'
import { readBaseModel } from '../run/base-model.ts'
import { reportEnd } from '../run/close/close.ts'
import type { PendingTraining } from '../run/close/pending.ts'
import { type Stopped, stopPending } from '../run/close/stop-pending.ts'
import { logError } from '../run/log/error-log.ts'
import { mayQuote } from '../run/log/quoting.ts'
import { beginWork, type Collaborators, emptyOutcome, noRequest } from '../run/work.ts'
import { createCollaborators, createProviders } from './collaborators.ts'
import { readState } from './runner/command-files/state.ts'
import { readEnvironment } from './runner/environment.ts'
import { readInputs } from './runner/inputs.ts'
import { reportContext } from './runner/report-context.ts'
import { reportInterrupted } from './runner/report-result.ts'
import { maskSecrets, maskVariables } from './runner/secrets.ts'
import { failStep, stepLog } from './runner/step-log.ts'
import { seenBy, withVisibility } from './visibility.ts'

/** The time for all trainings together: the runner ends the job five minutes after it was cancelled. */
const stopWithinMs = 90_000

/** Whether a person cancelled the step or its time limit did cannot be told apart. */
const interrupted = 'The step was ended (cancelled, or its time limit was reached)'

/** What ended with its workflow run does not come back by itself. */
const wayBack = 'It does not come back by itself: Run workflow trains this commit.'

/** How a training had ended by itself before it could be stopped. */
function hadEnded(ended: Exclude<Recorded, 'stopped'>): string {
  const [how, known] = {
    'had succeeded': ['succeeded', 'the next check records it'],
    'had failed': ['failed', 'the next check records it'],
    'ended before': ['ended', 'the ledger has its end, or does not know it any more'],
  }[ended]
  return `The training had ${how} before it could be stopped: ${known}.`
}

/** What the end of the job found of a training that it stopped. */
type Recorded = 'stopped' | 'had succeeded' | 'had failed' | 'ended before'

/** How the end of the job left a training, as a sentence for log, record and summary. */
interface Result {
  readonly training: PendingTraining
  /** Null when the run could not be stopped. */
  readonly stopped: Stopped | null
  readonly reason: string
}

/**
 * Runs the end of the job. When the step was ended by force, it stops what the step had ordered, all at once, from what
 * the step saved alone; ledger, discussion and summary come after, and their failures are warnings. It never throws.
 */
export async function runPost(): Promise<void> {
  maskSecrets()
  const { isFinished, pending } = readState()
  const { trainings, settled } = pending
  if (!isFinished && trainings.length === 0) {
    const ending = settled.length === 0 ? 'It had not ordered a training.' : settled.join(' ')
    stepLog.warning(`${interrupted} before it could report its verdict. ${ending}`)
  }
  const signal = AbortSignal.timeout(stopWithinMs)
  const results = await Promise.all(trainings.map((training) => stopTraining(training, signal)))
  if (isFinished && results.length === 0) return
  // Not before: what stops a training needs nothing of GitHub.
  const visibility = await knownVisibility()
  const recorded: Result[] = []
  for (const result of results) recorded.push(await recordResult(result, { signal, visibility }))
  if (!isFinished) await summarize(recorded, { settled, signal, visibility })
}

/** Who can read the workflow's repository; unknown counts as everyone. */
async function knownVisibility(): Promise<Visibility> {
  try {
    const environment = readEnvironment(process.env)
    if (environment.workflow.visibility !== 'unknown') return environment.workflow.visibility
    return (await withVisibility(environment, readInputs())).workflow.visibility
  } catch {
    return 'unknown'
  }
}

/** Stops one training. A run that may still be running fails the job, with its address. */
async function stopTraining(training: PendingTraining, signal: AbortSignal): Promise<Result> {
  const { order, run, ended } = training
  if (ended !== null) {
    return { training, stopped: { is: 'ended' }, reason: `The training had ended: ${ended.verdict}.` }
  }
  try {
    const providers = createProviders(optionsFor(training, { signal, visibility: 'unknown' }))
    const stopped = await stopPending(training, { ...providers, signal, log: stepLog })
    const reason = sentenceOf(stopped)
    if (isLeft(stopped)) stepLog.warning(`${order.project}: ${reason}`)
    return { training, stopped, reason }
  } catch (error) {
    await logError(stepLog, error)
    const reason =
      `The training ${order.project} could not be stopped; it may still be running and billed: stop it at ` +
      `${run?.url ?? 'its provider'} (${messageOf(error)}).`
    failStep(reason)
    return { training, stopped: null, reason }
  }
}

/** Whether a training is left as it is, for a person or for the next check. */
function isLeft({ is }: Stopped): boolean {
  return is === 'kept' || is === 'not found' || is === 'unnoted'
}

function sentenceOf(stopped: Stopped): string {
  switch (stopped.is) {
    case 'stopped':
      return `${interrupted}, and the training with it. ${wayBack}`
    case 'ended':
      return `${interrupted}; the training had ended.`
    case 'gone':
      return `${interrupted}; nothing of the command was left running. ${wayBack}`
    case 'unnoted':
      return (
        `${interrupted} while the command was being started. It may still be running on its runner: its process is ` +
        'not known, so nothing was ended. Until its deadline nothing is started beside it, except by Re-run jobs.'
      )
    case 'unlaunched':
      return `${interrupted} while the project was being prepared: what there is of it trains only when a person launches it.`
    case 'kept':
      return `${interrupted} after the project was prepared: it is there, and trains only when a person launches it.`
    case 'not found':
      return (
        `${interrupted} while the training was being ordered, and its provider shows no run: the next check of this ` +
        'workflow looks for it again.'
      )
  }
}

interface Known {
  readonly signal: AbortSignal
  readonly visibility: Visibility
}

function optionsFor({ order }: PendingTraining, { signal, visibility }: Known) {
  const environment = seenBy(visibility, readEnvironment(process.env))
  return {
    environment,
    inputs: readInputs(),
    config: null,
    recipes: [order.recipe],
    secrets: maskVariables(order.recipe.secrets),
    report: reportContext(environment, null),
    signal,
  }
}

/** Records what was stopped, and says so on the dataset. */
async function recordResult(result: Result, known: Known): Promise<Result> {
  const { training, stopped, reason } = result
  if (stopped === null || isLeft(stopped)) return result
  try {
    const { run } = stopped.is === 'stopped' ? stopped : training
    const tools = createCollaborators(optionsFor(training, known))
    const recorded = await recordStopped({ training: { ...training, run }, reason }, tools)
    return recorded === 'stopped' ? result : { ...result, reason: `${interrupted}. ${hadEnded(recorded)}` }
  } catch (error) {
    stepLog.warning(`The ledger could not be updated (${messageOf(error)}): ${later(training)}`)
    return result
  }
}

/** A run that lives at its provider can be asked again; of a command nothing is left but its model. */
function later({ order }: PendingTraining): string {
  return order.recipe.trainer === 'command'
    ? 'it says that the command is running until its deadline; a check after that goes by the model on the Hub.'
    : 'the next check of this workflow does it.'
}

/**
 * Records a training that was stopped. One that had ended by itself before that is left to the next check.
 *
 * @throws Error when the ledger cannot be read or written
 */
export async function recordStopped(
  { training, reason }: { training: PendingTraining; reason: string },
  tools: Collaborators,
): Promise<Recorded> {
  const { order, run, ended } = training
  const ledger = await tools.ledger.recipe({ key: order.key, family: '', seenRef: '' })
  const entries = await ledger.attempts(order.revision)
  const entry = entries.find(({ record }) => record.nonce === order.nonce)
  if (entry === undefined || hasEnded(entry.record)) return 'ended before'
  if (ended !== null) {
    await ledger.save(entry, ended.verdict, ended.facts)
    tools.log.info(`Recorded that the training ${order.project} had ended: ${ended.verdict}.`)
    return 'ended before'
  }
  const seen = await endOf(training, tools)
  if (seen !== null && seen.verdict !== 'cancelled') {
    const recorded = seen.verdict === 'succeeded' ? 'had succeeded' : 'had failed'
    tools.log.notice(`${order.project}: ${hadEnded(recorded)}`)
    return recorded
  }
  // The end of the job takes no recipe to a verdict.
  const work = beginWork(order.recipe, noRequest, tools)
  Object.assign(work.facts, await readVisibility(order, tools))
  const facts = endFacts(stoppedEnd(reason, seen), { isNamed: mayQuote(work), run })
  const saved = await ledger.save(entry, 'cancelled', facts)
  await reportEnd(work, saved.record, { verdict: 'cancelled', reason, end: null })
  return 'stopped'
}

/** How the provider shows the run after it was stopped; null where it does not say, or not yet. */
async function endOf(
  { order, run }: PendingTraining,
  { trainers, signal }: Collaborators,
): Promise<TrainingEnd | null> {
  if (run === null) return null
  const found = await trainers[order.recipe.trainer].inspect?.(order, run, signal).catch(() => null)
  return found == null || found.verdict === 'out-of-sight' ? null : found
}

/** What it cost is what its provider says, where it says anything. */
function stoppedEnd(reason: string, seen: TrainingEnd | null): TrainingEnd {
  return {
    verdict: 'cancelled',
    reason,
    cause: 'workflow',
    began: seen?.began ?? true,
    trainedMs: seen?.trainedMs ?? null,
    endedAt: seen?.endedAt ?? null,
    metrics: {},
    curve: [],
    logTail: [],
    cost: seen?.cost ?? null,
  }
}

/** What is not known counts as private. */
async function readVisibility(
  { recipe, revision }: Pick<PendingTraining['order'], 'recipe' | 'revision'>,
  { hub, signal }: { hub: Hub; signal: AbortSignal },
): Promise<Pick<Outcome, 'datasetVisibility' | 'baseVisibility'>> {
  const [dataset, base] = await Promise.all([
    findDataset(hub, { dataset: recipe.inputDataset, revision, signal }).catch(() => null),
    readBaseModel(hub, { model: recipe.inputModel, signal }),
  ])
  return {
    datasetVisibility: dataset?.visibility ?? 'unknown',
    baseVisibility: base.visibility,
  }
}

/** A step that was ended by force has written no summary. */
async function summarize(
  results: readonly Result[],
  { settled, ...known }: Known & { settled: readonly string[] },
): Promise<void> {
  try {
    const context = reportContext(seenBy(known.visibility, readEnvironment(process.env)), null)
    const outcomes = await Promise.all(results.map((result) => interruptedOutcome(result, known)))
    const ending = `${interrupted} before it could report its verdict. ${settled.join(' ')}`.trim()
    const none: Outcome = { ...emptyOutcome, verdict: 'cancelled', reason: ending }
    await reportInterrupted(outcomes.length === 0 ? [none] : outcomes, context)
  } catch (error) {
    stepLog.warning(`The job summary could not be written: ${messageOf(error)}`)
  }
}

async function interruptedOutcome({ training, stopped, reason }: Result, known: Known): Promise<Outcome> {
  const { order } = training
  const { recipe, revision, project } = order
  const run = training.run ?? (stopped !== null && 'run' in stopped ? stopped.run : null)
  const { hub } = createProviders(optionsFor(training, known))
  const verdict = stopped === null ? 'failed' : 'cancelled'
  const visibility = await readVisibility(order, { hub, signal: known.signal })
  return { ...emptyOutcome, ...visibility, verdict, reason, recipe, revision, project, run }
}
