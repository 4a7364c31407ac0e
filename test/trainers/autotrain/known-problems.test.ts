import { describe, expect, test } from '@jest/globals'
import type { Recipe } from '../../../src/domain/recipe.ts'
import { taskNames } from '../../../src/domain/tasks.ts'
import { knownProblem, knownRisks } from '../../../src/trainers/autotrain/known-problems.ts'
import { recipe } from '../order.ts'

const problem = (change: Partial<Recipe>) => knownProblem(recipe(change))
const table = (inputModel: string) => ({ task: 'tabular-classification', inputModel }) as const

describe('What AutoTrain cannot train is known before it is paid for:', () => {
  test('tasks that fail in its image.', () => {
    expect(problem({ task: 'extractive-question-answering' })).toMatch(
      /^task: AutoTrain 0\.8\.36 cannot train/,
    )
    for (const inputModel of ['xgboost', 'ridge', 'random_forest', 'lasso']) {
      expect(problem({ task: 'tabular-regression', inputModel })).toMatch(/^task: .*with any model/)
    }
  })

  test.each(['xgboost', 'gradient_boosting', 'adaboost', 'naive_bayes'])(
    'the model %s of a table, which fails, with those that work.',
    (model) => {
      expect(problem(table(model))).toMatch(
        /^input-model: \w+ fails in AutoTrain 0\.8\.36 .*logistic_regression, ridge, svm or knn .*random_forest/,
      )
    },
  )

  test.each(['catboost', 'lightgbm', 'randomforest', 'lasso', 'ann/my-model', 'constructor'])(
    'the model %s, which is none of AutoTrain’s for a table.',
    (model) => {
      expect(problem(table(model))).toMatch(
        /^input-model: \S+ is no model of .*logistic_regression.*integers/,
      )
    },
  )

  test.each<[string, Partial<Recipe>]>([
    ['a language model with PEFT', { task: 'llm-sft', params: { peft: true } }],
    ['a language model with PEFT written as text', { task: 'llm-dpo', params: { peft: 'True' } }],
    ['a language model in 8 bits', { task: 'llm-orpo', params: { peft: true, quantization: 'int8' } }],
    ['a vision model with PEFT', { task: 'vlm:vqa', params: { peft: true } }],
    ['texts to texts with PEFT', { task: 'seq2seq', params: { peft: true } }],
  ])('%s on hardware without a GPU.', (_title, change) => {
    expect(problem({ ...change, hardware: 'cpu-upgrade' })).toMatch(
      /^hardware: cpu-upgrade has no GPU.*quantization to null/,
    )
    expect(problem({ ...change, hardware: 't4-small' })).toBeNull()
  })

  test.each(['llm-sft', 'llm-generic', 'llm-reward', 'llm-dpo', 'llm-orpo'] as const)(
    'a validation split for %s, whose data AutoTrain loses.',
    (task) => {
      expect(problem({ task, validSplit: 'test' })).toMatch(
        /^valid-split: .*fails with a validation split.*remove/,
      )
    },
  )

  test('but not where the parameters keep AutoTrain from looking at them.', () => {
    const params = { eval_strategy: 'no', logging_steps: 5 }
    expect(problem({ task: 'llm-sft', validSplit: 'test', params })).toBeNull()
    expect(problem({ task: 'llm-reward', validSplit: 'test', params })).not.toBeNull()
    expect(problem({ task: 'llm-sft', validSplit: 'test', params: { eval_strategy: 'no' } })).not.toBeNull()
  })

  test('texts to texts in 4 bits, on any hardware.', () => {
    const change = { task: 'seq2seq', params: { peft: true, quantization: 'int4' } } as const
    expect(problem(change)).toMatch(/^params: quantization: .*int8 or null/)
  })
})

describe('No recipe is refused that AutoTrain can train:', () => {
  test.each(taskNames.filter((task) => !/^(?:tabular|extractive)/.test(task)))(
    '%s with a model of the Hub.',
    (task) => {
      expect(problem({ task })).toBeNull()
      expect(knownRisks(recipe({ task }))).toEqual([])
    },
  )

  test.each(['logistic_regression', 'ridge', 'svm', 'knn'])(
    'a table with %s, if its labels are integers.',
    (model) => {
      expect(problem(table(model))).toBeNull()
      expect(knownRisks(recipe(table(model)))).toEqual([expect.stringMatching(/labels are integers/)])
    },
  )

  test.each<[string, Partial<Recipe>]>([
    ['PEFT without quantization', { task: 'llm-sft', params: { peft: true, quantization: null } }],
    ['no PEFT', { task: 'llm-sft', params: { quantization: 'int4' } }],
    ['PEFT switched off', { task: 'llm-sft', params: { peft: 'false' } }],
  ])('a language model with %s on a CPU.', (_title, change) => {
    expect(problem({ ...change, hardware: 'cpu-basic' })).toBeNull()
  })
})

describe('A model of a table that often fails is trained with a warning', () => {
  test.each(['random_forest', 'extra_trees', 'decision_tree'])('about %s.', (model) => {
    expect(problem(table(model))).toBeNull()
    const [, warning] = knownRisks(recipe(table(model)))
    expect(warning).toMatch(/^Warning: \w+ fails in about 94 of 100 runs with 10 trials.*logistic_regression/)
  })

  test('that counts with the number of trials.', () => {
    const [, warning] = knownRisks(recipe({ ...table('random_forest'), params: { num_trials: 1 } }))
    expect(warning).toMatch(/about 25 of 100 runs with 1 trials/)
  })
})
