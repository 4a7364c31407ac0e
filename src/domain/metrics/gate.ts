import type { Gate } from '../publication.ts'
import { formatMetric } from '../text/format.ts'
import { type Comparison, compare, type RunMetrics } from './compare.ts'
import { describeUnmeasured } from './measured.ts'
import { publishedMetrics } from './published-metrics.ts'

/** Whether a run is better than what is published. */
export interface GateResult {
  readonly gate: Gate
  /** Null: there is nothing to compare with, so nothing speaks against the run. */
  readonly improved: boolean | null
  /** One sentence. A metric's name in it is untrusted. */
  readonly why: string
}

/**
 * Compares a run with what is published now: with what the run measured of it on the same rows, as `published_<metric>`,
 * else with what the published run's own training recorded.
 *
 * @param options.compareMetric the recipe's, as in `compare`
 * @param options.published what the published run's own training recorded; null: nothing is published
 * @param options.measuredSame whether the model that the run measured as `published_<metric>` is still the published one
 * @returns `improved` is false where the run's metric is missing or no number: such a run is held back
 */
export function judgeGate(options: {
  compareMetric: string
  minImprovement: number
  run: RunMetrics
  published: RunMetrics | null
  measuredSame: boolean
}): GateResult {
  const { compareMetric, minImprovement, run, published, measuredSame } = options
  const against = (baseline: RunMetrics | null, prefersEvaluation: boolean) =>
    compare({ compareMetric, minImprovement, run, baseline, prefersEvaluation }) ?? unreadable(compareMetric)
  const isMeasured = measuredSame && published !== null
  // Nothing was trained of the published model in this run, so what was measured of it is an evaluation.
  const same = against(isMeasured ? { metrics: publishedMetrics(run.metrics) } : null, true)
  const isSame = same.baseline !== null
  const comparison = isSame ? same : against(published, false)
  const { metric, value, baseline } = comparison
  const rows = baseline === null ? null : isSame ? 'same' : 'other'
  return {
    gate: { metric, value, baseline, rows },
    improved:
      value === null || (baseline !== null && comparison.improved === null) ? false : comparison.improved,
    why: explain(comparison, { minImprovement, rows, isFirst: published === null }),
  }
}

/**
 * Whether the value of a gate was better by enough, for reports.
 *
 * @returns null: there is nothing to compare, or nothing says which way is better
 */
export function compareGate(
  { metric, value, baseline }: Gate,
  { compareMetric, minImprovement }: { compareMetric: string; minImprovement: number },
): Comparison | null {
  const of = (number: number | null) => ({ metrics: number === null ? {} : { [metric]: number } })
  const found = compare({ compareMetric, minImprovement, run: of(value), baseline: of(baseline) })
  // The name in the gate is the run's; the recipe's may lack its prefix.
  return found === null ? null : { ...found, metric, baseline }
}

function unreadable(metric: string): Comparison {
  const nothing = {
    value: null,
    unmeasured: null,
    baseline: null,
    baselineUnmeasured: null,
    difference: null,
  }
  return { metric, direction: null, improved: null, ...nothing }
}

function explain(
  { metric, direction, value, unmeasured, baseline, improved }: Comparison,
  { minImprovement, rows, isFirst }: { minImprovement: number; rows: Gate['rows']; isFirst: boolean },
): string {
  if (value === null) {
    const what = unmeasured === null ? `${metric} was not measured` : describeUnmeasured(unmeasured)
    return `${what}, so this run cannot be compared with what is published.`
  }
  const now = `${metric} is ${formatMetric(value)}`
  if (baseline === null) {
    return isFirst
      ? `${now}; nothing was published before, so there is nothing to compare with.`
      : `${now}; what is published has no ${metric} to compare with.`
  }
  const then =
    `the ${formatMetric(baseline)} of what is published ` +
    (rows === 'same'
      ? '(measured in this training, on the same rows)'
      : '(as its own training measured it, on other validation data)')
  if (improved === null) {
    return `${now}, beside ${then}, and nothing says which way is better: write ${metric}:min or ${metric}:max in compare-metric.`
  }
  if (improved) return `${now}, better than ${then}.`
  const gain = direction === 'max' ? value - baseline : baseline - value
  return gain > 0
    ? `${now}, better than ${then}, but not by min-improvement, ${formatMetric(minImprovement)}.`
    : `${now}, not better than ${then}.`
}
