import { directionOf } from '../../domain/metrics/direction.ts'
import { ownMetrics } from '../../domain/metrics/published-metrics.ts'
import { isQuality } from '../../domain/metrics/speeds.ts'
import { formatMetric } from '../../domain/text/format.ts'
import type { MetricPoint } from '../../domain/training.ts'
import { code } from '../markdown/markdown.ts'
import { byImportance } from '../metrics/metrics.ts'
import { type Axis, axisAround, axisFromZero, shareAxis } from './axis.ts'
import { decimal, diagram, diagramText } from './mermaid.ts'
import { commonGrid, type Grid, ownGrid, sample } from './sampling.ts'
import { type Series, seriesOf } from './series.ts'

const maxCharts = 4
const maxSeries = 4

/**
 * The colour of each line and its sign in the legend, which we write above the chart: Mermaid draws none. Neither green
 * nor red, which mean better and worse.
 */
const lineStyles = [
  { sign: '🔵', color: '#3b88c3' },
  { sign: '🟠', color: '#f4900c' },
  { sign: '🟣', color: '#9266cc' },
  { sign: '🟤', color: '#a0572c' },
] as const

interface Chart {
  readonly title: string
  readonly series: readonly Series[]
  readonly grid: Grid
  readonly axisOf: (values: readonly number[]) => Axis
}

/**
 * Draws what a run measured over the epochs: one chart for the losses, one for the scores between 0 and 1, and one for
 * each other metric.
 *
 * @param options.publishes whether `published_` means the published model, which is no curve of this run
 * @returns Markdown, one part per chart; none when no metric has two points
 */
export function curveCharts(
  curve: readonly MetricPoint[],
  { publishes = false }: { publishes?: boolean } = {},
): string[] {
  const measured = curve.map(({ values }) => ownMetrics({ metrics: values }, { publishes }).metrics)
  const names = byImportance(measured.flatMap((values) => Object.keys(values))).filter(isQuality)
  const all = names.flatMap((name) => seriesOf(curve, name)).filter(({ points }) => points.length >= 2)
  const losses = all
    .filter(({ name }) => /(?:^|_)loss$/.test(name))
    .toSorted((a, b) => a.name.length - b.name.length)
  const scores = all.filter((series) => isScore(series))
  const others = all.filter((series) => !losses.includes(series) && !scores.includes(series))
  const charts = [
    ...chartsOf('Loss', losses, axisFromZero),
    ...chartsOf('Scores', withoutDuplicates(scores).slice(0, maxSeries), shareAxis),
    ...others.flatMap((series) => chartsOf('', [series], axisAround)),
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

/** One chart when the curves cover the same epochs, otherwise one chart each: no line is drawn beyond its data. */
function chartsOf(title: string, series: readonly Series[], axisOf: Chart['axisOf']): Chart[] {
  const shown = series.slice(0, maxSeries)
  const whole = shown.filter(({ isPart }) => !isPart)
  const grid = whole.length < 2 ? null : commonGrid(whole)
  const shared: Chart[] = grid === null ? [] : [{ title, series: whole, grid, axisOf }]
  const single = grid === null ? shown : shown.filter(({ isPart }) => isPart)
  const own = single.map((each) => ({
    title: shown.length < 2 ? title : '',
    series: [each],
    grid: ownGrid(each),
    axisOf,
  }))
  return [...shared, ...own]
}

/** https://mermaid.js.org/syntax/xyChart.html */
function chartMarkdown({ title, series, grid, axisOf }: Chart): string {
  const drawn = series.map((each) => sample(each, grid))
  const axis = axisOf(drawn.flatMap(({ values }) => values))
  const y = (value: number) => decimal(value, axis.digits + 2)
  const legend = series.map(({ name, points, isPart }, index) => {
    const { values = [], isAveraged = false } = drawn[index] ?? {}
    // Beside another line, the reader compares the ends of the lines.
    const isMean = isAveraged && series.length > 1
    const last = isMean ? values.at(-1) : points.at(-1)?.y
    const mean = isMean ? ` (mean since the ${pointName(series)} before)` : ''
    const note = isPart ? ` (${epochsOf(points)}; no usable value outside them)` : mean
    return `${lineStyles[index]?.sign} ${code(name, 60)} ${formatMetric(last ?? 0)}${note}`
  })
  const yTitle = axis.title === null ? '' : `"${diagramText(axis.title)}" `
  const palette = lineStyles.map(({ color }) => color).join(', ')
  return [
    `${title === '' ? '' : `**${title}** · `}${legend.join(' · ')}`,
    '',
    diagram([
      '---',
      'config:',
      // Small and with large labels: a phone shrinks the chart to the width of its screen.
      '  xyChart:',
      '    width: 520',
      '    height: 300',
      '    xAxis: {labelFontSize: 16, titleFontSize: 16}',
      '    yAxis: {labelFontSize: 16, titleFontSize: 16}',
      `  themeVariables: {xyChart: {plotColorPalette: "${palette}"}}`,
      '---',
      'xychart-beta',
      `  x-axis "epoch" ${decimal(grid.from, 4)} --> ${endOfAxis(grid)}`,
      `  y-axis ${yTitle}${y(axis.low)} --> ${y(axis.high)}`,
      ...drawn.map(({ values }) => `  line [${values.map(y).join(', ')}]`),
    ]),
  ].join('\n')
}

function epochsOf(points: Series['points']): string {
  const [first, last] = [points[0], points.at(-1)].map((point) => decimal(point?.x ?? 0, 2))
  return `epochs ${first} to ${last}`
}

/** What the points of a chart are that averages one of its series. */
function pointName(series: readonly Series[]): string {
  return series.some(({ name }) => name.startsWith('eval_')) ? 'evaluation' : 'point'
}

/**
 * Mermaid steps along the axis by repeated addition and loses the last point when rounding takes the sum beyond the
 * end. In that case the end is moved by an invisible amount.
 */
function endOfAxis({ from, to, count }: Grid): string {
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
