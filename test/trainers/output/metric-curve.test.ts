import { describe, expect, test } from '@jest/globals'
import { createMetricLog } from '../../../src/trainers/output/log-metrics.ts'

/** The curve of a log, without its prototypes. */
const curveOf = (...lines: string[]) => {
  const log = createMetricLog()
  for (const line of lines) log.add(line)
  return log.curve.map(({ epoch, values }) => ({ epoch, ...values }))
}

describe('A line counts once', () => {
  test.each([
    ['when it is printed twice', ["{'loss': 0.5, 'epoch': 1.0}", "{'loss': 0.5, 'epoch': 1.0}"]],
    [
      'when it is printed with a rounded epoch too',
      ["{'loss': 0.5, 'epoch': 0.16666666666666666}", "{'loss': 0.5, 'epoch': 0.17}"],
    ],
    [
      'when the rounded epoch is printed first',
      ["{'loss': 0.5, 'epoch': 0.17}", "{'loss': 0.5, 'epoch': 0.16666666666666666}"],
    ],
    ['when its epoch is a half', ["{'loss': 0.5, 'epoch': 0.125}", "{'loss': 0.5, 'epoch': 0.12}"]],
    [
      'when transformers 5 rounds all its numbers and prints them as text',
      [
        "{'loss': 1.07834, 'grad_norm': 1.2041273, 'epoch': 123.41666}",
        "{'loss': '1.078', 'grad_norm': '1.204', 'epoch': '123.4'}",
      ],
    ],
    [
      'when a pipe holds the second one back',
      [
        "{'loss': 0.5, 'epoch': 0.1666}",
        "{'loss': 0.4, 'epoch': 0.3333}",
        "{'loss': 0.5, 'epoch': 0.17}",
        "{'loss': 0.4, 'epoch': 0.33}",
      ],
    ],
  ])('%s', (_title, lines) => {
    const epochs = curveOf(...lines).map(({ epoch }) => epoch)
    expect(new Set(epochs.map((epoch) => epoch.toFixed(1))).size).toBe(epochs.length)
    expect(epochs).toEqual(epochs.toSorted((a, b) => a - b))
  })
})

test('What only the second print of a line has is not lost', () => {
  expect(curveOf("{'loss': 0.5, 'epoch': 0.16666}", "{'loss': 0.5, 'reward': 2, 'epoch': 0.17}")).toEqual([
    { epoch: 0.16666, loss: 0.5, reward: 2 },
  ])
})

test('Two steps with other numbers at nearly the same epoch are two points', () => {
  expect(curveOf("{'loss': 0.5, 'epoch': 1.0}", "{'loss': 0.4, 'epoch': 1.004}")).toHaveLength(2)
})

describe('What is measured after the end of the training', () => {
  const training = [
    "{'loss': 0.7, 'learning_rate': 0.1, 'epoch': 1.0}",
    "{'eval_loss': 0.4, 'epoch': 1.0}",
    "{'loss': 0.6, 'learning_rate': 0.1, 'epoch': 2.0}",
    "{'eval_loss': 0.9, 'epoch': 2.0}",
  ]
  const curve = [
    { epoch: 1, loss: 0.7, learning_rate: 0.1, eval_loss: 0.4 },
    { epoch: 2, loss: 0.6, learning_rate: 0.1, eval_loss: 0.9 },
  ]

  test.each([
    ['its own summary', "{'train_runtime': 9, 'train_loss': 0.65, 'epoch': 2.0}"],
    ['the line of AutoTrain', 'INFO | now | __main__:train:211 - Finished training, saving model...'],
  ])('is no point of the curve, when the end is shown by %s', (_title, end) => {
    expect(curveOf(...training, end, "{'eval_loss': 0.4, 'epoch': 2.0}")).toEqual(curve)
    expect(curveOf(...training, end, "{'eval_loss': 0.4, 'test_f1': 1, 'epoch': 3.0}")).toEqual(curve)
    expect(curveOf(...training, end, "{'eval_loss': 0.4}")).toEqual(curve)
    expect(curveOf(...training, end, '{"loss": 0.4, "accuracy": 0.9, "epoch": 2}')).toEqual(curve)
  })

  test('is no point of the curve, when nothing shows the end', () => {
    expect(curveOf(...training, "{'eval_loss': 0.4, 'epoch': 2.0}")).toEqual(curve)
  })

  test('counts among the final metrics', () => {
    const log = createMetricLog()
    for (const line of [...training, "{'train_runtime': 9, 'train_loss': 0.65, 'epoch': 2.0}"]) log.add(line)
    log.add("{'eval_loss': 0.4, 'epoch': 2.0}")
    expect(log.final().metrics).toEqual({ eval_loss: 0.4, train_loss: 0.65 })
  })

  test('is the curve of the next training, when one follows', () => {
    const next = curveOf(
      ...training,
      "{'train_runtime': 9, 'train_loss': 0.65, 'epoch': 2.0}",
      "{'loss': 0.3, 'learning_rate': 0.1, 'epoch': 1.0}",
      "{'eval_loss': 0.2, 'epoch': 1.0}",
    )
    expect(next).toEqual([{ epoch: 1, loss: 0.3, learning_rate: 0.1, eval_loss: 0.2 }])
  })
})

