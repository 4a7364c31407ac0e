import { expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { joinMeasured } from '../../../src/domain/metrics/measured.ts'
import { metricName } from '../../../src/domain/metrics/metric-name.ts'
import { readCardMetrics } from '../../../src/trainers/output/card-metrics.ts'
import { createRunOutput } from '../../../src/trainers/output/run-output.ts'

const outputOf = (...texts: readonly string[]) => {
  const output = createRunOutput({ onLine: () => undefined, hide: (text) => text })
  for (const text of texts) output.add(text)
  return output.metrics
}

/** Names as libraries and people write them, composed and decomposed. */
const name = fc
  .tuple(
    fc.constantFrom(
      'loss',
      'pr\u00e9cision',
      'pre\u0301cision',
      'ndcg@10',
      'mAP50(B)',
      'a/b:c',
      '\u7cbe\u5ea6 %',
    ),
    fc.constantFrom('', '_1', '+', ' x'),
  )
  .map(([begin, end]) => `eval_${begin}${end}`)

/** What programs write in place of a number. */
const unusable = fc.constantFrom(
  'nan',
  'NaN',
  '-nan',
  'inf',
  '-inf',
  'Infinity',
  '1e999',
  'None',
  'null',
  "'nan'",
  '"inf"',
  'np.float64(nan)',
  "tensor(inf, device='cuda:0')",
  "Decimal('NaN')",
  "'N/A'",
  '[0.1]',
  'True',
)
const number = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 })
const written = number.chain((value) =>
  fc.constantFrom(`${value}`, `'${value}'`, `np.float64(${value})`, `tensor(${value})`),
)
const lineEnd = fc.constantFrom('\n', '\r\n')
const before = fc.constantFrom(
  '',
  'INFO | 2026-01-01 - ',
  ' 10%|#  | 1/10\r',
  '\u001b[32m',
  "{'a': 1} ",
  "it's ",
)

const lineOf = (metric: string, value: string, epoch: number) =>
  `{'${metric}': ${value}, 'epoch': ${epoch}.0}`

test('Whatever a log writes in place of a number, no older number of the metric stands', () => {
  void fc.assert(
    fc.property(name, written, unusable, lineEnd, before, (metric, value, nothing, end, prefix) => {
      const key = metricName(metric) ?? ''
      const lines = [lineOf(metric, value, 1), `${prefix}${lineOf(metric, nothing, 2)}`]
      const { metrics, unmeasured } = outputOf(lines.join(end) + end).final()
      expect(metrics).toEqual({})
      expect(unmeasured).toMatchObject([{ name: key, epoch: 2 }])
      const again = outputOf([...lines, lineOf(metric.normalize('NFD'), '0.25', 3)].join(end)).final()
      expect(again).toEqual({ metrics: { [key]: 0.25 }, unmeasured: [] })
    }),
    { numRuns: 500 },
  )
})

test('Wherever the last line of a log is cut off, no older number of its metric stands for the new one', () => {
  void fc.assert(
    fc.property(name, number, fc.nat({ max: 200 }), (metric, value, length) => {
      const key = metricName(metric) ?? ''
      const whole = lineOf(metric, `${value}`, 2)
      const cut = whole.slice(0, Math.min(length, whole.length))
      const { metrics } = outputOf(lineOf(metric, '12345678', 1), cut).final()
      // Before the colon behind its name nothing says that it was measured again.
      const isNamed = cut.includes("':")
      if (!isNamed) expect(metrics).toEqual({ [key]: 12345678 })
      else if (cut.includes(',')) expect(metrics[key]).toBeCloseTo(value, 6)
      else expect(metrics).toEqual({})
    }),
    { numRuns: 500 },
  )
})

test("Whatever a card writes in place of a number, the log's older number does not stand", () => {
  void fc.assert(
    fc.property(
      name,
      number,
      fc.constantFrom('nan', 'NaN', 'inf', '-inf', '1e999', '.nan', 'None'),
      lineEnd,
      (metric, value, nothing, end) => {
        const key = metricName(metric) ?? ''
        const log = outputOf(lineOf(metric, `${value}`, 1)).final()
        const card = [
          '# Model',
          '',
          '## Validation Metrics',
          '',
          `${metric}: ${nothing}`,
          '',
          '## More',
        ].join(end)
        const { metrics, unmeasured } = joinMeasured(log, readCardMetrics(card))
        expect(metrics).toEqual({})
        expect(unmeasured).toMatchObject([{ name: key, epoch: null }])
      },
    ),
  )
})

test('Any text in a log or a card gives finite numbers under names that can be read again', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc
      .array(
        fc.constantFrom('{', '}', "'", '"', ':', ',', '\\', 'eval_a', 'epoch', '1', 'nan', '(', '[', ' '),
      )
      .map((parts) => parts.join('')),
  )
  void fc.assert(
    fc.property(fc.array(text, { maxLength: 5 }), (lines) => {
      const log = outputOf("{'eval_a': 1, 'epoch': 1}", ...lines).final()
      const card = readCardMetrics(`---\n${lines[0] ?? ''}\n---\n## Validation Metrics\n${lines.join('\n')}`)
      const { metrics, unmeasured } = joinMeasured(log, card)
      for (const [key, value] of Object.entries(metrics)) {
        expect(Number.isFinite(value)).toBe(true)
        expect(metricName(key)).toBe(key)
      }
      for (const each of unmeasured) expect(Object.hasOwn(metrics, each.name)).toBe(false)
    }),
    { numRuns: 500 },
  )
})
