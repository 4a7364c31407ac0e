import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { compare } from '../../../src/domain/metrics/compare.ts'
import { resolveRecipes } from '../../../src/recipe/resolve.ts'
import { mainMetric } from '../../../src/report/metrics/metrics.ts'
import { createMetricLog } from '../../../src/trainers/output/log-metrics.ts'

const required = {
  'input-dataset': 'acme/digits',
  'input-model': 'acme/base',
  'target-namespace': 'acme',
}

const compared = (overrides: Partial<Parameters<typeof compare>[0]> = {}) =>
  compare({
    compareMetric: 'eval_accuracy',
    minImprovement: 0,
    run: { metrics: { eval_accuracy: 0.91, eval_loss: 0.3 } },
    baseline: { metrics: { eval_accuracy: 0.9, eval_loss: 0.2 } },
    ...overrides,
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

describe('A metric whose last value is no number', () => {
  const lost = { name: 'eval_loss', value: 'nan', epoch: 2 } as const

  test('is compared with nothing, also where the training measured a metric of nearly the same name', () => {
    const run = { metrics: { loss: 0.1 }, unmeasured: [lost] }
    expect(compared({ compareMetric: 'loss:min', run: { metrics: { loss: 0.1 } } })?.value).toBe(0.1)
    for (const compareMetric of ['eval_loss', 'eval_loss:min']) {
      expect(compared({ compareMetric, run })).toMatchObject({
        metric: 'eval_loss',
        value: null,
        unmeasured: lost,
        baseline: 0.2,
        improved: null,
      })
    }
  })

  test('improves nothing either where it was the last success that did not measure it', () => {
    const baseline = { metrics: {}, unmeasured: [lost] }
    expect(compared({ compareMetric: 'eval_loss', baseline })).toMatchObject({
      value: 0.3,
      baseline: null,
      baselineUnmeasured: lost,
      improved: null,
    })
  })

  test('represents no run', () => {
    const runs = [{ metrics: { eval_f1: 0.5 }, unmeasured: [lost] }]
    expect(mainMetric({ compareMetric: 'eval_loss', runs })).toBe('eval_f1')
  })
})

/** Reported by others: the direction that the name suggests is the wrong one. */
test('A mean squared error that scikit-learn negates is better when it is higher', () => {
  const cases = JSON.parse(readFileSync('test/cases/neg-metrics.json', 'utf8'))
  const measured = (lines: readonly string[]) => {
    const log = createMetricLog()
    for (const line of lines) log.add(line)
    return log.final()
  }
  const options = { compareMetric: cases.metric, minImprovement: 0 }
  const [before, worse] = [measured(cases.before), measured(cases.worse)]
  expect(compare({ ...options, run: worse, baseline: before })?.improved).toBe(false)
  expect(compare({ ...options, run: before, baseline: worse })?.improved).toBe(true)
})

/** Reported by others: tools that allow fewer characters in a name than libraries use. */
test.each(Object.entries(JSON.parse(readFileSync('test/cases/metric-names.json', 'utf8'))))(
  'What a log measures as %s can be compared under this name',
  (name, lines) => {
    const log = createMetricLog()
    for (const line of lines as string[]) log.add(line)
    const [recipe] = resolveRecipes({ file: null, inputs: { ...required, 'compare-metric': `${name}:max` } })
    const compareMetric = recipe?.compareMetric ?? null
    expect(compare({ compareMetric, minImprovement: 0, run: log.final(), baseline: null })).toMatchObject({
      metric: name,
      value: expect.any(Number),
      direction: 'max',
    })
  },
)
