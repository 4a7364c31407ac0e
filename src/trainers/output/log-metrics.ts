import type { MetricPoint } from '../../domain/training.ts'

/** Longer lines are ignored, in characters. */
const maxLineLength = 10_000

/** A longer curve is thinned: a chart cannot show more points. */
const maxPoints = 1000

/** A dictionary at the end of a line, without nested ones. */
const dictionary = /\{([^{}]*)\}\s*$/

/** One `'name': value` in Python or JSON; numpy and torch wrap their numbers: `np.float64(0.5)`. */
const entry = /(['"])([\w./@ -]{1,100})\1\s*:\s*(?:[a-z][\w.]*\()?['"]?([+-]?[\w.]+(?:[+-]\d+)?)/gi

const number = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i

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
  return epoch === null ? null : { epoch, values: rest }
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
  let curve: MetricPoint[] = []
  let epoch: number | null = null
  const last = new Map<string, number>()
  return {
    add(line) {
      const point = readMetrics(line, epoch)
      if (point === null) return false
      epoch = point.epoch
      const entries = Object.entries(point.values).filter(([name]) => !speed.test(name))
      for (const [name, value] of entries) last.set(name, value)
      if (entries.length > 0) curve = appended(curve, { epoch, values: Object.fromEntries(entries) })
      return true
    },
    get epoch() {
      return epoch
    },
    get curve() {
      return curve
    },
    final() {
      // The mean loss of the training is more useful than the loss of its last batch.
      const dropped = last.has('train_loss') ? [...stepSettings, 'loss'] : stepSettings
      return Object.fromEntries([...last].filter(([name]) => !dropped.includes(name)))
    },
  }
}

/** A step and an evaluation at the same epoch make one point. */
function appended(curve: MetricPoint[], point: MetricPoint): MetricPoint[] {
  const previous = curve.at(-1)
  if (previous?.epoch === point.epoch) {
    return [...curve.slice(0, -1), { epoch: point.epoch, values: { ...previous.values, ...point.values } }]
  }
  const thinned = curve.length < maxPoints ? curve : curve.filter((_, index) => index % 2 === 0)
  return [...thinned, point]
}
