import type { MetricPoint } from '../../domain/training.ts'

/** Longer lines are no lines of metrics. */
const maxLineLength = 10_000

/** A curve with more points than this is thinned: nobody can see more. */
const maxPoints = 1000

/** A dictionary at the end of a line, without others inside. */
const dictionary = /\{([^{}]*)\}\s*$/

/** One `'name': value` of Python's or JSON's; numpy and torch wrap their numbers: `np.float64(0.5)`. */
const entry = /(['"])([\w./@ -]{1,100})\1\s*:\s*(?:[a-z][\w.]*\()?['"]?([+-]?[\w.]+(?:[+-]\d+)?)/gi

const number = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i

/** How fast a training was is not how good it is. */
const speed = /_(?:runtime|per_second)$|^total_flos$/

/** Settings of a step that a training's end has no use for. */
const ofOneStep = ['learning_rate', 'grad_norm']

/**
 * Reads the metrics in a line of a log: a dictionary at its end that has an `epoch`, as the Trainer of
 * transformers prints it, bare or behind what AutoTrain's logger puts first. It is Python's notation, not JSON:
 * single quotes, `nan`, `inf` and `None`; JSON is read too, so that every program can report what it measures.
 * https://github.com/huggingface/autotrain-advanced/blob/main/src/autotrain/trainers/common.py
 * https://github.com/huggingface/transformers/blob/main/src/transformers/trainer_callback.py
 *
 * An evaluation's line counts without its epoch: the code around the Trainer may print what it returns.
 *
 * @param lastEpoch where the training was before the line; null before the first epoch
 * @returns null when the line has none; values that are not finite are left out
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

/** The metrics of one run, as its log tells them. */
export interface MetricLog {
  /** Takes a line; true when it had metrics. */
  add(line: string): boolean
  /** The last epoch that was told; null before the first. */
  readonly epoch: number | null
  /** What was measured, oldest first; how fast it went is left out. */
  readonly curve: readonly MetricPoint[]
  /** The last value of each metric. */
  final(): Record<string, number>
}

/** @returns a log without metrics */
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
      // The mean over the training says more than the loss of its last batch.
      const dropped = last.has('train_loss') ? [...ofOneStep, 'loss'] : ofOneStep
      return Object.fromEntries([...last].filter(([name]) => !dropped.includes(name)))
    },
  }
}

/** What a step and an evaluation measured at the same epoch is one point. */
function appended(curve: MetricPoint[], point: MetricPoint): MetricPoint[] {
  const previous = curve.at(-1)
  if (previous?.epoch === point.epoch) {
    return [...curve.slice(0, -1), { epoch: point.epoch, values: { ...previous.values, ...point.values } }]
  }
  const thinned = curve.length < maxPoints ? curve : curve.filter((_, index) => index % 2 === 0)
  return [...thinned, point]
}
