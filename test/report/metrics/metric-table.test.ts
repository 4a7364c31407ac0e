import { expect, test } from '@jest/globals'
import { metricTables } from '../../../src/report/metrics/metric-table.ts'
import { endWith, pastRun, recipeWith } from '../outcomes.ts'

type Values = Record<string, number>

const tablesOf = (metrics: Values, before: Values | null, keys = {}) =>
  metricTables(
    {
      end: endWith({ metrics }),
      baseline: before === null ? null : pastRun(1, { metrics: before }),
      recipe: recipeWith(keys),
    },
    { foldsSpeed: false },
  )

const rowsOf = (metrics: Values, before: Values | null, keys = {}) =>
  tablesOf(metrics, before, keys).join('\n').split('\n').slice(2)

test('Metrics with one value share a row that names them together', () => {
  const score = { eval_accuracy: 0.75, eval_f1_micro: 0.75, eval_recall_weighted: 0.75 }
  const before = { eval_accuracy: 0.5, eval_f1_micro: 0.5, eval_recall_weighted: 0.5 }
  expect(rowsOf({ ...score, eval_f1_macro: 0.7 }, { ...before, eval_f1_macro: 0.7 })).toEqual([
    '| `eval_accuracy`, `eval_f1_micro`, `eval_recall_weighted` | **0.7500** (🟢 +0.2500, was 0.5000) |',
    '| `eval_f1_macro` | 0.7000 (±0, was 0.7000) |',
  ])
})

test.each([
  ['differed before', { eval_accuracy: 0.5, eval_f1: 0.4 }],
  ['were not all measured before', { eval_accuracy: 0.5 }],
])('Metrics that are equal now but %s have rows of their own', (_why, before) => {
  expect(rowsOf({ eval_accuracy: 0.75, eval_f1: 0.75 }, before)).toHaveLength(2)
})

test('An accuracy and a loss that happen to be equal have rows of their own', () => {
  expect(rowsOf({ eval_accuracy: 0.5, eval_loss: 0.5 }, null)).toEqual([
    '| `eval_accuracy` | 0.5000 |',
    '| `eval_loss` | 0.5000 |',
  ])
})

test.each(['eval_answer', 'logps_chosen', 'rewards/rejected', 'eval_samples_seen'])(
  'The metric %s, of which nobody knows which way is better, is neither green nor red nor bold',
  (name) => {
    for (const [now, then] of [
      [2, 1],
      [1, 2],
    ] as const) {
      expect(rowsOf({ [name]: now }, { [name]: then }).join()).not.toMatch(/🟢|🔴|\*\*/)
    }
  },
)

test('The direction that compare-metric gives decides the colour of its metric', () => {
  const rows = (compare_metric: string) => rowsOf({ eval_x: 2 }, { eval_x: 1 }, { compare_metric }).join()
  expect(rows('x:max')).toContain('🟢')
  expect(rows('eval_x:min')).toContain('🔴')
  expect(rows('eval_y:min')).not.toMatch(/🟢|🔴/)
})

test('The table says on how many validation examples the metrics were measured, where the run says it', () => {
  expect(tablesOf({ eval_accuracy: 0.5, eval_samples: 1200 }, null)[0]).toBe(
    'Measured on 1,200 validation examples.',
  )
  expect(tablesOf({ eval_accuracy: 0.5, eval_samples: 1 }, null)[0]).toBe('Measured on 1 validation example.')
  expect(tablesOf({ eval_accuracy: 0.5, eval_samples: 0.5 }, null)).toHaveLength(1)
})

test('A metric whose last value is no number has a row that says so, with the value of the last success', () => {
  const [table = ''] = metricTables(
    {
      end: endWith({
        metrics: { eval_f1: 0.5 },
        unmeasured: [
          { name: 'eval_loss', value: 'nan', epoch: 2 },
          { name: 'grad_norm', value: 'nan', epoch: 2 },
        ],
      }),
      baseline: pastRun(1, {
        metrics: { eval_loss: 0.52 },
        unmeasured: [{ name: 'eval_f1', value: 'inf', epoch: 1 }],
      }),
      recipe: recipeWith(),
    },
    { foldsSpeed: false },
  )
  expect(table.split('\n').slice(2)).toEqual([
    '| `eval_f1` | 0.5000 (not measured before) |',
    '| `eval_loss` | ⚠️ not measured: is nan since epoch 2 (was 0.5200) |',
  ])
})

test('A run that measured nothing but nan has a table all the same', () => {
  const end = endWith({ metrics: {}, unmeasured: [{ name: 'eval_loss', value: 'nan', epoch: null }] })
  const parts = metricTables({ end, baseline: null, recipe: recipeWith() }, { foldsSpeed: false })
  expect(parts.join()).toContain('| `eval_loss` | ⚠️ not measured: is nan |')
})
