import { readCompareMetric } from './compare-metric.ts'
import { type Direction, directionOf } from './direction.ts'
import type { UnmeasuredMetric } from './measured.ts'

/** Metrics by name, as the trainer's log names them. */
export type Metrics = Readonly<Record<string, number>>

/** What a run measured, and of which metrics its last value was no number. */
export interface RunMetrics {
  readonly metrics: Metrics
  readonly unmeasured?: readonly UnmeasuredMetric[] | undefined
}

/** A run's metric next to the same metric of the last successful run. */
export interface Comparison {
  /** The name in this run's metrics; the requested name when the run did not measure it. */
  readonly metric: string
  /** Null: neither the recipe nor the name says which way is better. */
  readonly direction: Direction | null
  /** Null: not measured. */
  readonly value: number | null
  /** Why it counts as not measured; null where it was, or was never seen. */
  readonly unmeasured: UnmeasuredMetric | null
  /** The metric of the last successful run; null: there is no such run, or it did not measure the metric. */
  readonly baseline: number | null
  /** Why it counts as not measured in the last successful run. */
  readonly baselineUnmeasured: UnmeasuredMetric | null
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
  run: RunMetrics
  baseline: RunMetrics | null
}): Comparison | null {
  const { compareMetric, minImprovement, run, baseline } = options
  const requested = compareMetric === null ? null : readCompareMetric(compareMetric)
  if (requested === null) return null
  const { name, direction } = requested
  const compared = compareByName({ name, run, baseline })
  const { difference } = compared
  const improved =
    difference === null || direction === null
      ? null
      : isEnough(direction === 'max' ? difference : -difference, minImprovement)
  return { ...compared, direction, improved }
}

/** The values of a metric in two runs, whichever of them is better. */
export function compareByName(options: {
  name: string
  run: RunMetrics
  baseline: RunMetrics | null
}): Omit<Comparison, 'direction' | 'improved'> {
  const { name, run, baseline } = options
  const now = findValue(run, name)
  const metric = now?.name ?? name
  const then = baseline === null ? null : findValue(baseline, metric)
  const value = now?.value ?? null
  const before = then?.value ?? null
  return {
    metric,
    value,
    unmeasured: now?.unmeasured ?? null,
    baseline: before,
    baselineUnmeasured: then?.unmeasured ?? null,
    difference: value === null || before === null ? null : value - before,
  }
}

interface Found {
  readonly name: string
  readonly value: number | null
  readonly unmeasured: UnmeasuredMetric | null
}

/**
 * Finds a metric with or without the prefix `eval_`: AutoTrain's log writes it, its model card does not. Where its last
 * value was no number, no other metric takes its place: the training's `loss` is not `eval_loss`.
 */
function findValue({ metrics, unmeasured = [] }: RunMetrics, requested: string): Found | null {
  for (const name of new Set([requested, `eval_${requested}`, withoutPrefix(requested)])) {
    const value = finiteValue(metrics, name)
    if (value !== null) return { name, value, unmeasured: null }
    const lost = unmeasured.find((each) => each.name === name)
    if (lost !== undefined) return { name, value: null, unmeasured: lost }
  }
  return null
}

/** @returns the name in `metrics`; null when it was not measured */
export function findMetric(run: RunMetrics, requested: string): string | null {
  const found = findValue(run, requested)
  return found === null || found.value === null ? null : found.name
}

/**
 * Which way a metric gets better: as the recipe's `compare-metric` says of its own, else as the name says.
 *
 * @returns null when neither says it
 */
export function directionIn(compareMetric: string | null, name: string): Direction | null {
  const requested = compareMetric === null ? null : readCompareMetric(compareMetric)
  const isRequested = requested !== null && withoutPrefix(requested.name) === withoutPrefix(name)
  return isRequested ? requested.direction : directionOf(name)
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
