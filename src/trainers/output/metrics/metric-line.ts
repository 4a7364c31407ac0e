import { metricName } from '../../../domain/metrics/metric-name.ts'
import { withEvaluationSize } from '../evaluation-size.ts'
import { type Dictionary, readDictionaries } from './dictionary.ts'
import { type LogValue, logValue } from './log-value.ts'

/** Longer lines are ignored, in characters. */
const maxLineLength = 10_000

/** The metrics of a line of a log at one epoch. */
export interface LogPoint {
  readonly epoch: number
  readonly values: Readonly<Record<string, LogValue>>
  /** Whether it is an evaluation whose line is cut off, so that it may have had more values. */
  readonly isCut?: boolean
}

/**
 * Reads the metrics in a log line: a dictionary at its end that has an `epoch`, as the Trainer of transformers prints
 * it, alone or after the prefix of AutoTrain's logger. The Trainer prints Python, not JSON: single quotes, `nan`, `inf`
 * and `None`. JSON is read too, so any program can report metrics.
 * https://github.com/huggingface/autotrain-advanced/blob/main/src/autotrain/trainers/common.py
 * https://github.com/huggingface/transformers/blob/main/src/transformers/trainer_callback.py
 *
 * A line with evaluation metrics counts without an epoch too: code around the Trainer may print what it returns.
 *
 * @param lastEpoch the epoch before this line; null before the first
 * @returns null when the line has no metrics
 */
export function readMetrics(line: string, lastEpoch: number | null = null): LogPoint | null {
  if (line.length > maxLineLength) return null
  for (const dictionary of readDictionaries(line)) {
    const point = pointFrom(dictionary, lastEpoch)
    if (point !== null) return point
  }
  return null
}

function pointFrom({ entries, isCut: endsEarly }: Dictionary, lastEpoch: number | null): LogPoint | null {
  const values = new Map<string, LogValue>()
  for (const { name: written, text, isCut } of entries) {
    const name = metricName(written)
    if (name !== null) values.set(name, isCut ? 'cut off' : logValue(text))
  }
  const epoch = values.get('epoch')
  values.delete('epoch')
  const isEvaluation = values.size > 0 && [...values.keys()].every((name) => name.startsWith('eval_'))
  const isOfMetrics = isEvaluation || (epoch !== undefined && epoch !== 'cut off')
  const at = typeof epoch === 'number' ? epoch : isOfMetrics ? lastEpoch : null
  if (at === null) return null
  const point = { epoch: at, values: withEvaluationSize(Object.fromEntries(values)) }
  return isEvaluation && endsEarly ? { ...point, isCut: true } : point
}
