import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { readCardMetrics } from '../../../src/trainers/output/card-metrics.ts'
import { readMetricFile } from '../../../src/trainers/output/metrics/metric-file.ts'
import { readReportedLine } from '../../../src/trainers/output/metrics/reported-line.ts'
import { createRunOutput, finalMetrics } from '../../../src/trainers/output/run-output.ts'

function outputOf(...lines: readonly string[]) {
  const output = createRunOutput({ onLine: () => undefined, hide: (text) => text })
  for (const line of lines) output.add(line)
  return output
}

const nothing = { metrics: {}, unmeasured: [] }

describe('A line auto-retrain:metrics', () => {
  test('counts before the files, the card and the log', () => {
    const output = outputOf(
      "{'eval_loss': '0.5', 'eval_f1': '0.7', 'epoch': '1'}",
      'auto-retrain:metrics {"eval_loss": 0.123456}',
    )
    const ofModel = { metrics: { eval_loss: 0.4, eval_f1: 0.71234 }, unmeasured: [] }
    expect(finalMetrics(output, ofModel)).toEqual({
      metrics: { eval_loss: 0.123456, eval_f1: 0.71234 },
      unmeasured: [],
    })
  })

  test('counts from the last one, for each name', () => {
    const output = outputOf('auto-retrain:metrics {"a": 1, "b": 1}', 'auto-retrain:metrics {"a": 2}')
    expect(finalMetrics(output, nothing).metrics).toEqual({ a: 2, b: 1 })
  })

  test('is no point of the curve without an epoch', () => {
    const output = outputOf(
      "{'eval_loss': '0.5', 'epoch': '1'}",
      'auto-retrain:metrics {"eval_loss": 0.1, "eval_f1": 0.9}',
    )
    expect(output.metrics.curve).toEqual([{ epoch: 1, values: { eval_loss: 0.5 } }])
  })

  test('is a point of the curve with one, as before', () => {
    const output = outputOf('auto-retrain:metrics {"epoch": 1, "accuracy": 0.5}')
    expect(output.metrics.curve).toEqual([{ epoch: 1, values: { accuracy: 0.5 } }])
    expect(finalMetrics(output, nothing).metrics).toEqual({ accuracy: 0.5 })
  })

  test('with NaN takes an older number away', () => {
    const output = outputOf("{'eval_loss': '0.5', 'epoch': '1'}", 'auto-retrain:metrics {"eval_loss": NaN}')
    expect(finalMetrics(output, nothing)).toEqual({
      metrics: {},
      unmeasured: [{ name: 'eval_loss', value: 'nan', epoch: null }],
    })
  })

  test.each([
    ['auto-retrain:metrics {"accuracy": 0.5}'],
    ['auto-retrain:metrics: {"accuracy": 0.5}'],
    ["auto-retrain:metrics {'accuracy': '0.5'}"],
    ['INFO 2026-11-26 - auto-retrain:metrics {"accuracy": 0.5}'],
    ['100%|████| 3/3 [00:01<00:00, 2.9it/s]auto-retrain:metrics {"accuracy": 0.5} '],
  ])('may be written as %j', (line) => {
    expect(readReportedLine(line)?.metrics).toEqual({ accuracy: 0.5 })
  })

  test.each([
    ['auto-retrain:metrics'],
    ['auto-retrain:metrics {"accuracy": 0.5'],
    ['auto-retrain:metrics {"accuracy": 0.5} and more'],
    ['auto-retrain:metrics [0.5]'],
    ['auto-retrain:metricsX {"accuracy": 0.5}'],
    ['{"accuracy": 0.5}'],
  ])('is no report when it is %j', (line) => {
    expect(readReportedLine(line)).toBeNull()
  })
})

test('What the Trainer prints as texts of four digits is read, and gives way to its files', () => {
  const output = outputOf(
    "\r 50%|█████     | 3/6 [00:02<00:02, 1.21it/s]\u001b[A{'loss': '0.6427', 'grad_norm': '0.9149', 'learning_rate': '0.004444', 'epoch': '0.5'}",
    "{'eval_loss': '0.7497', 'eval_accuracy': '0.5', 'eval_runtime': '0.04', 'epoch': '1'}",
    "{'train_runtime': '9.1', 'train_samples_per_second': '15.8', 'train_loss': '0.6', 'epoch': '1'}",
  )
  expect(finalMetrics(output, nothing).metrics).toEqual({
    eval_loss: 0.7497,
    eval_accuracy: 0.5,
    train_loss: 0.6,
  })
  const ofModel = { metrics: { eval_loss: 0.74971234 }, unmeasured: [] }
  expect(finalMetrics(output, ofModel).metrics.eval_loss).toBe(0.74971234)
})

test('The counters of tokens that trl prints are no metrics', () => {
  const line = {
    eval_loss: 2,
    num_tokens: 900,
    eval_num_tokens: 90,
    num_input_tokens_seen: 9,
    eval_mean_token_accuracy: 0.5,
    epoch: 1,
  }
  expect(finalMetrics(outputOf(JSON.stringify(line)), nothing).metrics).toEqual({
    eval_loss: 2,
    eval_mean_token_accuracy: 0.5,
  })
})

