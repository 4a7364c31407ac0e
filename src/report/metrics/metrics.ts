import { findMetric, type Metrics, type RunMetrics } from '../../domain/metrics/compare.ts'
import { readCompareMetric } from '../../domain/metrics/compare-metric.ts'
import { directionOf } from '../../domain/metrics/direction.ts'
import { isQuality } from '../../domain/metrics/speeds.ts'

/** The most informative metrics, best first. */
const ranks = [/(?:^|_)accuracy$/, /(?:^|_)f1(?:_macro)?$/, /(?:^|_)(?:exact_match|auc|wer|bleu|rouge\w*)$/i]

/** How many of a run's metrics are shown. */
const maxMetrics = 60

/** A collator compares many times faster than `localeCompare`. */
const alphabetical = new Intl.Collator('en')

/** @returns the names of the metrics: scores first, then losses, then speeds and counters */
export function orderedNames(metrics: Metrics): string[] {
  const names = Object.keys(metrics).filter((name) => Number.isFinite(metrics[name]))
  return byImportance(names).slice(0, maxMetrics)
}

/** @returns the names without duplicates, the most informative first */
export function byImportance(names: readonly string[]): string[] {
  return [...new Set(names)]
    .map((name) => ({ name, rank: rankOf(name) }))
    .toSorted((a, b) => a.rank - b.rank || alphabetical.compare(a.name, b.name))
    .map(({ name }) => name)
}

/**
 * Chooses the metric that represents a run where there is room for only one.
 *
 * @param options.compareMetric the recipe's; chosen when one of the runs has it
 * @param options.runs metrics of the runs that are listed together
 * @returns null when nothing was measured
 */
export function mainMetric(options: {
  compareMetric: string | null
  runs: readonly RunMetrics[]
}): string | null {
  const requested = options.compareMetric === null ? null : readCompareMetric(options.compareMetric)
  for (const run of requested === null ? [] : options.runs) {
    const found = findMetric(run, requested?.name ?? '')
    if (found !== null) return found
  }
  // Without sorting: a script may measure thousands.
  let best: { name: string; rank: number } | null = null
  for (const [name, value] of options.runs.flatMap(({ metrics }) => Object.entries(metrics))) {
    if (!Number.isFinite(value) || !isQuality(name)) continue
    const rank = rankOf(name)
    const isBetter =
      best === null || rank < best.rank || (rank === best.rank && alphabetical.compare(name, best.name) < 0)
    if (isBetter) best = { name, rank }
  }
  return best?.name ?? null
}

function rankOf(name: string): number {
  if (!isQuality(name)) return 100
  const rank = ranks.findIndex((pattern) => pattern.test(name))
  if (rank !== -1) return rank
  const direction = directionOf(name)
  if (direction === 'max') return 10
  return direction === 'min' ? 20 : 30
}
