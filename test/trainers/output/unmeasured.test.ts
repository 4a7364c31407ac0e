import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { joinMeasured, unmeasuredWarning } from '../../../src/domain/metrics/measured.ts'
import { readCardMetrics } from '../../../src/trainers/output/card-metrics.ts'
import { createMetricLog } from '../../../src/trainers/output/log-metrics.ts'

function logOf(...lines: readonly string[]) {
  const log = createMetricLog()
  for (const line of lines) log.add(line)
  return log
}
const measured = (...lines: readonly string[]) => logOf(...lines).final()

const before = "{'eval_loss': 0.41, 'eval_f1': 0.8, 'epoch': 1.0}"
const lost = (value: string, epoch: number | null = 2) => [{ name: 'eval_loss', value, epoch }]

describe('A later value that is no number takes the earlier number away', () => {
  test.each([
    ['nan of Python', "{'eval_loss': nan, 'epoch': 2.0}", 'nan'],
    ['NaN of JSON', '{"eval_loss": NaN, "epoch": 2.0}', 'nan'],
    ['nan as text', "{'eval_loss': 'nan', 'epoch': '2.0'}", 'nan'],
    ['nan of numpy', "{'eval_loss': np.float64(nan), 'epoch': 2.0}", 'nan'],
    ['nan of torch', "{'eval_loss': tensor(nan, device='cuda:0'), 'epoch': 2.0}", 'nan'],
    ['nan as a constant of numpy', "{'eval_loss': np.nan, 'epoch': 2.0}", 'nan'],
    ['nan as C prints it on Windows', "{'eval_loss': -1.#IND, 'epoch': 2.0}", 'nan'],
    [
      'nan of TensorFlow',
      "{'eval_loss': <tf.Tensor: shape=(), dtype=float32, numpy=nan>, 'epoch': 2.0}",
      'nan',
    ],
    ['inf', "{'eval_loss': inf, 'epoch': 2.0}", 'inf'],
    ['-inf', "{'eval_loss': -inf, 'epoch': 2.0}", '-inf'],
    ['Infinity of JSON', '{"eval_loss": Infinity, "epoch": 2}', 'inf'],
    ['a number that is too large', "{'eval_loss': 1e999, 'epoch': 2.0}", 'inf'],
    ['None', "{'eval_loss': None, 'epoch': 2.0}", 'none'],
    ['null', '{"eval_loss": null, "epoch": 2}', 'none'],
    ['an empty text', "{'eval_loss': '', 'epoch': 2.0}", 'none'],
    ['a word', "{'eval_loss': 'diverged', 'epoch': 2.0}", 'no number'],
    ['a list', "{'eval_loss': [0.1, 0.2], 'epoch': 2.0}", 'no number'],
    ['a percentage', "{'eval_loss': '41 %', 'epoch': 2.0}", 'no number'],
    [
      'nan beside a nested dictionary',
      "{'eval_loss': nan, 'eval_each': {0: 0.1, 1: nan}, 'epoch': 2.0}",
      'nan',
    ],
    ['nan before a progress bar', "{'eval_loss': nan, 'epoch': 2.0}  50%|##  | 1/2 [00:01<00:01]", 'nan'],
    ['nan behind another dictionary', "INFO {'a': 1} - {'eval_loss': nan, 'epoch': 2.0}", 'nan'],
  ])('%s', (_title, line, value) => {
    const { metrics, unmeasured } = measured(before, line)
    expect(metrics).toMatchObject({ eval_f1: 0.8 })
    expect(Object.keys(metrics)).not.toContain('eval_loss')
    expect(unmeasured.filter(({ name }) => name === 'eval_loss')).toEqual(lost(value))
  })

  test('also where the line has no epoch, or none that is a number', () => {
    expect(measured(before, "{'eval_loss': nan}").unmeasured).toEqual(lost('nan', 1))
    expect(measured(before, "{'eval_loss': 0.9, 'epoch': nan}").metrics.eval_loss).toBe(0.9)
    expect(measured("{'loss': 0.5, 'epoch': 1.0}", "{'loss': nan, 'epoch': nan}").metrics).toEqual({})
  })

  test.each([
    "{'eval_loss': 0.9",
    "{'eval_loss': ",
    "{'eval_loss': nan, 'eval_runtime': 1.2, 'ep",
    "{'eval_f1': 0.7, 'eval_loss': 'na",
    "{'eval_loss': nan, 'eval_each': {'a': 0.1}",
    "{'eval_loss': nan, 'eval_each': {'a': 0.1}, ",
    "{'eval_f1': 0.7, ",
    `{${Array.from({ length: 400 }, (_, label) => `'eval_f1_${label}': 0.5`).join(', ')}, 'eval`,
  ])('also where the line is cut off: %s', (line) => {
    expect(measured(before, line).metrics.eval_loss).toBeUndefined()
  })
})

