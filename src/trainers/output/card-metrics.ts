import { maxMetricNames } from './log-metrics.ts'
import { isSpeed } from './metrics/speeds.ts'

/** The heading above AutoTrain's metrics. */
const heading = /^##\s+Validation Metrics\s*$/im

/** A line with a metric is no longer. */
const maxLineLength = 300

const metric = /^(?:[-*]\s+)?([A-Za-z][\w./ -]{0,99}?)\s*:\s*([+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?)$/i

/**
 * Reads the metrics in the card that AutoTrain writes for a model: one `name: value` per paragraph below their heading,
 * for the best model, on the validation data. Some cards list speeds among them, which are left out.
 * https://github.com/huggingface/autotrain-advanced/blob/main/src/autotrain/trainers/image_classification/utils.py
 *
 * @param card untrusted
 * @returns the metrics under the names that the training's log uses, such as `eval_accuracy`; empty when the card has
 *   none
 */
export function readCardMetrics(card: string): Record<string, number> {
  const start = heading.exec(card)
  if (start === null) return {}
  const section = card.slice(start.index + start[0].length).split(/^#/m)[0] ?? ''
  const entries = section.split('\n').flatMap((line) => {
    const text = line.trim()
    if (text.length > maxLineLength) return []
    const [, name, value] = metric.exec(text) ?? []
    if (name === undefined || isSpeed(name) || !Number.isFinite(Number(value))) return []
    return [[name.startsWith('eval_') ? name : `eval_${name}`, Number(value)] as const]
  })
  return Object.fromEntries(entries.slice(0, maxMetricNames))
}
