import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import type { MetricPoint } from '../../../src/domain/training.ts'
import { curveCharts } from '../../../src/report/charts/curves.ts'
import { hostileText } from '../markdown/hostile.ts'
import { curveOf } from '../outcomes.ts'
import { diagramsIn } from './mermaid-blocks.ts'
import { parseDiagram } from './mermaid-parse.ts'

const linesOf = (markdown: string) =>
  Array.from(markdown.matchAll(/line \[(.*)\]/g), ([, values]) => (values ?? '').split(', ').map(Number))

test.each(readdirSync('test/report/golden'))(
  'Mermaid can parse every diagram of the golden file %s',
  async (name) => {
    for (const diagram of diagramsIn(readFileSync(`test/report/golden/${name}`, 'utf8'))) {
      expect(await parseDiagram(diagram)).toBe('xychart')
    }
  },
)

test('The losses share one chart, and the scores share another', async () => {
  const charts = curveCharts(curveOf(6))
  expect(charts.map((chart) => chart.split('\n')[0])).toEqual([
    '**Loss** · 🔵 `loss` 0.1681 (mean since the evaluation before) · 🟠 `eval_loss` 0.2574',
    '**Scores** · 🔵 `eval_accuracy` 0.9659 · 🟠 `eval_f1_macro` 0.9455',
  ])
  for (const chart of charts.flatMap(diagramsIn)) expect(await parseDiagram(chart)).toBe('xychart')
})

test('Loss and eval_loss share a chart from the first epoch on, with each evaluation as it was measured', () => {
  const steps = [3, 2, 1.5, 1, 0.9, 0.7].map((loss, n) => ({ epoch: (n + 1) / 2, values: { loss } }))
  const evaluations = [1.25, 1.5, 1.75].map((eval_loss, n) => ({ epoch: n + 1, values: { eval_loss } }))
  const [chart = ''] = curveCharts([...steps, ...evaluations])
  expect(linesOf(chart)).toEqual([
    [2.5, 1.25, 0.8],
    [1.25, 1.5, 1.75],
  ])
  expect(chart).toContain('x-axis "epoch" 1 --> 3')
})

test('Curves that cover different epochs get charts of their own, so that no line is extended beyond its data', () => {
  const late = [2.9, 3].map((epoch) => ({ epoch, values: { eval_loss: 0.5 } }))
  const charts = curveCharts([
    ...curveOf(3).map(({ epoch, values: { loss = 0 } }) => ({ epoch, values: { loss } })),
    ...late,
  ])
  expect(charts.map((chart) => chart.split('\n')[0])).toEqual(['🔵 `loss` 0.4013', '🔵 `eval_loss` 0.5000'])
})

test.each([
  ['losses begin at zero', 'eval_loss', [1.25, 1.75], 'y-axis 0 --> 2'],
  ['losses that hardly change begin at zero too', 'eval_loss', [1.25, 1.26], 'y-axis 0 --> 1.5'],
  ['accuracies go from zero to one', 'eval_accuracy', [0.5, 0.7], 'y-axis 0 --> 1'],
  [
    'high accuracies say where they begin',
    'eval_accuracy',
    [0.91, 0.97],
    'y-axis "axis starts at 0.9" 0.9 --> 1',
  ],
  ['near one the window is narrower', 'eval_accuracy', [0.991, 1], 'y-axis "axis starts at 0.99" 0.99 --> 1'],
  ['other metrics begin at zero', 'eval_perplexity', [8, 20], 'y-axis 0 --> 25'],
  [
    'other metrics that hardly change say where they begin',
    'eval_perplexity',
    [50, 51],
    'y-axis "axis starts at 49.5" 49.5 --> 51.5',
  ],
  ['negative values go down from zero', 'eval_loss', [-4, -2], 'y-axis -4.5 --> 0'],
])('On the y-axis %s', async (_rule, name, values, axis) => {
  const [chart = ''] = curveCharts(values.map((value, n) => ({ epoch: n + 1, values: { [name]: value } })))
  expect(chart.split('\n').map((line) => line.trim())).toContain(axis)
  for (const diagram of diagramsIn(chart)) expect(await parseDiagram(diagram)).toBe('xychart')
})

test('No line of a chart is green or red, which mean better and worse', () => {
  const curve = [1, 2].map((epoch) => ({
    epoch,
    values: Object.fromEntries(['accuracy', 'f1', 'recall', 'auc'].map((name, n) => [name, epoch / (n + 3)])),
  }))
  const [chart = ''] = curveCharts(curve)
  expect(linesOf(chart)).toHaveLength(4)
  expect(chart).not.toMatch(/🟢|🔴/)
})

