import { describe, expect, test } from '@jest/globals'
import { compareGate, judgeGate } from '../../../src/domain/metrics/gate.ts'
import { ownMetrics, publishedMetrics } from '../../../src/domain/metrics/published-metrics.ts'

type Options = Parameters<typeof judgeGate>[0]

const judged = (overrides: Partial<Options> = {}) =>
  judgeGate({
    compareMetric: 'eval_accuracy',
    minImprovement: 0,
    run: { metrics: { eval_accuracy: 0.96, published_eval_accuracy: 0.9 } },
    published: { metrics: { eval_accuracy: 0.95 } },
    measuredSame: true,
    ...overrides,
  })

describe('The baseline of a run that is to be published', () => {
  test.each(['published_eval_accuracy', 'published_accuracy', 'eval_published_accuracy'])(
    'It is what the training measured of the published model, as %s.',
    (name) => {
      const { gate, improved, why } = judged({ run: { metrics: { eval_accuracy: 0.96, [name]: 0.9 } } })
      expect(gate).toEqual({ metric: 'eval_accuracy', value: 0.96, baseline: 0.9, rows: 'same' })
      expect(improved).toBe(true)
      expect(why).toMatch(/0\.9600, better than the 0\.9000 .* on the same rows/)
    },
  )

  test.each([
    ['another model was published since', { measuredSame: false }],
    ['the training did not measure it', { run: { metrics: { eval_accuracy: 0.96 } } }],
    ['it measured no number', { run: { metrics: { eval_accuracy: 0.96, published_accuracy: Number.NaN } } }],
  ] satisfies [string, Partial<Options>][])(
    'It is what the published training recorded when %s.',
    (_why, overrides) => {
      const { gate, why } = judged(overrides)
      expect(gate).toMatchObject({ baseline: 0.95, rows: 'other' })
      expect(why).toContain('on other validation data')
    },
  )

  test('It is missing for the first publication, and nothing is held back.', () => {
    expect(judged({ published: null })).toEqual({
      gate: { metric: 'eval_accuracy', value: 0.96, baseline: null, rows: null },
      improved: null,
      why: 'eval_accuracy is 0.9600; nothing was published before, so there is nothing to compare with.',
    })
  })

  test('It is missing where the published run never measured the metric, and nothing is held back.', () => {
    const { improved, why } = judged({ published: { metrics: { f1: 1 } }, measuredSame: false })
    expect(improved).toBeNull()
    expect(why).toContain('what is published has no eval_accuracy')
  })

  test('It is found where one of the two runs wrote the name without eval_.', () => {
    const { gate } = judged({
      run: { metrics: { accuracy: 0.96 } },
      published: { metrics: { eval_accuracy: 0.95 } },
      measuredSame: false,
    })
    expect(gate).toEqual({ metric: 'accuracy', value: 0.96, baseline: 0.95, rows: 'other' })
  })
})

describe("A Trainer's loss of the training is not its validation loss", () => {
  const run = { metrics: { loss: 0.1, eval_loss: 0.5, eval_published_loss: 0.3 } }
  const published = { metrics: { loss: 0.05, eval_loss: 0.3 } }

  test.each(['loss', 'eval_loss', 'loss:min'])(
    'With compare-metric: %s, the validation losses on the same rows are compared.',
    (compareMetric) => {
      const { gate, improved } = judged({ compareMetric, run, published })
      expect(gate).toEqual({ metric: 'eval_loss', value: 0.5, baseline: 0.3, rows: 'same' })
      expect(improved).toBe(false)
    },
  )

  test('It is not compared with the validation loss of what is published, where that is all there is.', () => {
    const other = { metrics: { eval_loss: 0.3 } }
    const { gate } = judged({ compareMetric: 'loss', run, published: other, measuredSame: false })
    expect(gate).toEqual({ metric: 'eval_loss', value: 0.5, baseline: 0.3, rows: 'other' })
  })

  test.each([
    ['the training measured of it', { published_loss: 0.3 }, true, published, 0.3],
    ['it recorded', {}, false, { metrics: { loss: 0.05 } }, null],
  ])(
    'Without a validation loss in what %s, the validation loss of the run is not compared with another loss.',
    (_what, more, measuredSame, before, recorded) => {
      const both = { metrics: { loss: 0.1, eval_loss: 0.5, ...more } }
      const options = { compareMetric: 'eval_loss', run: both, published: before, measuredSame }
      expect(judged(options).gate).toMatchObject({ metric: 'eval_loss', baseline: recorded })
      expect(judged(options).gate.rows).not.toBe('same')
    },
  )

  test('A validation loss of nan is not replaced by the loss of the training.', () => {
    const unmeasured = [{ name: 'eval_loss', value: 'nan' as const, epoch: 2 }]
    const broken = { metrics: { loss: 0.1, eval_published_loss: 0.3 }, unmeasured }
    const { improved, why } = judged({ compareMetric: 'loss', run: broken, published })
    expect(improved).toBe(false)
    expect(why).toContain('eval_loss is nan')
  })

  test('Two names with one value are one metric, as in the log and the card of AutoTrain.', () => {
    const twice = { metrics: { loss: 0.2, eval_loss: 0.2 } }
    const { gate } = judged({ compareMetric: 'eval_loss', run: twice, published: { metrics: { loss: 0.3 } } })
    expect(gate).toMatchObject({ metric: 'eval_loss', baseline: 0.3 })
  })
})

