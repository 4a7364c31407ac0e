import { describe, expect, test } from '@jest/globals'
import type { MetricPoint } from '../../../src/domain/training.ts'
import { readCardMetrics } from '../../../src/trainers/output/card-metrics.ts'
import { createRunOutput } from '../../../src/trainers/output/run-output.ts'
import { recordedLog } from '../../recorded-logs/recorded-logs.ts'

/** What the lines with an exact epoch say, read without the product: AutoTrain's own logger prints each once. */
function loggedBy(log: string, names: readonly string[]) {
  const during = log.slice(0, log.indexOf('train_runtime'))
  return [...during.matchAll(/on_log:\d+ - (\{.*\})$/gm)].flatMap(([, dictionary = '']) => {
    const values: Record<string, number> = JSON.parse(dictionary.replaceAll("'", '"'))
    const shown = Object.entries(values).filter(([name]) => names.includes(name))
    return shown.map(([name, value]) => ({ epoch: values.epoch, name, value }))
  })
}

const drawn = (curve: readonly MetricPoint[], names: readonly string[]) =>
  curve.flatMap(({ epoch, values }) =>
    Object.entries(values)
      .filter(([name]) => names.includes(name))
      .map(([name, value]) => ({ epoch, name, value })),
  )

const collect = (log: string) => {
  const output = createRunOutput({ onLine: () => undefined, hide: (text) => text })
  output.add(log)
  return output
}

describe.each([
  ['image-success.log', 18],
  ['image-success.merged-stderr.log', 18],
  ['text-success.log', 18],
  ['image-failure-killed-while-pushing.log', 6],
])('The curve of the recorded training %s', (name, count) => {
  const log = recordedLog(name)
  const { metrics } = collect(log)

  test('has one point for each step, in order', () => {
    const epochs = metrics.curve.map(({ epoch }) => epoch)
    expect(epochs).toHaveLength(count)
    expect(epochs).toEqual([...new Set(epochs)].toSorted((a, b) => a - b))
  })

  test.each(['loss', 'eval_loss', 'eval_accuracy'])('has every %s that the training logged', (metric) => {
    const logged = loggedBy(log, [metric])
    expect(logged.length).toBeGreaterThan(0)
    expect(drawn(metrics.curve, [metric])).toEqual(logged)
  })
})

test('The curve of a model that got worse ends with its last epoch, although its best checkpoint is evaluated once more', () => {
  const { metrics } = collect(recordedLog('image-success.log'))
  const evaluations = drawn(metrics.curve, ['eval_loss'])
  expect(evaluations.map(({ value }) => Number(value.toFixed(4)))).toEqual([1.0394, 1.1082, 1.1195])
  expect(metrics.final().metrics).toMatchObject({
    eval_loss: 1.0393544435501099,
    train_loss: 1.0709175301922693,
  })
})

test('The metrics of the recorded card equal the last evaluation in its log', () => {
  const card = readCardMetrics(recordedLog('image-success.README.md')).metrics
  const {
    train_loss: _loss,
    eval_samples: _samples,
    ...evaluated
  } = collect(recordedLog('image-success.log')).metrics.final().metrics
  expect(Object.keys(card)).toHaveLength(11)
  expect(card).toEqual(evaluated)
})

test('A run is never reported to be behind the epoch that it has reached', () => {
  const reached: (number | null)[] = []
  const output = createRunOutput({
    onLine: () => undefined,
    hide: (text) => text,
    onMetrics: () => reached.push(output.metrics.epoch),
  })
  output.add(recordedLog('image-success.log'))
  expect(reached).toEqual(reached.toSorted((a, b) => (a ?? 0) - (b ?? 0)))
})
