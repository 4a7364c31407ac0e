import { expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { directionOf } from '../../../src/domain/metrics/direction.ts'
import { compare } from '../../../src/report/metrics/compare.ts'
import { mainMetric } from '../../../src/report/metrics/metrics.ts'

const compared = (overrides: Partial<Parameters<typeof compare>[0]> = {}) =>
  compare({
    compareMetric: 'eval_accuracy',
    minImprovement: 0,
    run: { metrics: { eval_accuracy: 0.91, eval_loss: 0.3 } },
    baseline: { metrics: { eval_accuracy: 0.9, eval_loss: 0.2 } },
    ...overrides,
  })

test.each([
  ['loss', 'min'],
  ['eval_loss', 'min'],
  ['trainLoss', 'min'],
  ['mean_squared_error', 'min'],
  ['eval_wer', 'min'],
  ['perplexity', 'min'],
  ['accuracy_loss', 'min'],
  ['eval_accuracy', 'max'],
  ['f1_macro', 'max'],
  ['rougeLsum', 'max'],
  ['rewards/accuracies', 'max'],
  ['map_50', 'max'],
  ['r2', 'max'],
  ['eval_answer', null],
  ['classification', null],
  ['my_metric', null],
] as const)('The direction of the metric %s is %s', (name, direction) => {
  expect(directionOf(name)).toBe(direction)
})

test('A higher accuracy is an improvement', () => {
  expect(compared()).toMatchObject({ improved: true, baseline: 0.9, value: 0.91, direction: 'max' })
})

test('A higher loss is no improvement, and its difference is positive', () => {
  const comparison = compared({ compareMetric: 'eval_loss' })
  expect(comparison).toMatchObject({ improved: false, direction: 'min' })
  expect(comparison?.difference).toBeCloseTo(0.1)
})

test('The direction in the recipe overrides the one derived from the name', () => {
  expect(compared({ compareMetric: 'eval_loss:max' })).toMatchObject({ improved: true, direction: 'max' })
})

test('An improvement equal to the required one is enough despite rounding errors', () => {
  const options = {
    run: { metrics: { eval_accuracy: 0.3 } },
    baseline: { metrics: { eval_accuracy: 0.2 } },
  }
  expect(compared({ ...options, minImprovement: 0.1 })?.improved).toBe(true)
  expect(compared({ ...options, minImprovement: 0.11 })?.improved).toBe(false)
})

test('An equal value is no improvement', () => {
  expect(compared({ run: { metrics: { eval_accuracy: 0.9 } } })?.improved).toBe(false)
})

test.each([
  ['there is no earlier success', { baseline: null }],
  ['the earlier success did not measure it', { baseline: { metrics: { eval_loss: 1 } } }],
  ['this run did not measure it', { run: { metrics: {} } }],
  [
    'neither the recipe nor the name gives the direction',
    { compareMetric: 'x', run: { metrics: { x: 1 } }, baseline: { metrics: { x: 2 } } },
  ],
] as const)('It is unknown whether a run improved when %s', (_why, overrides) => {
  expect(compared(overrides)?.improved).toBeNull()
})

test('A recipe without compare-metric gets no comparison', () => {
  expect(compared({ compareMetric: null })).toBeNull()
})

test('A metric is found with or without the prefix eval_', () => {
  expect(compared({ run: { metrics: { accuracy: 0.95 } } })).toMatchObject({
    metric: 'accuracy',
    baseline: 0.9,
    improved: true,
  })
  expect(compared({ compareMetric: 'accuracy' })).toMatchObject({ metric: 'eval_accuracy', improved: true })
})

test('Names of inherited object properties are not metrics', () => {
  void fc.assert(
    fc.property(fc.constantFrom('constructor', '__proto__', 'toString', 'valueOf'), (name) => {
      expect(compared({ compareMetric: name })?.value ?? null).toBeNull()
    }),
  )
})

test('The requested metric represents a run, or else the most informative one', () => {
  const runs = [{ eval_loss: 1, eval_runtime: 3, eval_f1_macro: 0.5, eval_accuracy: 0.7 }, {}].map(
    (metrics) => ({ metrics }),
  )
  expect(mainMetric({ compareMetric: null, runs })).toBe('eval_accuracy')
  expect(mainMetric({ compareMetric: 'eval_loss:min', runs })).toBe('eval_loss')
  expect(
    mainMetric({ compareMetric: null, runs: [{ metrics: { eval_runtime: 1 } }, { metrics: {} }] }),
  ).toBeNull()
})