test('Identical scores are drawn as one line, under the most informative name', () => {
  const curve = [0.7, 0.8, 0.9].map((score, n) => ({
    epoch: n + 1,
    values: { a_recall: 0.5, eval_f1_micro: score, eval_accuracy: score, eval_f1_macro: score - 0.1 },
  }))
  const [chart = ''] = curveCharts(curve)
  expect(chart.split('\n')[0]).toBe(
    '**Scores** · 🔵 `eval_accuracy` 0.9000 · 🟠 `eval_f1_macro` 0.8000 · 🟣 `a_recall` 0.5000',
  )
  expect(linesOf(chart)).toHaveLength(3)
})

test('A curve of ten thousand points is reduced to twenty, from its first epoch to its last', () => {
  const curve = Array.from({ length: 10_000 }, (_, n) => ({
    epoch: n / 1000,
    values: { loss: 10 - n / 1000 },
  }))
  const [chart = ''] = curveCharts(curve)
  const [line = []] = linesOf(chart)
  expect(line).toHaveLength(20)
  expect(line[0]).toBe(10)
  expect(line.at(-1)).toBeCloseTo(0.26, 1)
  expect(chart).toMatch(/x-axis "epoch" 0 --> 9\.999/)
})

test('A few evenly spaced points are drawn as measured', () => {
  const curve = [0.5, 0.4, 0.3].map((eval_loss, n) => ({ epoch: n + 1, values: { eval_loss } }))
  expect(linesOf(curveCharts(curve)[0] ?? '')).toEqual([[0.5, 0.4, 0.3]])
})

test('A curve with one point, or without finite points, gets no chart', () => {
  expect(curveCharts([{ epoch: 1, values: { loss: 1 } }])).toEqual([])
  const broken = [1, 2, 3].map((epoch) => ({ epoch, values: { loss: Number.NaN, eval_loss: 1e300 } }))
  expect(curveCharts(broken)).toEqual([])
})

test('Mermaid can parse the chart of values whose difference is the smallest number', async () => {
  const curve = [0, -Number.MIN_VALUE].map((loss, epoch) => ({ epoch, values: { loss } }))
  const [chart = ''] = curveCharts(curve).flatMap(diagramsIn)
  expect(await parseDiagram(chart)).toBe('xychart')
})

const anyNumber = fc.oneof(
  fc.double(),
  fc.double({ min: -2, max: 2 }),
  fc.constantFrom(0, 1e-9, 1e11, Number.NaN),
)
const anyPoint: fc.Arbitrary<MetricPoint> = fc.record({
  epoch: fc.oneof(fc.double({ min: 0, max: 10 }), fc.double()),
  values: fc.dictionary(
    fc.oneof(fc.constantFrom('loss', 'eval_loss', 'eval_accuracy', 'reward'), hostileText),
    anyNumber,
    {
      maxKeys: 5,
    },
  ),
})

test('Mermaid can parse the charts of any metrics with any names', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyPoint, { maxLength: 30 }), async (curve) => {
      for (const chart of curveCharts(curve).flatMap(diagramsIn)) {
        expect(await parseDiagram(chart)).toBe('xychart')
        expect(chart).not.toMatch(/NaN|Infinity|e[+-]\d/)
      }
    }),
    { numRuns: 150 },
  )
})

describe('A metric that is no number at some epochs', () => {
  const at = (epoch: number, eval_loss: number | null): MetricPoint =>
    eval_loss === null ? { epoch, values: {}, gaps: ['eval_loss'] } : { epoch, values: { eval_loss } }

  test('has no line through them, but one chart on each side', async () => {
    const charts = curveCharts([at(1, 1), at(2, 0.8), at(3, null), at(4, 0.6), at(5, 0.5), at(6, 0.4)])
    expect(charts.map((chart) => chart.split('\n')[0])).toEqual([
      '🔵 `eval_loss` 0.8000 (epochs 1 to 2; no usable value outside them)',
      '🔵 `eval_loss` 0.4000 (epochs 4 to 6; no usable value outside them)',
    ])
    expect(charts.map(linesOf)).toEqual([[[1, 0.8]], [[0.6, 0.5, 0.4]]])
    for (const chart of charts.flatMap(diagramsIn)) expect(await parseDiagram(chart)).toBe('xychart')
  })

  test('has a line of its own that ends where they begin, beside a loss that goes on', () => {
    const losses = [4, 3, 2, 1].map((loss, n) => ({ epoch: n + 1, values: { loss } }))
    const charts = curveCharts([...losses, at(1.1, 5), at(2.1, 6), at(3.1, null), at(4.1, null)])
    expect(charts.map(linesOf)).toEqual([[[4, 3, 2, 1]], [[5, 6]]])
  })

  test('is not drawn where there are no two numbers side by side', () => {
    expect(curveCharts([at(1, 1), at(2, null), at(3, 0.8), at(4, null), at(5, 0.6)])).toEqual([])
  })

  test('has at most two parts that are drawn: the longest', () => {
    const curve = Array.from({ length: 90 }, (_, n) => at(n, n % 3 === 2 ? null : n))
    expect(curveCharts(curve)).toHaveLength(2)
  })
})
