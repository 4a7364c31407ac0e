import { formatDifference, formatMetric } from '../../domain/format.ts'
import { code, details, table } from '../markdown/markdown.ts'
import type { Comparison, Metrics } from './compare.ts'
import { directionOf } from './direction.ts'
import { isQuality, orderedNames } from './metrics.ts'

/** A run's metrics and, where there is one, those of the run it is held against. */
export interface MetricsSideBySide {
  readonly metrics: Metrics
  readonly before: Metrics | null
  /** Markdown that was made safe: the run before, for the head of the table. */
  readonly beforeLabel: string
}

/**
 * The metrics of a run as a table: this run, the run before, the difference; the better of the two is bold.
 *
 * @param options.foldsSpeed whether what says how fast it was goes into a folded part instead of being left out
 * @returns Markdown parts; none when nothing was measured
 */
export function metricTables(metrics: MetricsSideBySide, options: { foldsSpeed: boolean }): string[] {
  const names = orderedNames(metrics.metrics)
  const quality = names.filter(isQuality)
  const speed = names.filter((name) => !isQuality(name))
  return [
    ...(quality.length === 0 ? [] : [metricTable(quality, metrics)]),
    ...(speed.length === 0 || !options.foldsSpeed
      ? []
      : [details('How fast it was', metricTable(speed, metrics))]),
  ]
}

function metricTable(names: readonly string[], { metrics, before, beforeLabel }: MetricsSideBySide): string {
  const known = before !== null && names.some((name) => Number.isFinite(before[name]))
  if (!known) {
    return table(
      ['Metric', 'This run'],
      names.map((name) => [code(name, 80), formatMetric(metrics[name] ?? 0)]),
    )
  }
  const rows = names.map((name) => {
    const now = metrics[name] ?? 0
    const then = Object.hasOwn(before, name) ? (before[name] ?? null) : null
    return [code(name, 80), ...cells(name, now, then !== null && Number.isFinite(then) ? then : null)]
  })
  return table(['Metric', 'This run', `Before (${beforeLabel})`, 'Difference'], rows)
}

function cells(name: string, now: number, then: number | null): string[] {
  if (then === null) return [formatMetric(now), '–', 'new']
  const direction = directionOf(name)
  const gain = direction === 'min' ? then - now : now - then
  const marks = isQuality(name) && direction !== null
  const bold = (value: number, isBest: boolean) =>
    marks && isBest ? `**${formatMetric(value)}**` : formatMetric(value)
  const sign = !marks || gain === 0 ? '' : gain > 0 ? '🟢 ' : '🔴 '
  return [bold(now, gain > 0), bold(then, gain < 0), `${sign}${formatDifference(now - then)}`]
}

/** Whether the run is better than the one before, as a sentence; null when nobody asked. */
export function comparisonSentence(comparison: Comparison | null, minImprovement: number): string | null {
  if (comparison === null) return null
  const { metric, direction, value, baseline, difference, improved } = comparison
  const name = code(metric, 100)
  if (value === null) return `🤷 ${name} was not measured, so this run cannot be compared.`
  if (direction === null) {
    return `🤷 Nothing says whether more or less of ${name} is better: add ${code(':max')} or ${code(':min')} to ${code('compare-metric')}.`
  }
  if (baseline === null || difference === null || improved === null) {
    return `🆕 ${name} is ${formatMetric(value)}, and there is nothing before it to compare it with.`
  }
  const words = `${name} went from ${formatMetric(baseline)} to **${formatMetric(value)}** (${formatDifference(difference)})`
  if (improved) return `📈 **Better than the run before:** ${words}.`
  const least = minImprovement > 0 ? `; at least ${formatMetric(minImprovement)} better was asked for` : ''
  const gain = direction === 'max' ? difference : -difference
  const judged = gain > 0 ? '📉 **Too little better than' : '📉 **Not better than'
  return `${judged} the run before:** ${words}${least}.`
}
