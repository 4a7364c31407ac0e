import { describe, expect, test } from '@jest/globals'
import { joinMeasured } from '../../../src/domain/metrics/measured.ts'
import { readCardMetrics } from '../../../src/trainers/output/card-metrics.ts'
import { createMetricLog } from '../../../src/trainers/output/log-metrics.ts'
import { readMetrics } from '../../../src/trainers/output/metrics/metric-line.ts'
import { createRunOutput, ranOutOfMemory, warningsOf } from '../../../src/trainers/output/run-output.ts'
import { recipe } from '../order.ts'

describe('A log line', () => {
  test.each([
    [
      'of the Trainer is read',
      "{'loss': 0.69, 'learning_rate': 5e-05, 'epoch': 0.5}",
      { epoch: 0.5, values: { loss: 0.69, learning_rate: 5e-5 } },
    ],
    [
      'of AutoTrain’s logger is read',
      "INFO     | 2026-01-01 00:00:00 | autotrain.trainers.common:on_log:367 - {'loss': 1.0, 'epoch': 1.0}",
      { epoch: 1, values: { loss: 1 } },
    ],
    [
      'with nan, inf and None is read, and these values are no numbers',
      "{'loss': nan, 'a': inf, 'b': -inf, 'c': None, 'd': 2, 'epoch': 1}",
      { epoch: 1, values: { loss: 'nan', a: 'inf', b: '-inf', c: 'none', d: 2 } },
    ],
    [
      'with numpy numbers is read',
      "{'f1': np.float64(0.5), 'epoch': 1.0}",
      { epoch: 1, values: { f1: 0.5 } },
    ],
    ['in JSON is read', '{"epoch": 2, "eval_accuracy": 0.9}', { epoch: 2, values: { eval_accuracy: 0.9 } }],
    ['with numbers as strings is read', "{'loss': '0.5', 'epoch': '1'}", { epoch: 1, values: { loss: 0.5 } }],
    ['with an epoch that is not a number has no metrics', "{'loss': 0.5, 'epoch': nan}", null],
    ['with settings has no metrics', "{'lr': 5e-05, 'epochs': 3, 'eval_strategy': 'epoch'}", null],
    ['with an evaluation before any epoch has no metrics', "{'eval_loss': 0.5}", null],
    ['of plain text has no metrics', 'epoch 1: loss 0.5', null],
  ])('%s', (_title, line, point) => {
    const found = readMetrics(line)
    expect(found && { epoch: found.epoch, values: { ...found.values } }).toEqual(point)
  })

  test('with hostile content is read quickly and changes no prototype', () => {
    expect(readMetrics(`{'__proto__': 1, 'epoch': 1}`)?.epoch).toBe(1)
    expect(Object.hasOwn(Object.prototype, 'epoch')).toBe(false)
    expect(readMetrics(`{${"'a': ".repeat(100_000)}`)).toBeNull()
    expect(readMetrics(`{${"'a': ".repeat(1600)}'epoch': 1}`)).toBeNull()
    expect(readMetrics(`{${"'a': {'b': 1}, ".repeat(600)}'epoch': 1}`)?.epoch).toBe(1)
    expect(readMetrics(`${"{'a': 1 ".repeat(1200)}`)).toBeNull()
  })
})

test('An evaluation without an epoch belongs to the last epoch', () => {
  const log = createMetricLog()
  log.add("{'loss': 0.7, 'epoch': 1.0}")
  expect(log.add("{'eval_loss': 0.5, 'eval_runtime': 0.1}")).toBe(true)
  expect(log.curve).toEqual([{ epoch: 1, values: { loss: 0.7, eval_loss: 0.5 } }])
})

test('The final metrics have the mean loss, without the loss of the last step and without speeds', () => {
  const log = createMetricLog()
  log.add("{'loss': 0.1, 'grad_norm': 1.0, 'learning_rate': 1e-05, 'epoch': 1.0}")
  log.add("{'train_runtime': 9.1, 'train_samples_per_second': 3.0, 'train_loss': 0.6, 'epoch': 1.0}")
  expect(log.final()).toEqual({ metrics: { train_loss: 0.6 }, unmeasured: [] })
})

test('A curve with very many points is thinned and keeps its last point', () => {
  const log = createMetricLog()
  for (let epoch = 1; epoch <= 5000; epoch++) log.add(`{"epoch": ${epoch}, "loss": 1}`)
  expect(log.curve.length).toBeLessThanOrEqual(1001)
  expect(log.curve.at(-1)?.epoch).toBe(5000)
})