test('A line that was cut off counts for nothing once the Trainer prints it again, whole', () => {
  const whole = "{'eval_f1': 0.7, 'eval_loss': 0.3, 'epoch': 2.0}"
  expect(measured(before, "{'eval_f1': 0.7, 'eval", whole)).toEqual({
    metrics: { eval_f1: 0.7, eval_loss: 0.3 },
    unmeasured: [],
  })
})

describe('A metric that is no number', () => {
  test('counts from the first epoch on at which it was none', () => {
    const nan = (epoch: number) => `{'eval_loss': nan, 'epoch': ${epoch}}`
    expect(measured(before, nan(2), nan(3), nan(4)).unmeasured).toEqual(lost('nan', 2))
  })

  test('is known as such when it never was a number', () => {
    expect(measured("{'eval_loss': nan, 'epoch': 1.0}")).toEqual({ metrics: {}, unmeasured: lost('nan', 1) })
  })

  test('counts again once a later line has a number', () => {
    const again = "{'eval_loss': 0.42, 'epoch': 2.0}"
    expect(measured(before, "{'eval_loss': nan, 'epoch': 2.0}", again)).toEqual({
      metrics: { eval_f1: 0.8, eval_loss: 0.42 },
      unmeasured: [],
    })
  })

  test('counts again when the best checkpoint measures exactly what it had measured', () => {
    const best = "{'eval_loss': 0.41, 'epoch': 2.0}"
    const { metrics } = measured(best, "{'eval_loss': nan, 'epoch': 2.0}", best)
    expect(metrics).toEqual({ eval_loss: 0.41 })
  })

  test('is not brought back by the second print of an older line, which a pipe held back', () => {
    const lines = [
      "{'eval_loss': 0.41234, 'epoch': 1.0}",
      "{'eval_loss': nan, 'epoch': 2.0}",
      "{'eval_loss': '0.4123', 'epoch': '1'}",
      "{'eval_loss': 'nan', 'epoch': '2'}",
    ]
    expect(measured(...lines).unmeasured).toEqual(lost('nan'))
    expect(measured(...lines.slice(0, 3)).unmeasured).toEqual(lost('nan'))
  })

  test('is a gap in the curve, at its epoch', () => {
    const { curve } = logOf(before, "{'eval_loss': nan, 'eval_f1': 0.5, 'epoch': 2.0}")
    expect(curve).toEqual([
      { epoch: 1, values: { eval_loss: 0.41, eval_f1: 0.8 } },
      { epoch: 2, values: { eval_f1: 0.5 }, gaps: ['eval_loss'] },
    ])
  })

  test('is no text that never was a number', () => {
    expect(measured("{'loss': 0.5, 'model': 'resnet', 'lr': None, 'epoch': 1.0}")).toEqual({
      metrics: { loss: 0.5 },
      unmeasured: [],
    })
  })

  test('takes one of the 200 names that are kept', () => {
    const names = Array.from({ length: 500 }, (_, n) => `'eval_${n}': nan`)
    expect(measured(`{${names.join(', ')}, 'epoch': 1}`).unmeasured).toHaveLength(200)
  })
})

