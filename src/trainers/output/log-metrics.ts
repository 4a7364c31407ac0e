import type { MetricPoint } from '../../domain/training.ts'
import { trainingIsOver } from './autotrain-log.ts'
import { createMetricCurve } from './metrics/metric-curve.ts'
import { createRepeatedLines } from './metrics/repeated-lines.ts'
import { isSpeed } from './metrics/speeds.ts'

/** Longer lines are ignored, in characters. */
const maxLineLength = 10_000

/** How many names of metrics a run may have: more would fill records and outputs. */
export const maxMetricNames = 200

/** A dictionary at the end of a line, without nested ones. */
const dictionary = /\{([^{}]*)\}\s*$/

/** One `'name': value` in Python or JSON; numpy and torch wrap their numbers: `np.float64(0.5)`. */
const entry = /(['"])([\w./@ -]{1,100})\1\s*:\s*(?:[a-z][\w.]*\()?['"]?([+-]?[\w.]+(?:[+-]\d+)?)/gi

/** Digits can be matched in one way only: two lists of digits side by side take quadratic time. */
const number = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i

/** Settings of one step, which mean nothing at the end of a training. */
const stepSettings = ['learning_rate', 'grad_norm']

/** The Trainer prints how long a training took once, when it is over. */
const trainerEnd = 'train_runtime'

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
  /** Adds a line; returns whether it had metrics that are new. */
  add(line: string): boolean
  /** The last epoch in the log; null before the first. */
  readonly epoch: number | null
  /** What the training measured on its way, ascending epochs. What was measured after its end is no part of it. */
  readonly curve: readonly MetricPoint[]
  /** The last value of each metric. */
  final(): Record<string, number>
}

/** Creates an empty log. */
export function createMetricLog(): MetricLog {
  const curve = createMetricCurve()
  const repeated = createRepeatedLines()
  const last = new Map<string, number>()
  let epoch: number | null = null
  let isOver = false
  return {
    add(line) {
      isOver ||= trainingIsOver.test(line)
      const read = readMetrics(line, epoch)
      if (read === null) return false
      isOver ||= Object.hasOwn(read.values, trainerEnd)
      const point = repeated.newIn(withoutSpeeds(read, last))
      if (point === null) return false
      if (isOver && isOfAnotherTraining(point, epoch)) {
        isOver = false
        curve.clear()
      }
      if (epoch === null || point.epoch > epoch || isStep(point)) epoch = point.epoch
      const entries = Object.entries(point.values)
      for (const [name, value] of entries) last.set(name, value)
      if (entries.length > 0 && !isOver) curve.add(point, { isStep: isStep(point) })
      return true
    },
    get epoch() {
      return epoch
    },
    get curve() {
      return curve.points
    },
    final() {
      // The mean loss of the training is more useful than the loss of its last batch.
      const dropped = last.has('train_loss') ? [...stepSettings, 'loss'] : stepSettings
      return Object.fromEntries([...last].filter(([name]) => !dropped.includes(name)))
    },
  }
}

function withoutSpeeds({ epoch, values }: MetricPoint, known: ReadonlyMap<string, number>): MetricPoint {
  let free = maxMetricNames - known.size
  const kept = Object.entries(values).filter(([name]) => {
    if (isSpeed(name)) return false
    if (known.has(name)) return true
    free -= 1
    return free >= 0
  })
  return { epoch, values: Object.fromEntries(kept) }
}

/** Whether it was measured by training, not by an evaluation. */
function isStep({ values }: MetricPoint): boolean {
  return Object.keys(values).some((name) => !/^(?:eval|val|test)_/.test(name))
}

/** After the end of a training, a step begins another one; a loss alone may come from an evaluation of the model. */
function isOfAnotherTraining(point: MetricPoint, lastEpoch: number | null): boolean {
  if (stepSettings.some((name) => Object.hasOwn(point.values, name))) return true
  return Object.hasOwn(point.values, 'loss') && point.epoch < (lastEpoch ?? 0)
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
