import { describe, expect, test } from '@jest/globals'
import type { Recipe } from '../../../../src/domain/recipe.ts'
import type { Validation } from '../../../../src/trainers/autotrain/layout/layout.ts'
import { measureCheck } from '../../../../src/trainers/autotrain/params/measure.ts'
import { recipe } from '../../order.ts'

const look = (validation: Validation, change: Partial<Recipe>) =>
  measureCheck({ recipe: recipe(change), source: { validation } })

describe('compare-metric', () => {
  test('is refused where nothing is measured.', () => {
    expect(look('none', { compareMetric: 'eval_accuracy' })).toMatchObject({
      title: 'Compare eval_accuracy',
      found: 'nothing is measured',
      verdict: 'refused',
      advice: expect.stringMatching(
        /^compare-metric: eval_accuracy would never be measured.*set valid-split/,
      ),
    })
  })

  test('is a warning there with an image that may differ.', () => {
    const check = look('none', { compareMetric: 'eval_f1:max', image: 'acme/autotrain' })
    expect(check).toMatchObject({ verdict: 'warned', advice: expect.stringMatching(/eval_f1 would never/) })
  })

  test('is a warning where each change gives another random part of the data.', () => {
    expect(look('fifth', { compareMetric: 'eval_loss' })).toMatchObject({
      found: 'a random fifth of train',
      verdict: 'warned',
      advice: expect.stringMatching(/compared on another random part of the data.*set valid-split/),
    })
  })

  test.each<[Validation, string, string | null]>([
    ['split', 'eval_accuracy', 'test'],
    ['none', 'train_loss', null],
    ['fifth', 'train_loss:min', null],
  ])('passes with %s and %s.', (validation, compareMetric, validSplit) => {
    expect(look(validation, { compareMetric, validSplit })).toMatchObject({ verdict: 'passed', advice: null })
  })

  test.each(['job', 'command'] as const)('is not known of the script of the trainer %s.', (trainer) => {
    expect(look('none', { compareMetric: 'f1', trainer })).toMatchObject({ verdict: 'unknown', advice: null })
  })
})

test.each<[Validation, string]>([
  ['split', 'the split test'],
  ['fifth', 'a random fifth of train'],
  ['none', 'nothing is measured'],
])('Without it, validation on %s is a fact.', (validation, found) => {
  const validSplit = validation === 'split' ? 'test' : null
  expect(look(validation, { validSplit })).toMatchObject({ title: 'Validation', found, verdict: 'passed' })
})
