import { describe, expect, test } from '@jest/globals'
import { taskNames } from '../../../../src/domain/tasks.ts'
import { effectiveParams, parameterStep } from '../../../../src/trainers/autotrain/params/effective.ts'
import { recipe } from '../../order.ts'

describe('The parameters that a training runs with', () => {
  test('are those of the recipe, and AutoTrain’s defaults of those that decide most.', () => {
    expect(effectiveParams(recipe({ params: { batch_size: 16, weight_decay: 0.01 } }))).toEqual([
      { name: 'epochs', value: 3, isGiven: false },
      { name: 'batch_size', value: 16, isGiven: true },
      { name: 'lr', value: 5e-5, isGiven: false },
      { name: 'weight_decay', value: 0.01, isGiven: true },
    ])
  })

  test('are one line of the plan.', () => {
    const params = { epochs: '5', mixed_precision: 'fp16' }
    expect(parameterStep(recipe({ params }))).toBe(
      "Train with epochs 5, mixed_precision fp16 and AutoTrain's defaults batch_size 8, lr 0.00005",
    )
    expect(parameterStep(recipe({ task: 'tabular-classification' }))).toBe(
      "Train with AutoTrain's defaults num_trials 10, time_limit 600",
    )
  })

  test('show how adapters are trained where they are.', () => {
    const names = (peft: boolean) =>
      effectiveParams(recipe({ task: 'llm-sft', params: { peft } })).map(({ name }) => name)
    expect(names(true)).toContain('quantization')
    expect(names(false)).not.toContain('quantization')
  })

  test.each(taskNames)('exist for %s.', (task) => {
    expect(effectiveParams(recipe({ task })).length).toBeGreaterThan(1)
  })
})