test('A training that starts again from a checkpoint draws the epochs that it repeats once', () => {
  const lines = [0.25, 0.5, 0.75, 0.5, 0.75, 1].map(
    (epoch, index) => `{"loss": ${9 - index}, "epoch": ${epoch}}`,
  )
  expect(curveOf(...lines)).toEqual([
    { epoch: 0.25, loss: 9 },
    { epoch: 0.5, loss: 6 },
    { epoch: 0.75, loss: 5 },
    { epoch: 1, loss: 4 },
  ])
})

test('An evaluation that is printed late stands at its own epoch', () => {
  expect(
    curveOf("{'loss': 2, 'epoch': 1}", "{'loss': 1, 'epoch': 1.5}", "{'eval_loss': 3, 'epoch': 1.25}"),
  ).toEqual([
    { epoch: 1, loss: 2 },
    { epoch: 1.25, eval_loss: 3 },
    { epoch: 1.5, loss: 1 },
  ])
})

test('A long curve that is thinned keeps its few evaluations', () => {
  const log = createMetricLog()
  for (let step = 1; step <= 5000; step++) {
    log.add(`{"epoch": ${step}, "loss": ${5000 - step}}`)
    if (step % 500 === 1) log.add(`{"epoch": ${step}.5, "eval_loss": ${step}}`)
  }
  expect(log.curve.length).toBeLessThanOrEqual(1000)
  expect(log.curve.filter(({ values }) => values.eval_loss !== undefined)).toHaveLength(10)
})

test.each([
  'train_samples_per_second',
  'eval_runtime',
  'eval_num_tokens',
  'num_input_tokens_seen',
  'eval_model_preparation_time',
  'total_flos',
  'global_step',
])('%s is a speed or a counter, and no metric', (name) => {
  const log = createMetricLog()
  log.add(`{'loss': 0.5, '${name}': 12, 'epoch': 1.0}`)
  expect(log.final().metrics).toEqual({ loss: 0.5 })
})

test('The numbers of transformers 5, which are text, make the curve', () => {
  expect(
    curveOf(
      "{'loss': '1.078', 'grad_norm': '1.204', 'learning_rate': '0.0005', 'epoch': '0.1667'}",
      "{'eval_loss': '1.039', 'eval_accuracy': '0.5', 'eval_runtime': '0.01', 'epoch': '1'}",
      "{'train_runtime': '1.2', 'train_loss': '1.071', 'epoch': '1'}",
      "{'eval_loss': '0.9', 'epoch': '1'}",
    ),
  ).toEqual([
    { epoch: 0.1667, loss: 1.078, grad_norm: 1.204, learning_rate: 0.0005 },
    { epoch: 1, eval_loss: 1.039, eval_accuracy: 0.5 },
  ])
})
