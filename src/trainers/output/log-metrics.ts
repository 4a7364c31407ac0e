import type { MetricPoint } from '../../domain/training.ts'
import { withEvaluationSize } from './evaluation-size.ts'

/** Longer lines are ignored, in characters. */
const maxLineLength = 10_000

/** A longer curve is thinned: a chart cannot show more points. */
const maxPoints = 1000

/** How many names of metrics a run may have: more would fill records and outputs. */
export const maxMetricNames = 200

/** A dictionary at the end of a line, without nested ones. */
const dictionary = /\{([^{}]*)\}\s*$/

/** One `'name': value` in Python or JSON; numpy and torch wrap their numbers: `np.float64(0.5)`. */
const entry = /(['"])([\w./@ -]{1,100})\1\s*:\s*(?:[a-z][\w.]*\()?['"]?([+-]?[\w.]+(?:[+-]\d+)?)/gi

/** Digits can be matched in one way only: two lists of digits side by side take quadratic time. */
const number = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i

/** Speeds, which are not metrics. */
const speed = /_(?:runtime|per_second)$|^total_flos$/

/** Settings of one step, which mean nothing at the end of a training. */
const stepSettings = ['learning_rate', 'grad_norm']

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
 * @returns null when the line has no metrics; values that are not finite are left out
 */
export function readMetrics(line: string, lastEpoch: number | null = null): MetricPoint | null {
  if (line.length > maxLineLength) return null
  const inside = dictionary.exec(line)?.[1]
  if (inside === undefined) return null
  const values: Record<string, number> = Object.create(null)
  const entries = [...inside.matchAll(entry)]
  for (const [, , name = '', value = ''] of entries) {
    if (number.test(value) && Number.isFinite(Number(value))) values[name] = Number(value)
  }
  const isEvaluation = entries.length > 0 && entries.every(([, , name = '']) => name.startsWith('eval_'))
  const { epoch = isEvaluation ? lastEpoch : null, ...rest } = values
  return epoch === null ? null : { epoch, values: withEvaluationSize(rest) }
}

/** The metrics in one run's log. */
export interface MetricLog {
  /** Adds a line; returns whether it had metrics. */
  add(line: string): boolean
  /** The last epoch in the log; null before the first. */
  readonly epoch: number | null
  /** The metrics of each epoch, oldest first, without speeds. */
  readonly curve: readonly MetricPoint[]
  /** The last value of each metric. */
  final(): Record<string, number>
}

/** Creates an empty log. */
export function createMetricLog(): MetricLog {
  const curve: MetricPoint[] = []
  let epoch: number | null = null
  const last = new Map<string, number>()
  return {
    add(line) {
      const point = readMetrics(line, epoch)
      if (point === null) return false
      epoch = point.epoch
      const entries = Object.entries(point.values).filter(([name]) => {
        if (speed.test(name)) return false
        return last.has(name) || last.size < maxMetricNames ? last.set(name, point.values[name] ?? 0) : false
      })
      if (entries.length > 0) append(curve, { epoch, values: Object.fromEntries(entries) })
      return true
    },
    get epoch() {
      return epoch
    },
    get curve() {
      return [...curve]
    },
    final() {
      // The mean loss of the training is more useful than the loss of its last batch.
      const dropped = last.has('train_loss') ? [...stepSettings, 'loss'] : stepSettings
      return Object.fromEntries([...last].filter(([name]) => !dropped.includes(name)))
    },
  }
}

/** A step and an evaluation at the same epoch make one point. */
function append(curve: MetricPoint[], point: MetricPoint): void {
  const previous = curve.at(-1)
  if (previous?.epoch === point.epoch) {
    curve[curve.length - 1] = { epoch: point.epoch, values: { ...previous.values, ...point.values } }
    return
  }
  if (curve.length >= maxPoints) {
    const thinned = curve.filter((_, index) => index % 2 === 0)
    curve.splice(0, curve.length, ...thinned)
  }
  curve.push(point)
}

/**
 * Joins the metrics of a run's log and of its model's card: what was measured at the end replaces what the log printed
 * before. No more than 200 names are kept.
 */
export function withCardMetrics(
  fromLog: Readonly<Record<string, number>>,
  fromCard: Readonly<Record<string, number>>,
): Record<string, number> {
  const all = Object.entries({ ...fromCard, ...fromLog, ...fromCard })
  return Object.fromEntries(all.slice(0, maxMetricNames))
}
