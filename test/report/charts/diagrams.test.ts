import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import type { MetricPoint } from '../../../src/domain/training.ts'
import { curveCharts } from '../../../src/report/charts/curves.ts'
import { timeline } from '../../../src/report/summary/timeline.ts'
import { hostileText } from '../markdown/hostile.ts'
import { curveOf, noon } from '../outcomes.ts'
import { diagramsIn } from './mermaid-blocks.ts'
import { parseDiagram } from './mermaid-parse.ts'

const linesOf = (markdown: string) =>
  Array.from(markdown.matchAll(/line \[(.*)\]/g), ([, values]) => (values ?? '').split(', ').map(Number))

test.each(readdirSync('test/report/golden'))(
  'every diagram of %s is one that Mermaid reads',
  async (name) => {
    for (const diagram of diagramsIn(readFileSync(`test/report/golden/${name}`, 'utf8'))) {
      expect(await parseDiagram(diagram)).toMatch(/^(gantt|xychart)$/)
    }
  },
)

test('the losses are drawn together, and so are the scores', async () => {
  const charts = curveCharts(curveOf(6))
  expect(charts.map((chart) => chart.split('\n')[0])).toEqual([
    '**Loss** · 🔵 `loss` 0.1928 · 🟠 `eval_loss` 0.2574',
    '**Scores** · 🔵 `eval_accuracy` 0.9659 · 🟠 `eval_f1_macro` 0.9455',
  ])
  for (const chart of charts.flatMap(diagramsIn)) expect(await parseDiagram(chart)).toBe('xychart')
})

test('curves that cover different epochs are drawn apart: no line is made longer than it was measured', () => {
  const charts = curveCharts(curveOf(2))
  expect(charts.map((chart) => chart.split('\n')[0])).toEqual([
    '🔵 `loss` 0.7055',
    '🔵 `eval_loss` 0.8325',
    '**Scores** · 🔵 `eval_accuracy` 0.8691 · 🟠 `eval_f1_macro` 0.8390',
  ])
})

test('scores that are the same all along are one line, under the name that says most', () => {
  const curve = [0.7, 0.8, 0.9].map((score, n) => ({
    epoch: n + 1,
    values: { a_recall: 0.5, eval_f1_micro: score, eval_accuracy: score, eval_f1_macro: score - 0.1 },
  }))
  const [chart = ''] = curveCharts(curve)
  expect(chart.split('\n')[0]).toBe(
    '**Scores** · 🔵 `eval_accuracy` 0.9000 · 🟠 `eval_f1_macro` 0.8000 · 🟢 `a_recall` 0.5000',
  )
  expect(linesOf(chart)).toHaveLength(3)
})

test('a curve of ten thousand points is thinned to forty, from its first epoch to its last', () => {
  const curve = Array.from({ length: 10_000 }, (_, n) => ({
    epoch: n / 1000,
    values: { loss: 10 - n / 1000 },
  }))
  const [chart = ''] = curveCharts(curve)
  const [line = []] = linesOf(chart)
  expect(line).toHaveLength(40)
  expect(line[0]).toBeCloseTo(9.94, 1)
  expect(line.at(-1)).toBeCloseTo(0.06, 1)
  expect(chart).toMatch(/x-axis "epoch" 0 --> 9\.999/)
})

test('a few evenly spaced points are drawn as they were measured', () => {
  const curve = [0.5, 0.4, 0.3].map((eval_loss, n) => ({ epoch: n + 1, values: { eval_loss } }))
  expect(linesOf(curveCharts(curve)[0] ?? '')).toEqual([[0.5, 0.4, 0.3]])
})

test('one point, or none that is a number, makes no chart', () => {
  expect(curveCharts([{ epoch: 1, values: { loss: 1 } }])).toEqual([])
  const broken = [1, 2, 3].map((epoch) => ({ epoch, values: { loss: Number.NaN, eval_loss: 1e300 } }))
  expect(curveCharts(broken)).toEqual([])
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

test('whatever was measured under whatever name, Mermaid can read the charts', async () => {
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

test('whatever the steps are called and however long they took, Mermaid can read the timeline', async () => {
  const anyStep = fc.record({
    title: hostileText,
    startedAt: fc.integer({ min: noon, max: noon + 1e9 }),
    durationMs: fc.integer({ min: 0, max: 1e8 }),
    ok: fc.boolean(),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(anyStep, { minLength: 2, maxLength: 6 }), async (steps) => {
      const [chart] = diagramsIn(timeline(steps) ?? '')
      if (chart === undefined) return
      expect(await parseDiagram(chart)).toBe('gantt')
      expect(chart.match(/^ {2}[✓✗] /gm)).toHaveLength(steps.length)
    }),
    { numRuns: 150 },
  )
})

test.each([
  [2, ['axisFormat %H:%M:%S', 'tickInterval 1second']],
  [60, ['axisFormat %H:%M:%S']],
  [5 * 60, ['axisFormat %H:%M:%S']],
  [20 * 60, ['axisFormat %H:%M']],
])('the marks on the axis of a run of %i seconds differ from each other', async (seconds, expected) => {
  const look = { title: 'Look', startedAt: noon, durationMs: 400, ok: true }
  const [chart = ''] = diagramsIn(timeline([look, { ...look, durationMs: seconds * 1000 }]) ?? '')
  expect(await parseDiagram(chart)).toBe('gantt')
  expect(chart.match(/(?:axisFormat|tickInterval) \S+/g)).toEqual(expected)
})

test('no step is said to have taken no time', () => {
  const steps = [2, 94, 95, 700].map((durationMs) => ({
    title: 'Look',
    startedAt: noon,
    durationMs,
    ok: true,
  }))
  expect(Array.from((timeline(steps) ?? '').matchAll(/Look - (.*?) :/g), ([, took]) => took)).toEqual([
    '2 ms',
    '94 ms',
    '0.1 s',
    '0.7 s',
  ])
})

test('a single step is not worth a picture', () => {
  expect(timeline([{ title: 'Train', startedAt: noon, durationMs: 5, ok: true }])).toBeNull()
})
