import type { Task } from '../../domain/tasks.ts'
import type { TrainingOrder } from '../../domain/training.ts'
import type { Hub } from '../../hub/hub.ts'
import { modelFiles, readModelCard } from '../../hub/models/files.ts'
import { missingFiles } from '../autotrain/final-files.ts'
import { modelOf } from '../run-environment.ts'
import { readCardMetrics } from './card-metrics.ts'
import type { RunOutput } from './run-output.ts'

/** What a run pushed to the Hub under the name of its model. */
export interface ModelCheck {
  readonly exists: boolean
  /** Required files that the model lacks; empty when none is required. */
  readonly missing: readonly string[]
  /** From the model card; empty when it has none, or when required files are missing. */
  readonly metrics: Readonly<Record<string, number>>
}

/**
 * Checks the model that a run pushed to the Hub.
 *
 * @param options.requiredFor the task whose final AutoTrain files must be there; null: no file is required
 * @param options.output hides the token in what is read
 * @throws HttpError or NoAnswerError when the Hub gives no clear answer
 */
export async function checkModel(
  hub: Hub,
  options: {
    order: TrainingOrder
    requiredFor: Task | null
    output: RunOutput
    signal: AbortSignal
  },
): Promise<ModelCheck> {
  const { order, requiredFor, output, signal } = options
  const model = modelOf(order)
  const files = await modelFiles(hub, { model, signal })
  const missing = requiredFor === null ? [] : missingFiles(requiredFor, files ?? new Set())
  if (files === null || missing.length > 0) return { exists: files !== null, missing, metrics: {} }
  const card = await readModelCard(hub, { model, signal })
  return { exists: true, missing, metrics: readCardMetrics(output.hide(card ?? '')) }
}

/** Says what AutoTrain failed to push. Continues a sentence after "but". */
export function describeMissing({ exists, missing }: ModelCheck): string {
  return exists ? `its model has no ${missing.join(', ')}` : 'AutoTrain pushed no model to the Hub'
}