test('A log with very many names of metrics keeps 200 of them', () => {
  const log = createMetricLog()
  for (let index = 0; index < 20_000; index++) log.add(`{"epoch": 1, "loss": ${index}, "eval_${index}": 1}`)
  expect(Object.keys(log.final().metrics)).toHaveLength(200)
  expect(log.final().metrics.loss).toBe(19_999)
  expect(log.curve).toHaveLength(1)
  expect(Object.keys(log.curve[0]?.values ?? {})).toHaveLength(200)
  const card = Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`card_${index}`, 1]))
  expect(Object.keys(joinMeasured(log.final(), { metrics: card, unmeasured: [] }).metrics)).toHaveLength(200)
})

test('The metrics of a card replace those of the log', () => {
  const log = { metrics: { eval_loss: 0.5, train_loss: 0.4 }, unmeasured: [] }
  expect(joinMeasured(log, { metrics: { eval_loss: 0.45 }, unmeasured: [] })).toEqual({
    metrics: { eval_loss: 0.45, train_loss: 0.4 },
    unmeasured: [],
  })
})

test('The speeds in a card are no metrics', () => {
  const card =
    '## Validation Metrics\nloss: 0.4\n\nruntime: 0.0094\n\nsamples_per_second: 640.9\n\nsteps_per_second: 106.8\n\n: 3.0\n'
  expect(readCardMetrics(card)).toEqual({ metrics: { eval_loss: 0.4 }, unmeasured: [] })
})

test('The metrics in the card of AutoTrain are read among other sections', () => {
  const card = `\n---\ntags:\n- autotrain\n---\n\n# Model\n\n## Validation Metrics\nloss: 0.4\n\naccuracy: 0.9\n\nf1_macro: nan\n\n## More\nother: 1\n`
  expect(readCardMetrics(card)).toEqual({
    metrics: { eval_loss: 0.4, eval_accuracy: 0.9 },
    unmeasured: [{ name: 'eval_f1_macro', value: 'nan', epoch: null }],
  })
  const none = { metrics: {}, unmeasured: [] }
  expect(readCardMetrics('## Validation Metrics\n\nNo validation metrics available\n')).toEqual(none)
  expect(readCardMetrics('# Another model\nloss: 1')).toEqual(none)
})

describe('The output of a run', () => {
  const collect = () => {
    const lines: string[] = []
    const output = createRunOutput({
      onLine: (line) => lines.push(line),
      hide: (text) => text.replaceAll('s3cret', '***'),
    })
    return { lines, output }
  }

  test('has no colours, no earlier states of progress bars, and no token split by colours', () => {
    const { lines, output } = collect()
    output.add('\u001B[32mgreen\u001B[0m\n 10%\r 20%\r')
    output.add('s3\u001B[1mcret')
    expect(lines).toEqual(['green', ' 20%', '***'])
  })

  test('keeps only its last lines', () => {
    const { output } = collect()
    for (let line = 0; line < 1000; line++) output.add(`${line}`)
    expect(output.tail).toHaveLength(200)
    expect(output.tail.at(-1)).toBe('999')
  })

  test('says which parameters of the recipe AutoTrain dropped, and no others', () => {
    const { output } = collect()
    output.add(
      'WARNING  | 2026-11-26 03:21:48 | autotrain.trainers.common:__init__:286 - Parameters supplied but not used: own, leaning_rate',
    )
    expect(warningsOf(output, recipe({ params: { leaning_rate: 3, epochs: 1 } }))).toEqual([
      'params: AutoTrain does not know leaning_rate and trained without it: correct or remove it.',
    ])
    expect(warningsOf(output, recipe({ params: { epochs: 1 } }))).toEqual([])
  })

  test.each([
    'traceback : Signal 9 (SIGKILL) received by PID 12',
    'failed (exitcode: -9) local_rank: 0 (pid: 12) of binary: python',
    'RuntimeError: DataLoader worker (pid 33) is killed by signal: Killed.',
    'train.sh: line 3: 12 Killed python train.py',
    'XlaRuntimeError: RESOURCE_EXHAUSTED: Out of memory while trying to allocate 1 byte',
  ])('says that memory ran out, as the report does: %s', (line) => {
    const { output } = collect()
    output.add(`Starting\n${line}`)
    expect(ranOutOfMemory(output)).toBe(true)
  })

  test('says nothing of memory where a launcher killed the other processes of one that failed', () => {
    const { output } = collect()
    output.add('Traceback (most recent call last):\n  File "t.py"\nValueError: no\n')
    output.add('Unable to shutdown process 12 via Signals.SIGTERM, forcefully exiting via Signals.SIGKILL')
    expect(ranOutOfMemory(output)).toBe(false)
  })

  test('gives its last error', () => {
    const { output } = collect()
    expect(output.lastError()).toBeNull()
    output.add('Traceback (most recent call last):\ntorch.OutOfMemoryError: CUDA out of memory\nbye')
    expect(output.lastError()).toBe('torch.OutOfMemoryError: CUDA out of memory')
  })
})
