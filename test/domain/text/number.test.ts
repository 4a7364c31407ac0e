import { expect, test } from '@jest/globals'
import { readNumber } from '../../../src/domain/text/number.ts'

test.each([
  ['24', 24],
  ['24.0', 24],
  ['+5', 5],
  ['-0.5', -0.5],
  ['.5', 0.5],
  ['5.', 5],
  ['1e5', 1e5],
  ['8.2E-01', 0.82],
  ['1_000', 1000],
  [' 7 ', 7],
  ['"0.5"', 0.5],
  ["'1e-3'", 0.001],
  ['np.float64(0.5)', 0.5],
  ['numpy.float32(5e-05)', 5e-5],
  ['tensor(0.5)', 0.5],
  ["tensor(0.5, device='cuda:0', dtype=torch.float16)", 0.5],
  ['array(0.5, dtype=float32)', 0.5],
  ["Decimal('0.5')", 0.5],
  ['<tf.Tensor: shape=(), dtype=float32, numpy=0.5>', 0.5],
  ['nan', Number.NaN],
  ['NaN', Number.NaN],
  ['-nan', Number.NaN],
  ['.nan', Number.NaN],
  ['np.nan', Number.NaN],
  ['-nan(ind)', Number.NaN],
  ['-1.#IND', Number.NaN],
  ['1.#QNAN0', Number.NaN],
  ['1.#INF', Number.POSITIVE_INFINITY],
  ['-math.inf', Number.NEGATIVE_INFINITY],
  ['np.float64(nan)', Number.NaN],
  ["tensor(nan, device='cuda:0')", Number.NaN],
  ['inf', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
  ['-.inf', Number.NEGATIVE_INFINITY],
  ['1e999', Number.POSITIVE_INFINITY],
  ['-1e999', Number.NEGATIVE_INFINITY],
])('%s is a number', (text, number) => {
  expect(readNumber(text)).toBe(number)
})

test.each([
  '',
  '.',
  '-',
  'e5',
  '1,5',
  '1 000',
  '1__0',
  '_1',
  '1_',
  '1_.5',
  '0x10',
  '12 %',
  '5 USD',
  'None',
  'True',
  'N/A',
  'tensor([0.5])',
  'tensor([0.1, 0.2])',
  'Fraction(1, 2)',
  'array(0.5, 0.6)',
  'range(5)',
  'tensor(0.5',
  "'0.5",
])('%j is no number', (text) => {
  expect(readNumber(text)).toBeNull()
})

test('A text of any length is read in a moment', () => {
  const started = performance.now()
  for (const part of ['1', '1_', '9.', 'tensor(', ' ', '+', "'"]) readNumber(part.repeat(300_000))
  for (const part of ['1', '1_', 'a.', ' ', ',']) readNumber(`tensor(${part.repeat(490)}`)
  expect(performance.now() - started).toBeLessThan(4_000)
})
