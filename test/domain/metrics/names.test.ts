import { describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { readCompareMetric } from '../../../src/domain/metrics/compare-metric.ts'
import { metricName } from '../../../src/domain/metrics/metric-name.ts'

describe('The name of a metric', () => {
  test.each([
    'eval_cosine_ndcg@10',
    'metrics/mAP50-95(B)',
    'val/AR@100',
    'timing(s)/gen',
    'tokens/s:mean',
    '% correct + partial',
    'a=b',
    "eval_l'accord",
    'pr\u00e9cision',
    '\u7cbe\u5ea6',
  ])('may be %s', (name) => {
    expect(metricName(name)).toBe(name)
  })

  test('has composed accents and no spaces around it', () => {
    expect(metricName(' pre\u0301cision\u00a0globale ')).toBe('pr\u00e9cision globale')
  })

  test.each(['', ' ', '"', '{x}', 'a\\b', 'a\nb', 'a\u0000', 'a\u202eb', '__proto__', 'x'.repeat(101)])(
    'cannot be %j',
    (text) => {
      expect(metricName(text)).toBeNull()
    },
  )

  test('that is a name stays the same when it is read again', () => {
    void fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 120 }), (text) => {
        const name = metricName(text)
        if (name !== null) expect(metricName(name)).toBe(name)
      }),
    )
  })
})

describe('compare-metric', () => {
  test.each([
    ['eval_accuracy', { name: 'eval_accuracy', direction: 'max' }],
    ['eval_wer:max', { name: 'eval_wer', direction: 'max' }],
    ['a:b:min', { name: 'a:b', direction: 'min' }],
    ['a:min:max', { name: 'a:min', direction: 'max' }],
    ['val/AR@100', { name: 'val/AR@100', direction: null }],
    ['eval_pre\u0301cision:max', { name: 'eval_pr\u00e9cision', direction: 'max' }],
  ])('%s is read', (text, meaning) => {
    expect(readCompareMetric(text)).toEqual(meaning)
  })

  test.each(['', ':max', 'f1:', 'f1::max', 'f1:maximum', 'f1:MIN', 'f1:higher', 'f1 {x}:max'])(
    '%s is not taken for a name',
    (text) => {
      expect(readCompareMetric(text)).toBeNull()
    },
  )
})
