import { type Measured, nothingMeasured } from '../../../domain/metrics/measured.ts'
import { readWholeDictionary } from './dictionary.ts'
import { logValue } from './log-value.ts'
import { knownName, measuredFrom } from './measured-from.ts'

/**
 * The files in which a training leaves its last metrics, the more telling ones first: the Trainer writes the first two
 * with all digits, where its log has four. https://huggingface.co/docs/transformers/main_classes/trainer#transformers.Trainer.save_metrics
 */
export const metricFiles = ['all_results.json', 'eval_results.json', 'metrics.json'] as const

/**
 * Reads the metrics in such a file. Python writes `NaN` and `Infinity` into JSON: they count as not measured. What is null
 * or no number is no metric, and nested names are joined with `_`.
 *
 * @param text untrusted
 * @param known the names of the metrics in the log: `accuracy` is `eval_accuracy` where only that is known
 * @returns null when it is no JSON object
 */
export function readMetricFile(text: string, known: ReadonlySet<string>): Measured | null {
  const entries = readWholeDictionary(text)
  if (entries === null) return null
  if (entries.length === 0) return nothingMeasured
  const values = entries.map(({ name, text: value }) => [name, logValue(value)] as const)
  return measuredFrom(
    values.filter(([, value]) => value !== 'none'),
    (name) => knownName(name, known),
  )
}
