import { type Measured, nothingMeasured } from '../../domain/metrics/measured.ts'
import { cutText } from '../../domain/text/cut.ts'
import type { TrainingOrder } from '../../domain/training.ts'
import type { Hub } from '../../hub/hub.ts'
import { newestModelCommit } from '../../hub/models/commits.ts'
import { modelFiles, readModelCard } from '../../hub/models/files.ts'
import { missingFiles } from '../autotrain/final-files.ts'
import { modelOf } from '../run-environment.ts'
import { readModelMetrics } from './model-metrics.ts'
import { configsNeeded, isWeightFile, weightExamples } from './model-weights.ts'
import { type RunOutput, withLastError } from './run-output.ts'

/**
 * The titles of the commits with which a Trainer pushes checkpoints while it trains.
 * https://github.com/huggingface/transformers/blob/main/src/transformers/trainer.py
 */
const checkpointTitle = /^Training in progress/i

/** How much of a commit's title an error quotes, in characters. */
const maxQuoted = 100

/** Whether a run that ended well left its model on the Hub. */
export interface ModelProof {
  /** False where the recipe expects no model: nothing was read. */
  readonly isChecked: boolean
  /** Why the model is no proof: continues a sentence after "AutoTrain ended with exit code 0 but"; null: it is one. */
  readonly lacks: string | null
  /** What the model's files and card say; nothing when they have no metrics, or the model is no proof. */
  readonly measured: Measured
  /** What of the model could not be read, one sentence each; left out when all was. */
  readonly warnings?: readonly string[]
}

/**
 * Proves a success by the model on the Hub: it exists with weights, its newest commit is newer than the order, and that
 * commit is no checkpoint. After AutoTrain, which ends with exit code 0 even when it failed, the files that it writes
 * last must be there too, and the recipe's `expect-model: false` does not count.
 *
 * @param options.isAutotrain whether AutoTrain made the model
 * @param options.isCodeCommit whether a commit, by its title, has the training's code, which is no model; left out where
 *   none has
 * @param options.known the names of the metrics in the log; left out: none
 * @param options.hide hides the token in what is read
 * @throws HttpError or NoAnswerError when the Hub gives no clear answer
 */
export async function proveModel(
  hub: Hub,
  options: {
    order: TrainingOrder
    isAutotrain: boolean
    isCodeCommit?: ((title: string) => boolean) | undefined
    known?: ReadonlySet<string> | undefined
    hide: (text: string) => string
    signal: AbortSignal
  },
): Promise<ModelProof> {
  const { order, isAutotrain, isCodeCommit, known = new Set(), hide, signal } = options
  if (!order.recipe.expectModel && !isAutotrain)
    return { isChecked: false, lacks: null, measured: nothingMeasured }
  const model = modelOf(order)
  const unproved = (lacks: string): ModelProof => ({ isChecked: true, lacks, measured: nothingMeasured })
  const newest = await newestModelCommit(hub, { model, signal })
  const files = newest === null ? null : await modelFiles(hub, { model, signal })
  if (newest === null || files === null) return unproved(`pushed no model to ${model}`)
  if (newest.id === order.modelHead || isCodeCommit?.(newest.title))
    return unproved(`pushed nothing new to ${model}`)
  if (checkpointTitle.test(newest.title)) {
    const title = cutText(hide(newest.title), maxQuoted)
    return unproved(`last pushed a checkpoint to ${model} ("${title}"), not the finished model`)
  }
  const missing = isAutotrain ? missingFiles(order.recipe.task, files) : []
  if (missing.length > 0) return unproved(`pushed no ${missing.join(', ')} to ${model}`)
  if (![...files].some(isWeightFile)) return unproved(`pushed no weights to ${model} (${weightExamples}...)`)
  const card = hide((await readModelCard(hub, { model, signal })) ?? '')
  const configs = configsNeeded(card)
  if (configs.length > 0 && !configs.some((name) => files.has(name))) {
    return unproved(`pushed no ${configs[0]} to ${model}`)
  }
  const { measured, warnings } = await readModelMetrics(hub, {
    ...{ order, revision: newest.id, files, card, known, hide, signal },
  })
  return { isChecked: true, lacks: null, measured, ...(warnings.length > 0 && { warnings }) }
}

/**
 * Says why a run that ended well has failed.
 *
 * @param options.subject what ended well, as the start of a sentence: "The script"
 */
export function describeUnproved(
  { lacks }: ModelProof,
  options: { subject: string; isAutotrain: boolean; output: RunOutput },
): string {
  const { subject, isAutotrain, output } = options
  const who = isAutotrain ? 'AutoTrain' : subject
  const failure = `${who} ended with exit code 0 but ${lacks}`
  return isAutotrain
    ? withLastError(`${failure}: the ${output.push === null ? 'training' : 'push'} failed`, output)
    : `${failure}. Set expect-model: false if it pushes none.`
}

/** What a reason adds where nothing was checked. */
export function describeUnchecked({ isChecked }: ModelProof): string {
  return isChecked ? '' : ' No model was checked (expect-model: false).'
}
