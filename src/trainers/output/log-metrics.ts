import {
  joinMeasured,
  type Measured,
  maxMetricNames,
  nothingMeasured,
  type UnmeasuredMetric,
} from '../../domain/metrics/measured.ts'
import { isSpeed } from '../../domain/metrics/speeds.ts'
import type { MetricPoint } from '../../domain/training.ts'
import { trainingIsOver } from './autotrain-log.ts'
import { isUsable, type LogValue } from './metrics/log-value.ts'
import { createMetricCurve, pointOf } from './metrics/metric-curve.ts'
import { type LogPoint, readMetrics } from './metrics/metric-line.ts'
import { createRepeatedLines } from './metrics/repeated-lines.ts'
import { readReportedLine } from './metrics/reported-line.ts'

/** Settings of one step, which mean nothing at the end of a training. */
const stepSettings = ['learning_rate', 'grad_norm']

/** The Trainer prints how long a training took once, when it is over. */
const trainerEnd = 'train_runtime'

/** The last value of a metric, and since which epoch it is a number, or none. */
interface LastValue {
  readonly value: LogValue
  readonly since: number
}

/** The metrics in one run's log. */
export interface MetricLog {
  /** Adds a line; returns whether it had metrics that are new. */
  add(line: string): boolean
  /** The last epoch in the log; null before the first. */
  readonly epoch: number | null
  /** What the training measured on its way, ascending epochs. What was measured after its end is no part of it. */
  readonly curve: readonly MetricPoint[]
  /** The last value of each metric, also where that is no number: then no older one counts. */
  final(): Measured
  /** What the lines `auto-retrain:metrics {...}` say, which are the last word on what they name. */
  reported(): Measured
}

/** Creates an empty log. */
export function createMetricLog(): MetricLog {
  const curve = createMetricCurve()
  const repeated = createRepeatedLines()
  const last = new Map<string, LastValue>()
  let epoch: number | null = null
  let isOver = false
  let reported = nothingMeasured
  return {
    add(line) {
      const report = readReportedLine(line)
      if (report !== null) reported = joinMeasured(reported, report)
      // Without an epoch it is no point of the curve, and a report of an evaluation would be taken for one.
      if (report !== null && !/["']epoch["']/.test(line)) return true
      isOver ||= trainingIsOver.test(line)
      const read = readMetrics(line, epoch)
      if (read === null) return false
      isOver ||= Object.hasOwn(read.values, trainerEnd)
      const relevant = metricsIn(read, last)
      const point = repeated.newIn(relevant)
      if (point === null) {
        restate(relevant, last)
        return false
      }
      if (isOver && isOfAnotherTraining(point, epoch)) {
        isOver = false
        curve.clear()
      }
      if (epoch === null || point.epoch > epoch || isStep(point)) epoch = point.epoch
      const entries = Object.entries(point.values)
      for (const [name, value] of entries) last.set(name, lastValue(value, point.epoch, last.get(name)))
      if (entries.length > 0 && !isOver) curve.add(curvePoint(point), { isStep: isStep(point) })
      return true
    },
    get epoch() {
      return epoch
    },
    get curve() {
      return curve.points
    },
    reported: () => reported,
    final() {
      // The mean loss of the training is more useful than the loss of its last batch.
      const dropped = last.has('train_loss') ? [...stepSettings, 'loss'] : stepSettings
      // What is no number is kept: a grad_norm of nan may be all that shows that the training broke down.
      return measuredOf([...last].filter(([name, { value }]) => !isUsable(value) || !dropped.includes(name)))
    },
  }
}

function measuredOf(values: readonly (readonly [string, LastValue])[]): Measured {
  const metrics: [string, number][] = []
  const unmeasured: UnmeasuredMetric[] = []
  for (const [name, { value, since }] of values) {
    if (isUsable(value)) metrics.push([name, value])
    else unmeasured.push({ name, value, epoch: since })
  }
  return { metrics: Object.fromEntries(metrics), unmeasured }
}

/**
 * What a line says of metrics. A text in place of a number is of interest only where there was a number before. An
 * evaluation that is cut off may have had any of the metrics that were evaluated before.
 */
function metricsIn({ epoch, values, isCut }: LogPoint, known: ReadonlyMap<string, LastValue>): LogPoint {
  let free = maxMetricNames - known.size
  const kept = Object.entries(values).filter(([name, value]) => {
    if (isSpeed(name)) return false
    if (known.has(name)) return true
    if (value === 'none' || value === 'no number' || value === 'cut off') return false
    free -= 1
    return free >= 0
  })
  const unseen = isCut === true ? [...known.keys()].filter((name) => isUnseen(name, values)) : []
  return { epoch, values: Object.fromEntries([...kept, ...unseen.map((name) => [name, 'cut off'] as const)]) }
}

function isUnseen(name: string, values: LogPoint['values']): boolean {
  return name.startsWith('eval_') && !Object.hasOwn(values, name)
}

function lastValue(value: LogValue, epoch: number, before: LastValue | undefined): LastValue {
  const goesOn = before !== undefined && isUsable(before.value) === isUsable(value)
  return { value, since: goesOn ? before.since : epoch }
}

/**
 * A line that equals an earlier one may still be the last word on a metric that was measured in between: the best
 * checkpoint measures again what it measured before. The late second print of an older line, with its older epoch, is
 * none.
 */
function restate({ epoch, values }: LogPoint, last: Map<string, LastValue>): void {
  for (const [name, value] of Object.entries(values)) {
    const before = last.get(name)
    if (before === undefined || value === 'cut off' || epoch < before.since) continue
    if (isUsable(before.value) !== isUsable(value)) last.set(name, { value, since: epoch })
  }
}

function curvePoint({ epoch, values }: LogPoint): MetricPoint {
  const entries = Object.entries(values)
  const numbers = entries.flatMap(([name, value]) => (isUsable(value) ? [[name, value] as const] : []))
  const gaps = entries.flatMap(([name, value]) => (isUsable(value) ? [] : [name]))
  return pointOf(epoch, Object.fromEntries(numbers), gaps)
}

/** Whether it was measured by training, not by an evaluation. */
function isStep({ values }: LogPoint): boolean {
  return Object.keys(values).some((name) => !/^(?:eval|val|test)_/.test(name))
}

/** After the end of a training, a step begins another one; a loss alone may come from an evaluation of the model. */
function isOfAnotherTraining(point: LogPoint, lastEpoch: number | null): boolean {
  if (stepSettings.some((name) => Object.hasOwn(point.values, name))) return true
  return Object.hasOwn(point.values, 'loss') && point.epoch < (lastEpoch ?? 0)
}
