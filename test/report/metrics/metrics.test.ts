import { expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { compare } from '../../../src/report/metrics/compare.ts'
import { directionOf } from '../../../src/report/metrics/direction.ts'
import { mainMetric } from '../../../src/report/metrics/metrics.ts'

const asked = (overrides: Partial<Parameters<typeof compare>[0]> = {}) =>
  compare({
    compareMetric: 'eval_accuracy',
    minImprovement: 0,
    metrics: { eval_accuracy: 0.91, eval_loss: 0.3 },
    baseline: { eval_accuracy: 0.9, eval_loss: 0.2 },
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
] as const)('from its name, %s is better towards %s', (name, direction) => {
  expect(directionOf(name)).toBe(direction)
})

test('a higher accuracy is an improvement', () => {
  expect(asked()).toMatchObject({ improved: true, baseline: 0.9, value: 0.91, direction: 'max' })
})

test('a higher loss is none, and its difference is still the plain one', () => {
  const comparison = asked({ compareMetric: 'eval_loss' })
  expect(comparison).toMatchObject({ improved: false, direction: 'min' })
  expect(comparison?.difference).toBeCloseTo(0.1)
})

test('the recipe knows better than the name', () => {
  expect(asked({ compareMetric: 'eval_loss:max' })).toMatchObject({ improved: true, direction: 'max' })
})

test('an improvement as large as asked for is enough, whatever binary fractions make of it', () => {
  const options = { metrics: { eval_accuracy: 0.3 }, baseline: { eval_accuracy: 0.2 } }
  expect(asked({ ...options, minImprovement: 0.1 })?.improved).toBe(true)
  expect(asked({ ...options, minImprovement: 0.11 })?.improved).toBe(false)
})

test('the same value again is no improvement', () => {
  expect(asked({ metrics: { eval_accuracy: 0.9 } })?.improved).toBe(false)
})

test.each([
  ['there is no earlier success', { baseline: null }],
  ['the earlier success did not measure it', { baseline: { eval_loss: 1 } }],
  ['this run did not measure it', { metrics: {} }],
  ['nothing says which way is better', { compareMetric: 'x', metrics: { x: 1 }, baseline: { x: 2 } }],
] as const)('nobody can say whether it improved when %s', (_why, overrides) => {
  expect(asked(overrides)?.improved).toBeNull()
})

test('a recipe that asks for no comparison gets none', () => {
  expect(asked({ compareMetric: null })).toBeNull()
})

test('accuracy is found where the card leaves out eval_, and the other way round', () => {
  expect(asked({ metrics: { accuracy: 0.95 } })).toMatchObject({
    metric: 'accuracy',
    baseline: 0.9,
    improved: true,
  })
  expect(asked({ compareMetric: 'accuracy' })).toMatchObject({ metric: 'eval_accuracy', improved: true })
})

test('names that objects have by birth are no metrics', () => {
  void fc.assert(
    fc.property(fc.constantFrom('constructor', '__proto__', 'toString', 'valueOf'), (name) => {
      expect(asked({ compareMetric: name })).toMatchObject({ value: null, improved: null })
    }),
  )
})

test('the metric that is asked for stands for a run, or else the one that says most', () => {
  const runs = [{ eval_loss: 1, eval_runtime: 3, eval_f1_macro: 0.5, eval_accuracy: 0.7 }, {}]
  expect(mainMetric({ compareMetric: null, runs })).toBe('eval_accuracy')
  expect(mainMetric({ compareMetric: 'eval_loss:min', runs })).toBe('eval_loss')
  expect(mainMetric({ compareMetric: null, runs: [{ eval_runtime: 1 }, {}] })).toBeNull()
})