test('A name with an apostrophe is a name, as Python prints it', () => {
  const line = `{"eval_f1_l'accord": '0.5', 'eval_loss': '0.25', 'epoch': '1'}`
  expect(finalMetrics(outputOf(line), nothing).metrics).toEqual({ "eval_f1_l'accord": 0.5, eval_loss: 0.25 })
})

const number = fc.oneof(fc.double(), fc.integer())
const value = fc.letrec((tie) => ({
  any: fc.oneof(
    { maxDepth: 4 },
    number,
    fc.string(),
    fc.constant(null),
    fc.boolean(),
    fc.array(tie('any'), { maxLength: 3 }),
    fc.dictionary(fc.string({ unit: 'binary' }), tie('any'), { maxKeys: 4 }),
  ),
})).any

test('Any JSON object is read to finite numbers under names that can be shown, or to nothing', () => {
  const property = fc.property(fc.dictionary(fc.string(), value), (object) => {
    const read = readMetricFile(JSON.stringify(object), new Set())
    expect(read).not.toBeNull()
    for (const [name, measured] of Object.entries(read?.metrics ?? {})) {
      expect(Number.isFinite(measured)).toBe(true)
      expect(name).not.toMatch(/[\p{C}"`{}\\]/u)
    }
  })
  fc.assert(property, { numRuns: 500 })
})

test('The numbers of a flat object are read as they were written', () => {
  const names = fc.stringMatching(/^[a-z][a-z_]{0,20}_x$/)
  const property = fc.property(
    fc.dictionary(names, fc.double({ noNaN: true, noDefaultInfinity: true })),
    (object) => {
      expect(readMetricFile(JSON.stringify(object, null, 4), new Set())?.metrics).toEqual(
        JSON.parse(JSON.stringify(object)),
      )
    },
  )
  fc.assert(property)
})

test('Any text is read without an error, as a file and as a line', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc
      .array(fc.constantFrom('{', '}', '[', ']', '"', "'", ':', ',', '\\', '\\u', 'NaN', '1', ' ', '\n', 'a'))
      .map((parts) => parts.join('')),
  )
  const property = fc.property(text, (each) => {
    readMetricFile(`{${each}`, new Set())
    readReportedLine(`auto-retrain:metrics {${each}`)
  })
  fc.assert(property, { numRuns: 1000 })
})

test.each(['{"a":', '{"a":[', '{"a', '{"a": "\\u', '{"a":1,'])(
  'A file of nothing but %j is read in one pass',
  (part) => {
    expect(readMetricFile(part.repeat(200_000 / part.length), new Set())).toBeNull()
  },
)

test('Any model-index is read to finite numbers, or to nothing', () => {
  const owner = { model: 'ann/m', baseModel: 'ann/base', dataset: 'ann/digits' }
  const part = fc.constantFrom(
    ...[
      'model-index:',
      '- name: m',
      '  results:',
      '  - metrics:',
      '    - type: f1',
      '      value: 1e400',
      '      value: .nan',
    ],
    ...[
      '      value: &a [*a]',
      '      value: *a',
      '    - &a',
      '? x',
      '<<: *a',
      '      value: 0x10',
      '      type: __proto__',
      '!!js x',
    ],
  )
  const property = fc.property(fc.array(part, { maxLength: 14 }), (lines) => {
    const read = readCardMetrics(`---\nmodel-index:\n${lines.join('\n')}\n---\n`, { owner })
    expect(Object.values(read.metrics).every(Number.isFinite)).toBe(true)
    expect(Object.keys(read.metrics).every((name) => name.startsWith('eval_'))).toBe(true)
  })
  fc.assert(property, { numRuns: 1000 })
})

describe('Metrics of the published model that a training measured', () => {
  const both = { eval_accuracy: 0.9375, published_eval_accuracy: 0.90625 }

  test.each([
    ['a line auto-retrain:metrics', `auto-retrain:metrics ${JSON.stringify(both)}`],
    [
      'a line of the log with an epoch',
      `{"epoch": 3, "eval_accuracy": 0.9375, "published_eval_accuracy": 0.90625}`,
    ],
  ])('keep their names beside those of the new model in %s', (_title, line) => {
    expect(finalMetrics(outputOf(line), nothing)).toEqual({ metrics: both, unmeasured: [] })
  })

  test('keep their names in a file of metrics', () => {
    expect(readMetricFile(JSON.stringify(both), new Set())).toEqual({ metrics: both, unmeasured: [] })
  })

  test('are said to be unmeasured where they are no number', () => {
    const output = outputOf('auto-retrain:metrics {"eval_accuracy": 0.5, "published_eval_accuracy": NaN}')
    expect(finalMetrics(output, nothing)).toEqual({
      metrics: { eval_accuracy: 0.5 },
      unmeasured: [{ name: 'published_eval_accuracy', value: 'nan', epoch: null }],
    })
  })

  test('stand beside the metrics of the card, and take none of them away', () => {
    const output = outputOf('auto-retrain:metrics {"published_accuracy": 0.5}')
    const ofModel = { metrics: { accuracy: 0.75 }, unmeasured: [] }
    expect(finalMetrics(output, ofModel).metrics).toEqual({ accuracy: 0.75, published_accuracy: 0.5 })
  })
})
