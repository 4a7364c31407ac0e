import { type Direction, directionOf } from './direction.ts'

/** Metrics by the names that the trainer's log gives. */
export type Metrics = Readonly<Record<string, number>>

/** A run held against the one before. */
export interface Comparison {
  /** The metric's name in this run's metrics; as it was asked for when the run does not have it. */
  readonly metric: string
  /** Null: the name does not say, and neither did the recipe. */
  readonly direction: Direction | null
  /** Null: not measured. */
  readonly value: number | null
  /** The same metric of the newest success before; null: there is none, or it was not measured. */
  readonly baseline: number | null
  /** `value` less `baseline`. */
  readonly difference: number | null
  /** Null: cannot be said, because one of the above is null. */
  readonly improved: boolean | null
}

/**
 * Says whether a run is better than the newest success before it.
 *
 * @param options.compareMetric the recipe's: a name, with `:min` or `:max` where that is not obvious; `eval_` may be
 *   left out or be too much
 * @param options.minImprovement how much better it has to be, in the metric's own unit; 0: any improvement
 * @param options.baseline null: there is no success before
 * @returns null when the recipe asks for no comparison
 */
export function compare(options: {
  compareMetric: string | null
  minImprovement: number
  metrics: Metrics
  baseline: Metrics | null
}): Comparison | null {
  const { compareMetric, minImprovement, metrics, baseline: before } = options
  if (compareMetric === null) return null
  const [, asked = '', order] = /^(.*?)(?::(min|max))?$/.exec(compareMetric) ?? []
  const metric = findMetric(metrics, asked) ?? asked
  const inBaseline = findMetric(before ?? {}, metric)
  const direction = order === 'min' || order === 'max' ? order : directionOf(asked)
  const value = measured(metrics, metric)
  const baseline = inBaseline === null ? null : measured(before ?? {}, inBaseline)
  const difference = value === null || baseline === null ? null : value - baseline
  const improved =
    difference === null || direction === null
      ? null
      : isEnough(direction === 'max' ? difference : -difference, minImprovement)
  return { metric, direction, value, baseline, difference, improved }
}

/** The name under which metrics have the one that is asked for; AutoTrain's log has `eval_`, its card has not. */
export function findMetric(metrics: Metrics, asked: string): string | null {
  const names = [asked, `eval_${asked}`, asked.replace(/^eval_/, '')]
  return names.find((name) => measured(metrics, name) !== null) ?? null
}

function measured(metrics: Metrics, name: string): number | null {
  const value = Object.hasOwn(metrics, name) ? metrics[name] : undefined
  return value !== undefined && Number.isFinite(value) ? value : null
}

/** 0.3 is 0.09999999999999998 more than 0.2, and whoever asked for 0.1 means it. */
function isEnough(gain: number, least: number): boolean {
  return gain > 0 && gain >= least * (1 - 1e-9)
}
