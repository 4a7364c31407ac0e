import { messageOf } from '../domain/error-message.ts'
import type { Outcome } from '../domain/outcome.ts'
import type { TrainingEnd } from '../domain/training.ts'
import { findDataset } from '../hub/datasets.ts'
import { hasEnded, type LedgerRecord } from '../ledger/record.ts'
import { reportEnd } from '../run/close.ts'
import { logError } from '../run/log/error-log.ts'
import type { PendingTraining } from '../run/pending.ts'
import { endFacts } from '../run/record-order.ts'
import { type Stopped, stopPending } from '../run/stop-pending.ts'
import { beginWork, type Collaborators, emptyOutcome, mayNameDataset, type Work } from '../run/work.ts'
import { createCollaborators, createProviders } from './collaborators.ts'
import { readEnvironment } from './runner/environment.ts'
import { readInputs } from './runner/inputs.ts'
import { reportContext } from './runner/report-context.ts'
import { reportInterrupted } from './runner/report-result.ts'
import { maskSecrets } from './runner/secrets.ts'
import { readState } from './runner/state.ts'
import { failStep, stepLog } from './runner/step-log.ts'

/** The end of the job takes no recipe to a verdict. */
const noRequest = { event: null, revision: null, dryRun: false, force: false, byPerson: false }

/** The time for all trainings together: the runner ends the job five minutes after it was cancelled. */
const stopWithinMs = 90_000

/** Whether a person cancelled the step or its time limit did cannot be told apart. */
const interrupted = 'The step was ended (cancelled, or its time limit was reached)'

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
  for (const result of results) await recordResult(result, signal)
  if (!isFinished) await summarize(results, settled)
}

/** Stops one training. A run that may still be running fails the job, with its address. */
async function stopTraining(training: PendingTraining, signal: AbortSignal): Promise<Result> {
  const { order, run } = training
  try {
    const providers = createProviders(optionsFor(training, signal))
    const stopped = await stopPending(training, { ...providers, signal, log: stepLog })
    const reason = sentenceOf(stopped)
    if (stopped.is === 'not found' || stopped.is === 'kept') stepLog.warning(`${order.project}: ${reason}`)
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

function sentenceOf(stopped: Stopped): string {
  switch (stopped.is) {
    case 'stopped':
      return `${interrupted}, and the training with it.`
    case 'gone':
      return `${interrupted}; nothing of the command was left running.`
    case 'kept':
      return `${interrupted} after the project was prepared: it is there, and trains only when a person launches it.`
    case 'not found':
      return (
        `${interrupted} while the training was being ordered, and its provider shows no run: the next check of this ` +
        'workflow looks for it again.'
      )
  }
}

function optionsFor({ order }: PendingTraining, signal: AbortSignal) {
  const environment = readEnvironment(process.env)
  return {
    environment,
    inputs: readInputs(),
    config: null,
    datasets: [order.recipe.inputDataset],
    report: reportContext(environment, null),
    signal,
  }
}

/** Records what was stopped, and says so on the dataset. */
async function recordResult({ training, stopped, reason }: Result, signal: AbortSignal): Promise<void> {
  if (stopped === null || stopped.is === 'kept' || stopped.is === 'not found') return
  try {
    await recordStopped({ training, reason }, createCollaborators(optionsFor(training, signal)))
  } catch (error) {
    stepLog.warning(
      `The ledger could not be updated (${messageOf(error)}): the next check of this workflow does it.`,
    )
  }
}

/**
 * Records a training that was stopped.
 *
 * @throws Error when the ledger cannot be read or written
 */
export async function recordStopped(
  { training, reason }: { training: PendingTraining; reason: string },
  tools: Collaborators,
): Promise<void> {
  const { order, run } = training
  const ledger = await tools.ledger.recipe({ key: order.key, family: '', seenRef: '' })
  const entries = await ledger.attempts(order.revision)
  const entry = entries.find(({ record }) => record.nonce === order.nonce)
  if (entry === undefined || hasEnded(entry.record)) return
  const work = beginWork(order.recipe, noRequest, tools)
  await readVisibility(work, order.revision)
  const success = await successBefore({ order, run }, tools)
  const end = success ?? stoppedEnd(reason)
  const facts = endFacts(end, { isNamed: mayNameDataset(work), run })
  const saved = await ledger.save(entry, end.verdict, facts)
  await reportEnd(work, saved.record as LedgerRecord, {
    verdict: end.verdict,
    reason: end.reason,
    end: success,
  })
}

/** A run may have succeeded just before it was stopped: recorded as cancelled, it would be paid for again. */
async function successBefore(
  { order, run }: Pick<PendingTraining, 'order' | 'run'>,
  { trainers, signal }: Pick<Collaborators, 'trainers' | 'signal'>,
): Promise<TrainingEnd | null> {
  if (run === null) return null
  const seen = await trainers[order.recipe.trainer].inspect?.(order, run, signal).catch(() => null)
  return seen?.verdict === 'succeeded' ? seen : null
}

function stoppedEnd(reason: string): TrainingEnd {
  return {
    verdict: 'cancelled',
    reason,
    cause: 'workflow',
    began: true,
    trainedMs: null,
    metrics: {},
    curve: [],
    logTail: [],
    cost: null,
  }
}

/** What is not known counts as private. */
async function readVisibility({ recipe, tools, facts }: Work, revision: string): Promise<void> {
  const { hub, signal } = tools
  const dataset = await findDataset(hub, { dataset: recipe.inputDataset, revision, signal }).catch(() => null)
  facts.datasetVisibility = dataset?.visibility ?? 'unknown'
}

/** A step that was ended by force has written no summary. */
async function summarize(results: readonly Result[], settled: readonly string[]): Promise<void> {
  try {
    const environment = readEnvironment(process.env)
    const context = reportContext(environment, null)
    await reportInterrupted(interruptedOutcomes(results, settled), context)
  } catch (error) {
    stepLog.debug(`No job summary: ${messageOf(error)}`)
  }
}

function interruptedOutcomes(results: readonly Result[], settled: readonly string[]): Outcome[] {
  if (results.length === 0) {
    const reason = `${interrupted} before it could report its verdict. ${settled.join(' ')}`.trim()
    return [{ ...emptyOutcome, verdict: 'cancelled', reason }]
  }
  return results.map(({ training, stopped, reason }) => {
    const { order, run } = training
    const { recipe, revision, project } = order
    const verdict = stopped === null ? 'failed' : 'cancelled'
    return { ...emptyOutcome, verdict, reason, recipe, revision, project, run }
  })
}
