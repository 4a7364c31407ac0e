import { messageOf } from '../domain/error-message.ts'
import type { Trainer, TrainingOrder } from '../domain/training.ts'
import type { Visibility } from '../domain/visibility.ts'
import { findDataset } from '../hub/datasets.ts'
import { tellOfEnd } from '../run/close-records.ts'
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

/** The end of the job carries no recipe to a verdict. */
const nothingAsked = { event: null, revision: null, dryRun: false, force: false }

/** Milliseconds for one training: the runner ends the job five minutes after it was cancelled. */
const stopWithin = 90_000

/** Milliseconds for which a provider may not show a run that was just ordered, and between two looks for it. */
const unseenFor = 45_000
const lookEvery = 3_000

/**
 * The end of the job. When the step was ended by force, it finds what the step had ordered and stops it, so that
 * nobody pays for what nobody waits for. Never throws.
 */
export async function runPost(): Promise<void> {
  maskSecrets()
  const { isFinished, pending } = readState()
  const { trainings, settled } = pending
  if (!isFinished && trainings.length === 0) {
    const said = settled.length === 0 ? 'It had not ordered a training.' : settled.join(' ')
    stepLog.warning(`auto-retrain was ended before it could tell a verdict. ${said}`)
  }
  for (const training of trainings) {
    try {
      await stopTraining(training, openTools(training))
    } catch (error) {
      await logError(stepLog, error)
      const said = messageOf(error)
      failStep(
        `The training ${training.order.project} could not be looked after and may still run and cost: ` +
          `stop it at its provider (${said}).`,
      )
    }
  }
}

function openTools({ order }: PendingTraining): Collaborators {
  const environment = readEnvironment(process.env)
  const report = reportContext(environment, null)
  const signal = AbortSignal.timeout(stopWithin)
  return createCollaborators({
    environment,
    inputs: readInputs(),
    datasets: [order.recipe.inputDataset],
    report,
    signal,
  })
}

/**
 * Finds what came of an order and stops it, and says so in the log and the ledger.
 *
 * @throws Error when it cannot be looked for or stopped
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
    recorded ?? (await findRun(tools, { trainer, order, until: clock.now() + unseenFor, every: lookEvery }))
  if (run !== null && trainer.cancel === undefined) {
    // What is prepared for a person stays as it is, and so does its record.
    log.warning(
      `auto-retrain was ended before it could tell a verdict. ${order.project} is there: ${run.url}`,
    )
    return
  }
  if (trainer.find === undefined) {
    // What only its own process knows, no other one can stop.
    log.warning(`The training ${order.project}: ${endedUnseen(trainer)}`)
  } else if (run !== null) {
    await trainer.cancel?.(order, run, signal)
    log.info(`Stopped the training ${order.project}: ${run.url}`)
  } else {
    log.warning(
      `Nobody can tell whether the training ${order.project} was started: its provider does not show one. ` +
        'The next run of this workflow looks for it once more.',
    )
  }
  if (entry === null) return
  const { verdict } = entry.record
  if (verdict !== null && verdict !== 'started') return
  // A claim whose run is nowhere keeps its place: who takes it over looks for the run once more.
  if (run === null && (verdict === null || trainer.find !== undefined)) return
  const reason =
    trainer.find === undefined
      ? endedUnseen(trainer)
      : 'The workflow was cancelled, and the training with it.'
  const saved = await ledger.save(entry, {
    ...(run !== null && { run: { id: run.id, url: run.url } }),
    verdict: 'cancelled',
    reason,
  })
  const work = beginWork(order.recipe, nothingAsked, tools)
  work.facts.datasetVisibility = await visibilityOf(order, tools)
  await tellOfEnd(work, saved.record, { verdict: 'cancelled', reason, end: null })
}

/** Of a run that nobody can look for. */
function endedUnseen({ follow }: Trainer): string {
  return follow === undefined
    ? 'The step was ended by force while the project was being prepared: it may be there, and trains only when a person launches it.'
    : 'The step was ended by force; what it ran on the runner ends with the job.'
}

/** What is not known is spoken of as if it were private. */
async function visibilityOf({ recipe, revision }: TrainingOrder, tools: Collaborators): Promise<Visibility> {
  const { hub, signal } = tools
  const dataset = await findDataset(hub, { dataset: recipe.inputDataset, revision, signal }).catch(() => null)
  return dataset?.visibility ?? 'unknown'
}
