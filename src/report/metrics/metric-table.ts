import { formatDifference, formatMetric } from '../../domain/format.ts'
import type { Outcome } from '../../domain/outcome.ts'
import { shortRevision } from '../../domain/revision.ts'
import { code, details, table } from '../markdown/markdown.ts'
import type { Comparison, Metrics } from './compare.ts'
import { directionOf } from './direction.ts'
import { isQuality, orderedNames } from './metrics.ts'

/** A run's metrics and, if there is one, those of the last successful run. */
interface ComparedMetrics {
  readonly metrics: Metrics
  readonly baseline: Metrics | null
  /** Escaped Markdown that names the last successful run in the table's head. */
  readonly baselineLabel: string
}

/**
 * Shows a run's metrics as tables: this run, the last successful run, the difference. The better value is bold.
 *
 * @param options.foldsSpeed true: speeds and counters follow in a folded table; false: they are left out
 * @returns Markdown parts; none when nothing was measured
 */
export function metricTables(
  { end, baseline }: Pick<Outcome, 'end' | 'baseline'>,
  options: { foldsSpeed: boolean },
): string[] {
  const compared = {
    metrics: end?.metrics ?? {},
    baseline: baseline?.metrics ?? null,
    baselineLabel: baseline === null ? '' : code(shortRevision(baseline.revision)),
  }
  const names = orderedNames(compared.metrics)
  const quality = names.filter(isQuality)
  const speed = names.filter((name) => !isQuality(name))
  return [
    ...(quality.length === 0 ? [] : [metricTable(quality, compared)]),
    ...(speed.length === 0 || !options.foldsSpeed
      ? []
      : [details('Training speed', metricTable(speed, compared))]),
  ]
}

function metricTable(names: readonly string[], compared: ComparedMetrics): string {
  const { metrics, baseline, baselineLabel } = compared
  const isComparable = baseline !== null && names.some((name) => Number.isFinite(baseline[name]))
  if (!isComparable) {
    return table(
      ['Metric', 'This run'],
      names.map((name) => [code(name, 80), formatMetric(metrics[name] ?? 0)]),
    )
  }
  const rows = names.map((name) => {
    const now = metrics[name] ?? 0
    const then = Object.hasOwn(baseline, name) ? (baseline[name] ?? null) : null
    return [code(name, 80), ...valueCells(name, now, then !== null && Number.isFinite(then) ? then : null)]
  })
  return table(['Metric', 'This run', `Last success (${baselineLabel})`, 'Difference'], rows)
}

function valueCells(name: string, now: number, then: number | null): string[] {
  if (then === null) return [formatMetric(now), '–', 'new']
  const direction = directionOf(name)
  const gain = direction === 'min' ? then - now : now - then
  const isJudged = isQuality(name) && direction !== null
  const bold = (value: number, isBetter: boolean) =>
    isJudged && isBetter ? `**${formatMetric(value)}**` : formatMetric(value)
  const sign = !isJudged || gain === 0 ? '' : gain > 0 ? '🟢 ' : '🔴 '
  return [bold(now, gain > 0), bold(then, gain < 0), `${sign}${formatDifference(now - then)}`]
}

/**
 * Says whether the run is better than the last successful one.
 *
 * @param minImprovement the recipe's, in the metric's own unit
 * @returns one Markdown sentence; null when the recipe asks for no comparison
 */
export function comparisonSentence(comparison: Comparison | null, minImprovement: number): string | null {
  if (comparison === null) return null
  const { metric, direction, value, baseline, difference, improved } = comparison
  const name = code(metric, 100)
  if (value === null) {
    return `🤷 ${name} was not found in the training's metrics, so this run cannot be compared.`
  }
  if (direction === null) {
    return `🤷 The name ${name} does not say whether higher or lower is better: add ${code(':max')} or ${code(':min')} to ${code('compare-metric')}.`
  }
  if (baseline === null || difference === null || improved === null) {
    return `🆕 ${name} is ${formatMetric(value)}. There is no earlier value to compare it with.`
  }
  const change = `${name} went from ${formatMetric(baseline)} to **${formatMetric(value)}** (${formatDifference(difference)})`
  if (improved) return `📈 **Better than the last successful run:** ${change}.`
  const required = minImprovement > 0 ? `; ${code('min-improvement')} is ${formatMetric(minImprovement)}` : ''
  const gain = direction === 'max' ? difference : -difference
  const judgement =
    gain > 0
      ? 'Better than the last successful run, but not by enough'
      : 'Not better than the last successful run'
  return `📉 **${judgement}:** ${change}${required}.`
}
