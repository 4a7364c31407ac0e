import { expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { withEvaluationSize } from '../../../src/trainers/output/evaluation-size.ts'
import { createMetricLog } from '../../../src/trainers/output/log-metrics.ts'

const round = (value: number, digits: number) => Number(value.toFixed(digits))

test('The number of validation examples follows from the time and the speed, as the Trainer rounds them', () => {
  void fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 50_000 }),
      fc.double({ min: 0.01, max: 900, noNaN: true }),
      (count, seconds) => {
        const values = {
          eval_runtime: round(seconds, 4),
          eval_samples_per_second: round(count / seconds, 3),
        }
        const found = withEvaluationSize(values).eval_samples
        expect([count, undefined]).toContain(found)
        if (seconds > 60) expect(found).toBe(count)
      },
    ),
  )
})

test.each([
  ['it took no time that shows', { eval_runtime: 0.0002, eval_samples_per_second: 60_000.123 }],
  ['time and speed are not of the same evaluation', { eval_runtime: 10, eval_samples_per_second: 1.05 }],
  ['only one of the two is there', { eval_runtime: 10 }],
])('The number of validation examples is not guessed where %s', (_why, values) => {
  expect(withEvaluationSize(values)).toEqual(values)
})

test('A number of examples that the log has itself stays', () => {
  const values = { eval_samples: 7, eval_runtime: 10, eval_samples_per_second: 1 }
  expect(withEvaluationSize(values)).toEqual(values)
})

test("A training's metrics have the number of examples beside what was measured on them", () => {
  const log = createMetricLog()
  log.add("{'eval_loss': 1.04, 'eval_runtime': 0.0458, 'eval_samples_per_second': 262.097, 'epoch': 3.0}")
  expect(log.final().metrics).toEqual({ eval_loss: 1.04, eval_samples: 12 })
})
