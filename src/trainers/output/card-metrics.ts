import { joinMeasured, type Measured } from '../../domain/metrics/measured.ts'
import { logValue } from './metrics/log-value.ts'
import { measuredFrom } from './metrics/measured-from.ts'
import { type IndexOwner, readModelIndex } from './model-index.ts'

/** The heading above AutoTrain's metrics. */
const heading = /^##\s+Validation Metrics\s*$/im

/** A line with a metric is no longer. */
const maxLineLength = 300

/**
 * Reads the metrics in a model's card. AutoTrain writes one `name: value` per paragraph below its heading, for the best
 * model, on the validation data; some cards list speeds among them, which are left out. A Trainer writes a `model-index`,
 * whose types stand for the metrics of its evaluation: `accuracy` is `eval_accuracy`, unless the log has `accuracy` only.
 * https://github.com/huggingface/autotrain-advanced/blob/main/src/autotrain/trainers/image_classification/utils.py
 * https://github.com/huggingface/transformers/blob/main/src/transformers/modelcard.py
 *
 * @param card untrusted
 * @param options.owner tells whose results the `model-index` has. Left out: they may come from another model, so that
 *   only what is no number there counts, as not measured
 * @param options.known the names of the metrics in the log
 * @returns the metrics under the names that the training's log uses, such as `eval_accuracy`
 */
export function readCardMetrics(
  card: string,
  options: { owner?: IndexOwner | undefined; known?: ReadonlySet<string> } = {},
): Measured {
  const { owner = null, known = new Set() } = options
  const asEvaluation = (name: string) => {
    const shown = name.startsWith('eval_') ? name : `eval_${name}`
    return known.has(name) && !known.has(shown) ? name : shown
  }
  return joinMeasured(
    measuredFrom(readModelIndex(card, owner), asEvaluation),
    measuredFrom(validationMetrics(card), asEvaluation),
  )
}

/** Prose below the heading has colons as well: only a number, or what stands for none, makes a line a metric. */
function validationMetrics(card: string) {
  const start = heading.exec(card)
  if (start === null) return []
  const section = card.slice(start.index + start[0].length).split(/^#/m)[0] ?? ''
  return section.split('\n').flatMap((line) => {
    const text = line.trim().replace(/^[-*]\s+/, '')
    // A name may have colons of its own.
    const colon = text.lastIndexOf(':')
    if (text.length > maxLineLength || colon === -1 || colon === text.length - 1) return []
    return [[text.slice(0, colon), logValue(text.slice(colon + 1))] as const]
  })
}
