import { directionIn, type Metrics, type RunMetrics, valueBeside } from '../../domain/metrics/compare.ts'
import type { Direction } from '../../domain/metrics/direction.ts'
import { describeUnmeasured, type UnmeasuredMetric } from '../../domain/metrics/measured.ts'
import { ownMetrics, publishedMetrics } from '../../domain/metrics/published-metrics.ts'
import { isQuality } from '../../domain/metrics/speeds.ts'
import type { Outcome } from '../../domain/outcome.ts'
import { shortRevision } from '../../domain/revision.ts'
import { formatDifference, formatMetric } from '../../domain/text/format.ts'
import { code, details, table } from '../markdown/markdown.ts'
import { orderedNames } from './metrics.ts'
import { measuredOn, sizeNames } from './validation.ts'

/** How many metrics are listed that count as not measured. */
const maxUnmeasured = 20

/** A run's metrics and, if there is one, those of the last successful run. */
interface ComparedMetrics {
  readonly run: RunMetrics
  readonly baseline: RunMetrics | null
  /** Escaped Markdown that names the last successful run in the table's head. */
  readonly baselineLabel: string
  readonly compareMetric: string | null
  /** What the run measured of the published model, by the names of its own metrics. */
  readonly published: Metrics
}

/** Metrics with the same values in both runs, which are shown once. */
interface Row {
  readonly names: readonly string[]
  readonly now: number
  /** Null: the last successful run did not measure it. */
  readonly then: number | null
  /** Whether its last value in the last successful run was no number. */
  readonly wasLost: boolean
  /** Null: nothing says which way is better, so neither value is marked. */
  readonly direction: Direction | null
  /** Of the published model; null: the run did not measure it. */
  readonly published: number | null
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
  const publishes = recipe?.publishTo != null
  const compared: ComparedMetrics = {
    run: ownMetrics(end ?? { metrics: {} }, { publishes }),
    published: publishes ? publishedMetrics(end?.metrics ?? {}) : {},
    baseline,
    baselineLabel: baseline === null ? '' : code(shortRevision(baseline.revision)),
    compareMetric: recipe?.compareMetric ?? null,
  }
  const names = orderedNames(compared.run.metrics)
  const quality = names.filter(isQuality)
  const lost = (compared.run.unmeasured ?? []).filter(({ name }) => isQuality(name)).slice(0, maxUnmeasured)
  // The number of examples stands above the table.
  const speed = names.filter((name) => !isQuality(name) && !sizeNames.includes(name))
  return [
    ...(quality.length === 0 && lost.length === 0
      ? []
      : [measuredOn(compared.run.metrics), metricTable(quality, compared, lost)]),
    ...(speed.length === 0 || !options.foldsSpeed
      ? []
      : [details('Training speed', metricTable(speed, compared))]),
  ].filter((part) => part !== '')
}

function metricTable(
  names: readonly string[],
  compared: ComparedMetrics,
  lost: readonly UnmeasuredMetric[] = [],
): string {
  const rows = rowsOf(names, compared)
  const nameCell = (row: Row) => row.names.map((name) => code(name, 80)).join(', ')
  const lostRows = lost.map((metric) => [code(metric.name, 80), lostCell(metric, compared)])
  if (
    rows.every(({ then, wasLost }) => then === null && !wasLost) &&
    lost.every(({ name }) => valueBefore(name, compared) === null)
  ) {
    return table(
      ['Metric', 'This run'],
      [...rows.map((row) => [nameCell(row), `${formatMetric(row.now)}${publishedText(row)}`]), ...lostRows],
    )
  }
  return table(
    ['Metric', `This run, against ${compared.baselineLabel}`],
    [...rows.map((row) => [nameCell(row), `${valueCell(row)}${publishedText(row)}`]), ...lostRows],
  )
}

function rowsOf(names: readonly string[], compared: ComparedMetrics): Row[] {
  const { run, baseline, compareMetric } = compared
  const rows = new Map<string, Row>()
  for (const name of names) {
    const now = run.metrics[name] ?? 0
    const then = valueBefore(name, compared)
    const wasLost = baseline?.unmeasured?.some((each) => each.name === name) ?? false
    const direction = isQuality(name) ? directionIn(compareMetric, name) : null
    const published = valueBeside(run, { metrics: compared.published }, name)
    // Speeds that happen to be equal are different facts.
    const id = JSON.stringify([now, then, wasLost, direction, published, isQuality(name) ? '' : name])
    const row = rows.get(id) ?? { names: [], now, then, wasLost, direction, published }
    rows.set(id, { ...row, names: [...row.names, name] })
  }
  return [...rows.values()]
}

/** The value of exactly this metric in the last successful run. */
function valueBefore(name: string, { baseline }: ComparedMetrics): number | null {
  const before =
    baseline !== null && Object.hasOwn(baseline.metrics, name) ? baseline.metrics[name] : undefined
  return before !== undefined && Number.isFinite(before) ? before : null
}

function lostCell(metric: UnmeasuredMetric, compared: ComparedMetrics): string {
  const before = valueBefore(metric.name, compared)
  const was = before === null ? '' : ` (was ${formatMetric(before)})`
  return `⚠️ not measured: ${describeUnmeasured(metric, '').trim()}${was}`
}

/** What the run measured of the published model on its own rows. */
function publishedText({ published }: Row): string {
  return published === null ? '' : `; published model: ${formatMetric(published)}`
}

/** One cell for all three numbers: a phone has room for two columns. */
function valueCell({ now, then, wasLost, direction }: Row): string {
  if (then === null) return `${formatMetric(now)} (${wasLost ? 'not measured before' : 'new'})`
  const gain = direction === 'min' ? then - now : now - then
  const isJudged = direction !== null && gain !== 0
  const value = isJudged && gain > 0 ? `**${formatMetric(now)}**` : formatMetric(now)
  const sign = !isJudged ? '' : gain > 0 ? '🟢 ' : '🔴 '
  return `${value} (${sign}${formatDifference(now - then)}, was ${formatMetric(then)})`
}
