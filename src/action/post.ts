import { messageOf } from '../domain/error-message.ts'
import type { Trainer, TrainingOrder } from '../domain/training.ts'
import type { Visibility } from '../domain/visibility.ts'
import { findDataset } from '../hub/datasets.ts'
import { notifyEnd } from '../run/close-records.ts'
import { findRun } from '../run/find-run.ts'
import { logError } from '../run/log/error-log.ts'
import type { PendingTraining } from '../run/pending.ts'
import { runOf } from '../run/record-view.ts'
import { beginWork, type Collaborators } from '../run/work.ts'
import { createCollaborators } from './collaborators.ts'
import { readEnvironment } from './runner/environment.ts'
import { readInputs } from './runner/inputs.ts'
import { reportContext } from './runner/report-context.ts'
import { maskSecrets } from './runner/secrets.ts'
import { readState } from './runner/state.ts'
import { failStep, stepLog } from './runner/step-log.ts'

/** The beginning of the warning about a step that was killed. */
const killedMessage = 'The step was killed before it could report a verdict.'

/** `post` decides about no recipe. */
const emptyRequest = { event: null, revision: null, dryRun: false, force: false }

/** Milliseconds to stop one training: GitHub ends the job five minutes after it was cancelled. */
const stopWithinMs = 90_000

/** Milliseconds that a provider may take to list a new run, and between two checks. */
const unseenForMs = 45_000
const pollEveryMs = 3_000

/**
 * Runs the action's `post`, at the end of the job. When the step was killed, it finds the trainings that the step had
 * ordered and stops them, so that they cost nothing more. It never throws.
 */
export async function runPost(): Promise<void> {
  maskSecrets()
  const { isFinished, pending } = readState()
  const { trainings, ended } = pending
  if (!isFinished && trainings.length === 0) {
    const result = ended.length === 0 ? 'It had not ordered a training.' : ended.join(' ')
    stepLog.warning(`${killedMessage} ${result}`)
  }
  for (const training of trainings) {
    try {
      await stopTraining(training, createTools(training))
    } catch (error) {
      await logError(stepLog, error)
      failStep(
        `The training ${training.order.project} could not be stopped; it may still be running and billed: ` +
          `stop it at its provider (${messageOf(error)}).`,
      )
    }
  }
}

function createTools({ order }: PendingTraining): Collaborators {
  const environment = readEnvironment(process.env)
  const report = reportContext(environment, null)
  const signal = AbortSignal.timeout(stopWithinMs)
  return createCollaborators({
    environment,
    inputs: readInputs(),
    datasets: [order.recipe.inputDataset],
    report,
    signal,
  })
}

/**
 * Finds the run of a pending training, stops it, and records that in the log and the ledger.
 *
 * @throws Error when the run cannot be looked for or stopped
 */
export async function stopTraining(
  { order, ledgerKey }: PendingTraining,
  tools: Collaborators,
): Promise<void> {
  const { signal, log, clock } = tools
  const trainer = tools.trainers[order.recipe.trainer]
  const ledger = await tools.ledger.recipe(ledgerKey)
  const latest = await ledger.latest(order.revision)
  const entry = latest?.record.nonce === order.nonce ? latest : null
  const recorded = entry === null ? null : runOf(entry.record)
  const run =
    recorded ??
    (await findRun(tools, { trainer, order, deadline: clock.now() + unseenForMs, everyMs: pollEveryMs }))
  if (run !== null && trainer.cancel === undefined) {
    // The project waits for a person to launch it, and its record is right.
    log.warning(`${killedMessage} The project ${order.project} is prepared: ${run.url}`)
    return
  }
  if (trainer.find === undefined) {
    log.warning(`The training ${order.project}: ${killedReason(trainer)}`)
  } else if (run !== null) {
    await trainer.cancel?.(order, run, signal)
    log.info(`Stopped the training ${order.project}: ${run.url}`)
  } else {
    log.warning(
      `It is unknown whether the training ${order.project} was started: its provider lists no run of it. ` +
        'The next run of this workflow looks again.',
    )
  }
  if (entry === null) return
  const { verdict } = entry.record
  if (verdict !== null && verdict !== 'started') return
  // Without a run the claim stays open: the workflow run that takes it over looks for the run again.
  if (run === null && (verdict === null || trainer.find !== undefined)) return
  const reason =
    trainer.find === undefined
      ? killedReason(trainer)
      : 'The workflow was cancelled, and the training with it.'
  const saved = await ledger.save(entry, {
    ...(run !== null && { run: { id: run.id, url: run.url } }),
    verdict: 'cancelled',
    reason,
  })
  const work = beginWork(order.recipe, emptyRequest, tools)
  work.facts.datasetVisibility = await readVisibility(order, tools)
  await notifyEnd(work, saved.record, { verdict: 'cancelled', reason, end: null })
}

/** Why a training that can be neither found nor stopped is recorded as cancelled. */
function killedReason({ follow }: Trainer): string {
  return follow === undefined
    ? 'The step was killed while it prepared the project: the project may exist, and trains only when a person launches it.'
    : 'The step was killed; its command on the runner ends with the job.'
}

/** Unknown, which counts as private, when the Hub gives no answer. */
async function readVisibility(
  { recipe, revision }: TrainingOrder,
  tools: Collaborators,
): Promise<Visibility> {
  const { hub, signal } = tools
  const dataset = await findDataset(hub, { dataset: recipe.inputDataset, revision, signal }).catch(() => null)
  return dataset?.visibility ?? 'unknown'
}
