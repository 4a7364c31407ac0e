import { formatMetric } from '../../domain/format.ts'
import type { MetricPoint } from '../../domain/training.ts'
import { code } from '../markdown/markdown.ts'
import { directionOf } from '../metrics/direction.ts'
import { byImportance, isQuality } from '../metrics/metrics.ts'
import { decimal, diagram } from './mermaid.ts'
import { rangeOf, resample, type Series, seriesOf } from './series.ts'

/** More points cannot be distinguished at the width of a page. */
const maxPoints = 40
const maxCharts = 4
const maxSeries = 4

/** Smaller ranges cannot be written with the 20 decimals of a Mermaid number, and the smallest ones round to zero. */
const minSpread = 1e-18

/** The share of the longest curve that all curves of one chart must cover. */
const minOverlap = 0.75

/** The colour of each line and its sign in the legend, which we write above the chart: Mermaid draws none. */
const lineStyles = [
  { sign: '🔵', color: '#3b88c3' },
  { sign: '🟠', color: '#f4900c' },
  { sign: '🟢', color: '#5c913b' },
  { sign: '🟣', color: '#9266cc' },
] as const

interface Chart {
  readonly title: string
  readonly series: readonly Series[]
}

/**
 * Draws what a run measured over the epochs: one chart for the losses, one for the scores between 0 and 1, and one for
 * each other metric.
 *
 * @returns Markdown, one part per chart; none when no metric has two points
 */
export function curveCharts(curve: readonly MetricPoint[]): string[] {
  const names = byImportance(curve.flatMap(({ values }) => Object.keys(values))).filter(isQuality)
  const all = names.map((name) => seriesOf(curve, name)).filter(({ points }) => points.length >= 2)
  const losses = all
    .filter(({ name }) => /(?:^|_)loss$/.test(name))
    .toSorted((a, b) => a.name.length - b.name.length)
  const scores = all.filter((series) => isScore(series))
  const others = all.filter((series) => !losses.includes(series) && !scores.includes(series))
  const charts = [
    ...chartsOf('Loss', losses),
    ...chartsOf('Scores', withoutDuplicates(scores).slice(0, maxSeries)),
    ...others.flatMap((series) => chartsOf('', [series])),
  ]
  return charts.slice(0, maxCharts).map(chartMarkdown)
}

/**
 * Drops series that equal an earlier one, since their lines would be hidden. In single-label classification the micro
 * averages equal the accuracy.
 */
function withoutDuplicates(series: readonly Series[]): Series[] {
  const drawn = series.map(({ points }) => JSON.stringify(points))
  return series.filter((_, index) => drawn.indexOf(drawn[index] ?? '') === index)
}

function isScore({ name, points }: Series): boolean {
  return directionOf(name) === 'max' && points.every(({ y }) => y >= 0 && y <= 1)
}

/** One chart when the curves cover about the same epochs, otherwise one chart each. */
function chartsOf(title: string, series: readonly Series[]): Chart[] {
  const shown = series.slice(0, maxSeries)
  if (shown.length < 2) return shown.map((each) => ({ title, series: [each] }))
  const { from, to } = commonRange(shown)
  const longest = Math.max(...shown.map((each) => rangeOf(each).to - rangeOf(each).from))
  const fits = to - from >= minOverlap * longest
  return fits ? [{ title, series: shown }] : shown.map((each) => ({ title: '', series: [each] }))
}

function commonRange(series: readonly Series[]): { from: number; to: number } {
  const ranges = series.map(rangeOf)
  return { from: Math.max(...ranges.map(({ from }) => from)), to: Math.min(...ranges.map(({ to }) => to)) }
}

/** https://mermaid.js.org/syntax/xyChart.html */
function chartMarkdown({ title, series }: Chart): string {
  const { from, to } = commonRange(series)
  const drawn = series.map((each) => {
    const inside = each.points.filter(({ x }) => x >= from && x <= to).length
    return resample(each, { from, to, count: Math.min(Math.max(inside, 2), maxPoints) })
  })
  const axis = niceAxis(drawn.flat())
  const y = (value: number) => decimal(value, axis.digits + 2)
  const legend = series.map(({ name, points }, index) => {
    const last = points.at(-1)?.y ?? 0
    return `${lineStyles[index]?.sign} ${code(name, 60)} ${formatMetric(last)}`
  })
  const longest = Math.max(...drawn.map(({ length }) => length))
  return [
    `${title === '' ? '' : `**${title}** · `}${legend.join(' · ')}`,
    '',
    diagram([
      '---',
      'config:',
      '  xyChart: {width: 760, height: 320}',
      `  themeVariables: {xyChart: {plotColorPalette: "${lineStyles.map(({ color }) => color).join(', ')}"}}`,
      '---',
      'xychart-beta',
      `  x-axis "epoch" ${decimal(from, 4)} --> ${endOfAxis(from, to, longest)}`,
      `  y-axis ${y(axis.low)} --> ${y(axis.high)}`,
      ...drawn.map((values) => `  line [${values.map(y).join(', ')}]`),
    ]),
  ].join('\n')
}

/**
 * Mermaid steps along the axis by repeated addition and loses the last point when rounding takes the sum beyond the
 * end. In that case the end is moved by an invisible amount.
 */
function endOfAxis(from: number, to: number, count: number): string {
  const begin = Number(decimal(from, 4))
  const reaches = (end: number) => {
    let steps = 0
    const step = (end - begin) / (count - 1)
    for (let x = begin; x <= end && steps <= count; x += step) steps += 1
    return steps >= count
  }
  const end = Number(decimal(to, 4))
  return reaches(end) ? decimal(end, 4) : decimal(end + (end - begin) * 1e-4, 8)
}

/** @returns a range around the values with round ends, and the decimals that its ends need */
function niceAxis(values: readonly number[]): { low: number; high: number; digits: number } {
  const min = Math.min(...values)
  const max = Math.max(...values)
  const spread = Math.max(max - min || Math.abs(max) * 0.1 || 1, minSpread)
  const unit = 10 ** Math.floor(Math.log10(spread)) / 2
  const isShare = min >= 0 && max <= 1
  const low = Math.floor((min - spread * 0.05) / unit) * unit
  const high = Math.ceil((max + spread * 0.05) / unit) * unit
  return {
    low: min >= 0 ? Math.max(0, low) : low,
    high: isShare ? Math.min(1, high) : high,
    digits: Math.max(0, 1 - Math.floor(Math.log10(unit))),
  }
}