describe('A run is held back', () => {
  test.each([
    ['when its metric was not measured', { metrics: { f1: 1 } }, /^eval_accuracy was not measured, so/],
    [
      'when the last value of its metric was nan',
      { metrics: {}, unmeasured: [{ name: 'eval_accuracy', value: 'nan', epoch: 2 }] },
      /^eval_accuracy is nan since epoch 2, so this run cannot be compared/,
    ],
    ['when it is worse', { metrics: { eval_accuracy: 0.94 } }, /0\.9400, not better than the 0\.9500/],
    ['when it is equal', { metrics: { eval_accuracy: 0.95 } }, /not better than/],
  ] satisfies [string, Options['run'], RegExp][])('%s.', (_when, run, sentence) => {
    const { improved, why } = judged({ run })
    expect(improved).toBe(false)
    expect(why).toMatch(sentence)
  })

  test('also when nothing is published yet and its metric is missing.', () => {
    expect(judged({ run: { metrics: {} }, published: null }).improved).toBe(false)
  })

  test('when it is better, but not by min-improvement.', () => {
    const { improved, why } = judged({ minImprovement: 0.1 })
    expect(improved).toBe(false)
    expect(why).toMatch(/better than .*, but not by min-improvement, 0\.1000\.$/)
  })

  test('when nothing says which way its metric gets better.', () => {
    const run = { metrics: { wobble: 2, published_wobble: 1 } }
    const { improved, why } = judged({ compareMetric: 'wobble', run })
    expect(improved).toBe(false)
    expect(why).toContain('wobble:min or wobble:max')
  })
})

test('A lower loss is better, and so is what the recipe says is better when lower', () => {
  const run = { metrics: { eval_loss: 0.2, published_loss: 0.3, score: 1, published_score: 2 } }
  expect(judged({ compareMetric: 'eval_loss', run }).improved).toBe(true)
  expect(judged({ compareMetric: 'score:min', run }).improved).toBe(true)
  expect(judged({ compareMetric: 'score:max', run }).improved).toBe(false)
})

test.each([
  ['eval_loss', 0.2, 0.3, true],
  ['accuracy', 0.2, 0.3, false],
  ['accuracy', 0.2, null, null],
  ['accuracy', null, 0.3, null],
] as const)(
  'A stored comparison by %s of %s with %s says %s again',
  (compareMetric, value, baseline, improved) => {
    const metric = compareMetric === 'accuracy' ? 'eval_accuracy' : compareMetric
    const found = compareGate({ metric, value, baseline, rows: 'same' }, { compareMetric, minImprovement: 0 })
    expect(found).toMatchObject({ metric, value, baseline, improved })
  },
)

test('What a training measured of the published model is no metric of the run, but only in a recipe that publishes', () => {
  const run = {
    metrics: { eval_accuracy: 0.9, published_accuracy: 0.8, published_: 1 },
    unmeasured: [{ name: 'published_f1', value: 'nan' as const, epoch: null }],
  }
  expect(ownMetrics(run, { publishes: true })).toEqual({
    metrics: { eval_accuracy: 0.9, published_: 1 },
    unmeasured: [],
  })
  expect(ownMetrics(run, { publishes: false })).toBe(run)
  expect(publishedMetrics(run.metrics)).toEqual({ accuracy: 0.8 })
})
