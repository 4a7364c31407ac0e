import { formatDifference, formatMetric } from '../../domain/format.ts'
import type { Outcome } from '../../domain/outcome.ts'
import { shortRevision } from '../../domain/revision.ts'
import { code, details, table } from '../markdown/markdown.ts'
import { directionIn, type Metrics } from './compare.ts'
import type { Direction } from './direction.ts'
import { isQuality, orderedNames } from './metrics.ts'
import { measuredOn, sizeNames } from './validation.ts'

/** A run's metrics and, if there is one, those of the last successful run. */
interface ComparedMetrics {
  readonly metrics: Metrics
  readonly baseline: Metrics | null
  /** Escaped Markdown that names the last successful run in the table's head. */
  readonly baselineLabel: string
  readonly compareMetric: string | null
}

/** Metrics with the same values in both runs, which are shown once. */
interface Row {
  readonly names: readonly string[]
  readonly now: number
  /** Null: the last successful run did not measure it. */
  readonly then: number | null
  /** Null: nothing says which way is better, so neither value is marked. */
  readonly direction: Direction | null
}

/**
 * Shows a run's metrics as tables: this run, and the difference from the last successful run. Metrics with one value,
 * such as accuracy and the micro averages, share a row.
 *
 * @param options.foldsSpeed true: speeds and counters follow in a folded table; false: they are left out
 * @returns Markdown parts; none when nothing was measured
 */
export function metricTables(
  { end, baseline, recipe }: Pick<Outcome, 'end' | 'baseline' | 'recipe'>,
  options: { foldsSpeed: boolean },
): string[] {
  const compared = {
    metrics: end?.metrics ?? {},
    baseline: baseline?.metrics ?? null,
    baselineLabel: baseline === null ? '' : code(shortRevision(baseline.revision)),
    compareMetric: recipe?.compareMetric ?? null,
  }
  const names = orderedNames(compared.metrics)
  const quality = names.filter(isQuality)
  // The number of examples stands above the table.
  const speed = names.filter((name) => !isQuality(name) && !sizeNames.includes(name))
  return [
    ...(quality.length === 0 ? [] : [measuredOn(compared.metrics), metricTable(quality, compared)]),
    ...(speed.length === 0 || !options.foldsSpeed
      ? []
      : [details('Training speed', metricTable(speed, compared))]),
  ].filter((part) => part !== '')
}

function metricTable(names: readonly string[], compared: ComparedMetrics): string {
  const rows = rowsOf(names, compared)
  const nameCell = (row: Row) => row.names.map((name) => code(name, 80)).join(', ')
  if (rows.every(({ then }) => then === null)) {
    return table(
      ['Metric', 'This run'],
      rows.map((row) => [nameCell(row), formatMetric(row.now)]),
    )
  }
  return table(
    ['Metric', `This run, against ${compared.baselineLabel}`],
    rows.map((row) => [nameCell(row), valueCell(row)]),
  )
}

function rowsOf(names: readonly string[], { metrics, baseline, compareMetric }: ComparedMetrics): Row[] {
  const rows = new Map<string, Row>()
  for (const name of names) {
    const now = metrics[name] ?? 0
    const before = baseline !== null && Object.hasOwn(baseline, name) ? (baseline[name] ?? null) : null
    const then = before !== null && Number.isFinite(before) ? before : null
    const direction = isQuality(name) ? directionIn(compareMetric, name) : null
    // Speeds that happen to be equal are different facts.
    const id = JSON.stringify([now, then, direction, isQuality(name) ? '' : name])
    const row = rows.get(id) ?? { names: [], now, then, direction }
    rows.set(id, { ...row, names: [...row.names, name] })
  }
  return [...rows.values()]
}

/** One cell for all three numbers: a phone has room for two columns. */
function valueCell({ now, then, direction }: Row): string {
  if (then === null) return `${formatMetric(now)} (new)`
  const gain = direction === 'min' ? then - now : now - then
  const isJudged = direction !== null && gain !== 0
  const value = isJudged && gain > 0 ? `**${formatMetric(now)}**` : formatMetric(now)
  const sign = !isJudged ? '' : gain > 0 ? '🟢 ' : '🔴 '
  return `${value} (${sign}${formatDifference(now - then)}, was ${formatMetric(then)})`
}
