import { type Direction, directionOf } from './direction.ts'

/** Metrics by name, as the trainer's log names them. */
export type Metrics = Readonly<Record<string, number>>

/** A run's metric next to the same metric of the last successful run. */
export interface Comparison {
  /** The name in this run's metrics; the requested name when the run did not measure it. */
  readonly metric: string
  /** Null: neither the recipe nor the name says which way is better. */
  readonly direction: Direction | null
  /** Null: not measured. */
  readonly value: number | null
  /** The metric of the last successful run; null: there is no such run, or it did not measure the metric. */
  readonly baseline: number | null
  /** `value` minus `baseline`. */
  readonly difference: number | null
  /** Null: unknown, because one of the above is null. */
  readonly improved: boolean | null
}

/**
 * Decides whether a run is better than the last successful one.
 *
 * @param options.compareMetric the recipe's: a name, with `:min` or `:max` where the direction is not obvious. The
 *   prefix `eval_` is optional
 * @param options.minImprovement the required improvement in the metric's own unit; 0: any improvement
 * @param options.baseline null: there is no earlier success
 * @returns null when the recipe asks for no comparison
 */
export function compare(options: {
  compareMetric: string | null
  minImprovement: number
  metrics: Metrics
  baseline: Metrics | null
}): Comparison | null {
  const { compareMetric, minImprovement, metrics } = options
  if (compareMetric === null) return null
  const baselineMetrics = options.baseline ?? {}
  const [, requested = '', suffix] = /^(.*?)(?::(min|max))?$/.exec(compareMetric) ?? []
  const metric = findMetric(metrics, requested) ?? requested
  const baselineMetric = findMetric(baselineMetrics, metric)
  const direction = suffix === 'min' || suffix === 'max' ? suffix : directionOf(requested)
  const value = finiteValue(metrics, metric)
  const baseline = baselineMetric === null ? null : finiteValue(baselineMetrics, baselineMetric)
  const difference = value === null || baseline === null ? null : value - baseline
  const improved =
    difference === null || direction === null
      ? null
      : isEnough(direction === 'max' ? difference : -difference, minImprovement)
  return { metric, direction, value, baseline, difference, improved }
}

/**
 * Finds a metric with or without the prefix `eval_`: AutoTrain's log writes it, its model card does not.
 *
 * @returns the name in `metrics`; null when it was not measured
 */
export function findMetric(metrics: Metrics, requested: string): string | null {
  const names = [requested, `eval_${requested}`, requested.replace(/^eval_/, '')]
  return names.find((name) => finiteValue(metrics, name) !== null) ?? null
}

/**
 * Which way a metric gets better: as the recipe's `compare-metric` says of its own, else as the name says.
 *
 * @returns null when neither says it
 */
export function directionIn(compareMetric: string | null, name: string): Direction | null {
  const [, requested = '', suffix] = /^(.*?)(?::(min|max))?$/.exec(compareMetric ?? '') ?? []
  const isRequested = withoutPrefix(requested) === withoutPrefix(name)
  return isRequested && (suffix === 'min' || suffix === 'max') ? suffix : directionOf(name)
}

function withoutPrefix(name: string): string {
  return name.replace(/^eval_/, '')
}

function finiteValue(metrics: Metrics, name: string): number | null {
  const value = Object.hasOwn(metrics, name) ? metrics[name] : undefined
  return value !== undefined && Number.isFinite(value) ? value : null
}

/** Tolerates rounding: 0.3 - 0.2 is 0.09999999999999998, which must satisfy a required 0.1. */
function isEnough(gain: number, minImprovement: number): boolean {
  return gain > 0 && gain >= minImprovement * (1 - 1e-9)
}