/** Reported by others: a training whose loss is nan from the second epoch on passed for the best so far. */
test('A loss that is nan since the second epoch is not measured, and the rest is', () => {
  const log = readFileSync('test/cases/nan-second-epoch.log', 'utf8')
  const { metrics, unmeasured } = measured(...log.split('\n'))
  expect(metrics).toEqual({ eval_accuracy: 0.5, eval_f1_macro: 0.33, train_loss: 0.306 })
  expect(unmeasured).toEqual([
    { name: 'grad_norm', value: 'nan', epoch: 2 },
    { name: 'eval_loss', value: 'nan', epoch: 2 },
  ])
  expect(unmeasuredWarning(unmeasured, 'loss')).toBe(
    'eval_loss is nan since epoch 2, grad_norm is nan since epoch 2: not measured. ' +
      'The training itself gave no numbers at its end, so the model may be useless.',
  )
})

describe("The model's card", () => {
  const log = measured(before)
  const heading = '## Validation Metrics\n'
  const indexed = (value: string, type = 'loss') =>
    `---\nmodel-index:\n- name: m\n  results:\n  - metrics:\n    - type: ${type}\n      value: ${value}\n      name: Loss\n---\n# m\n`

  test.each([
    ['nan', `${heading}loss: nan\n\nf1: 0.8\n`, 'nan'],
    ['inf, in a list', `${heading}- loss: inf\n`, 'inf'],
    ['None', `${heading}loss: None\n`, 'none'],
    ['nan among Windows line ends', `${heading}\r\nloss: nan\r\n`, 'nan'],
    ['.nan in its model-index', indexed('.nan'), 'nan'],
    ['nan as text in its model-index', indexed('"NaN"'), 'nan'],
    ['.inf in its model-index', indexed('.inf'), 'inf'],
  ])('with %s takes the number of the log away', (_title, card, value) => {
    const { metrics, unmeasured } = joinMeasured(log, readCardMetrics(card))
    expect(metrics).toEqual({ eval_f1: 0.8 })
    expect(unmeasured).toEqual(lost(value, null))
  })

  test('with a number counts where the log ended in nan: it is of the best checkpoint', () => {
    const nan = measured(before, "{'eval_loss': nan, 'epoch': 2.0}")
    expect(joinMeasured(nan, readCardMetrics(`${heading}loss: 0.41\n`))).toEqual({
      metrics: { eval_f1: 0.8, eval_loss: 0.41 },
      unmeasured: [],
    })
  })

  test('gives no number of its model-index, which may come from another model', () => {
    expect(readCardMetrics(indexed('0.1'))).toEqual({ metrics: {}, unmeasured: [] })
    expect(joinMeasured(log, readCardMetrics(indexed('0.1'))).metrics.eval_loss).toBe(0.41)
  })

  test('names metrics as the log does', () => {
    expect(readCardMetrics(`${heading}pre\u0301cision@10: 8.2E-01\n\nb:c: 1_000\n`).metrics).toEqual({
      'eval_pr\u00e9cision@10': 0.82,
      'eval_b:c': 1000,
    })
  })

  test('has prose below the heading that is no metric', () => {
    expect(readCardMetrics(`${heading}Measured on: the test split\n\nNote:\n`)).toEqual({
      metrics: {},
      unmeasured: [],
    })
  })
})

test('A name in a log is read as JSON writes it, and nested ones are joined', () => {
  expect(measured('{"eval": {"pr\\u00e9cision": 0.5, "f1": {"macro": 0.4}}, "epoch": 1}').metrics).toEqual({
    'eval_pr\u00e9cision': 0.5,
    eval_f1_macro: 0.4,
  })
})
