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
 * @param options.prefersEvaluation whether `eval_loss` is compared, and not `loss`, where the recipe names `loss` and both
 *   sides have `eval_loss`
 * @returns null when the recipe asks for no comparison
 */
export function compare(options: {
  compareMetric: string | null
  minImprovement: number
  run: RunMetrics
  baseline: RunMetrics | null
  prefersEvaluation?: boolean
}): Comparison | null {
  const { compareMetric, minImprovement, run, baseline, prefersEvaluation = false } = options
  const requested = compareMetric === null ? null : readCompareMetric(compareMetric)
  if (requested === null) return null
  const { name, direction } = requested
  const compared = compareByName({ name, run, baseline, prefersEvaluation })
  const { difference } = compared
  const improved =
    difference === null || direction === null
      ? null
      : isEnough(direction === 'max' ? difference : -difference, minImprovement)
  return { ...compared, direction, improved }
}

/**
 * The values of a metric in two runs, whichever of them is better.
 *
 * @param options.prefersEvaluation as in {@link compare}
 */
export function compareByName(options: {
  name: string
  run: RunMetrics
  baseline: RunMetrics | null
  prefersEvaluation?: boolean
}): Omit<Comparison, 'direction' | 'improved'> {
  const { name, prefersEvaluation = false } = options
  const { now, before: earlier } = findPair({ ...options, prefersEvaluation })
  const metric = now?.name ?? name
  const value = now?.value ?? null
  const before = earlier?.value ?? null
  return {
    metric,
    value,
    unmeasured: now?.unmeasured ?? null,
    baseline: before,
    baselineUnmeasured: earlier?.unmeasured ?? null,
    difference: value === null || before === null ? null : value - before,
  }
}

interface Found {
  readonly name: string
  readonly value: number | null
  readonly unmeasured: UnmeasuredMetric | null
}

/** Finds a metric in two runs, so that both values are of the same thing. */
function findPair(options: {
  name: string
  run: RunMetrics
  baseline: RunMetrics | null
  prefersEvaluation: boolean
}): { now: Found | null; before: Found | null } {
  const { name, run, baseline, prefersEvaluation } = options
  const now = findValue(run, name)
  if (baseline === null || now === null) return { now, before: baseline && findValue(baseline, name) }
  const ofEvaluation = `eval_${withoutPrefix(name)}`
  const evaluated = { now: findExactly(run, ofEvaluation), before: findExactly(baseline, ofEvaluation) }
  const hasEvaluation = evaluated.now !== null && evaluated.before !== null
  if (hasEvaluation && (prefersEvaluation || findExactly(baseline, now.name) === null)) return evaluated
  return { now, before: findBeside(run, baseline, now.name) }
}

/**
 * Finds a metric with or without the prefix `eval_`: AutoTrain's log writes it, its model card does not. Where its last
 * value was no number, no other metric takes its place: the training's `loss` is not `eval_loss`.
 */
function findValue(run: RunMetrics, requested: string): Found | null {
  return findExactly(run, requested) ?? findExactly(run, otherForm(requested))
}

/**
 * Finds in another run what one run measured as `name`. The prefix `eval_` may differ, unless the run measured both: then
 * they are two metrics, as a Trainer's `loss` of the training and its `eval_loss`.
 */
function findBeside(run: RunMetrics, other: RunMetrics, name: string): Found | null {
  const exact = findExactly(other, name)
  if (exact !== null) return exact
  const own = findExactly(run, name)
  const ownOther = findExactly(run, otherForm(name))
  const isOneMetric = ownOther === null || (ownOther.value !== null && ownOther.value === own?.value)
  return isOneMetric ? findExactly(other, otherForm(name)) : null
}

/**
 * The value of another model beside a metric of a run.
 *
 * @param name the metric, as the run names it
 * @returns null: it was not measured
 */
export function valueBeside(run: RunMetrics, other: RunMetrics, name: string): number | null {
  return findBeside(run, other, name)?.value ?? null
}

function findExactly({ metrics, unmeasured = [] }: RunMetrics, name: string): Found | null {
  const value = finiteValue(metrics, name)
  if (value !== null) return { name, value, unmeasured: null }
  const lost = unmeasured.find((each) => each.name === name)
  return lost === undefined ? null : { name, value: null, unmeasured: lost }
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
  const isRequested = requested !== null && isSameMetric(requested.name, name)
  return isRequested ? requested.direction : directionOf(name)
}

/** Whether two names differ at most in the prefix `eval_`. */
export function isSameMetric(a: string, b: string): boolean {
  return withoutPrefix(a) === withoutPrefix(b)
}

/** The name with the prefix `eval_`, or without it where it has one. */
function otherForm(name: string): string {
  return name.startsWith('eval_') ? withoutPrefix(name) : `eval_${name}`
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
