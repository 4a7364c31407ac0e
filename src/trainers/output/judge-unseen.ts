import type { TrainingEnd, TrainingOrder } from '../../domain/training.ts'
import type { Hub } from '../../hub/hub.ts'
import { proveModel } from './prove-model.ts'

/**
 * Judges a run whose end was not seen until its deadline: a complete model proves a success, and nothing else does.
 * Its cost is not known, so that the caller counts it as paid.
 *
 * @param options.isCodeCommit whether a commit, by its title, has the training's code; left out: none has
 * @param options.lost why its end is not known, as the start of a sentence
 * @throws HttpError or NoAnswerError when the Hub gives no clear answer about the model
 */
export async function judgeUnseen(
  hub: Hub,
  options: {
    order: TrainingOrder
    lost: string
    isAutotrain: boolean
    isCodeCommit?: ((title: string) => boolean) | undefined
    hide: (text: string) => string
    signal: AbortSignal
  },
): Promise<TrainingEnd> {
  const { isChecked, lacks, measured, warnings = [] } = await proveModel(hub, options)
  const unseen = {
    began: true,
    trainedMs: null,
    endedAt: null,
    curve: [],
    logTail: [],
    cost: null,
  }
  if (isChecked && lacks === null) {
    const reason = 'Its end was not recorded; the model on the Hub is complete.'
    return { ...unseen, verdict: 'succeeded', cause: null, reason, ...measured, warnings }
  }
  const why = lacks === null ? 'the recipe expects no model that could prove it' : `it ${lacks}`
  const reason = `${options.lost}, and ${why}: it counts as failed and paid for.`
  return { ...unseen, verdict: 'failed', cause: 'infrastructure', reason, metrics: {} }
}
