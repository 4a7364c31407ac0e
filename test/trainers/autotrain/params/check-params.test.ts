import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { Recipe } from '../../../../src/domain/recipe.ts'
import { type Task, taskNames } from '../../../../src/domain/tasks.ts'
import { Refused } from '../../../../src/domain/verdict.ts'
import { checkParams, paramChecks } from '../../../../src/trainers/autotrain/params/check-params.ts'
import { familyOf } from '../../../../src/trainers/autotrain/params/families.ts'
import { recipe } from '../../order.ts'

const checks = (params: Recipe['params'], change: Partial<Recipe> = {}) =>
  paramChecks(recipe({ ...change, params }))
const advice = (params: Recipe['params'], change: Partial<Recipe> = {}) => {
  const [first] = checks(params, change)
  return first?.verdict === 'refused' ? first.advice : null
}
const warning = (params: Recipe['params'], change: Partial<Recipe> = {}) => {
  const [first] = checks(params, change)
  return first?.verdict === 'warned' ? first.advice : null
}

describe('A parameter that AutoTrain does not have is refused with the nearest name:', () => {
  test.each<[string, Task, string]>([
    ['epoch', 'image-classification', 'epochs'],
    ['batchsize', 'text-classification', 'batch_size'],
    ['learning_rate', 'image-classification', 'lr'],
    ['num_train_epochs', 'llm-sft', 'epochs'],
    ['fp16', 'seq2seq', 'mixed_precision'],
    ['max_seq_len', 'token-classification', 'max_seq_length'],
    ['Quantisation', 'llm-dpo', 'quantization'],
    ['n_trials', 'tabular-classification', 'num_trials'],
  ])('%s for %s means %s.', (name, task, nearest) => {
    expect(advice({ [name]: 3 }, { task })).toBe(
      `params: AutoTrain 0.8.36 has no parameter ${name} for the task ${task}, and would ignore it: did you mean ` +
        `${nearest}? Otherwise remove it.`,
    )
  })

  test('without one it lists what there is.', () => {
    expect(advice({ peft: true })).toMatch(
      /^params: AutoTrain 0\.8\.36 has no parameter peft for the task image-classification, .*: it has epochs, batch_size, lr, .*; remove it\.$/,
    )
  })

  test.each(['constructor', '__proto__', 'toString', 'x'.repeat(5000)])('%s is none.', (name) => {
    const params = JSON.parse(`{${JSON.stringify(name)}: 1}`)
    expect(advice(params)).toMatch(/has no parameter/)
  })
})

describe('A value of another type is refused with what is allowed:', () => {
  test.each<[Task, string, unknown, string]>([
    ['image-classification', 'epochs', 'three', 'a whole number, 1 or greater, not "three"'],
    ['image-classification', 'epochs', 2.5, 'a whole number, 1 or greater, not 2.5'],
    ['image-classification', 'epochs', null, 'a whole number, 1 or greater, not null'],
    ['image-classification', 'epochs', true, 'a whole number, 1 or greater, not true'],
    ['image-classification', 'lr', Number.NaN, 'a number above 0, not NaN'],
    ['image-classification', 'epochs', [3], 'a whole number, 1 or greater, not [3]'],
    ['text-regression', 'lr', 'fast', 'a number above 0, not "fast"'],
    ['seq2seq', 'peft', 'maybe', 'true or false, not "maybe"'],
    ['seq2seq', 'peft', 2, 'true or false, not 2'],
    ['llm-sft', 'target_modules', 5, 'text, or null, not 5'],
    ['llm-sft', 'block_size', [512, 1024], 'a whole number, 1 or greater, or -1, not [512,1024]'],
    ['llm-sft', 'max_completion_length', 'long', 'a whole number, 1 or greater, or null, not "long"'],
    ['tabular-classification', 'numerical_columns', 'age', 'a list of columns, or null, not "age"'],
    ['tabular-classification', 'numerical_columns', ['age', 5], 'a list of columns, or null, not ["age",5]'],
    ['image-classification', 'optimizer', 5, /^adamw_torch, .* or schedule_free_sgd, not 5$/.source],
  ])('%s: %s: %j.', (task, name, value, allowed) => {
    expect(advice({ [name]: value }, { task })).toMatch(
      allowed.startsWith('^')
        ? new RegExp(`^params: ${name} must be ${allowed.slice(1, -1)}\\.$`)
        : new RegExp(`^params: ${name} must be ${allowed.replaceAll(/[[\].?]/g, '\\$&')}\\.$`),
    )
  })
})

describe('A value that trains nothing, or with which the training fails, is refused:', () => {
  test.each<[string, unknown]>([
    ['epochs', 0],
    ['epochs', -1],
    ['batch_size', 0],
    ['lr', 0],
    ['lr', -0.1],
    ['lr', 'nan'],
    ['lr', Number.POSITIVE_INFINITY],
    ['warmup_ratio', 1.1],
    ['warmup_ratio', -0.1],
    ['gradient_accumulation', 0],
    ['weight_decay', -1],
    ['logging_steps', 0],
    ['mixed_precision', 'fp8'],
    ['scheduler', 'onecycle'],
    ['scheduler', 'cosine_with_min_lr'],
    ['scheduler', 'warmup_stable_decay'],
    ['optimizer', 'adam'],
    ['eval_strategy', 'never'],
    ['early_stopping_patience', -1],
  ])('%s: %j.', (name, value) => {
    expect(advice({ [name]: value })).toMatch(new RegExp(`^params: ${name} must be .+, not .+\\.$`))
  })

  test.each<[Task, string, unknown]>([
    ['llm-sft', 'quantization', 'int2'],
    ['llm-sft', 'lora_r', 0],
    ['llm-sft', 'lora_dropout', 2],
    ['llm-sft', 'padding', 'middle'],
    ['llm-sft', 'chat_template', 'llama'],
    ['tabular-classification', 'num_trials', 0],
    ['tabular-classification', 'time_limit', 0],
    ['tabular-classification', 'numeric_scaler', 'log'],
    ['tabular-classification', 'categorical_imputer', 'zero'],
    ['image-object-detection', 'image_square_size', 0],
  ])('%s: %s: %j.', (task, name, value) => {
    expect(advice({ [name]: value }, { task })).toMatch(/must be/)
  })
})

describe('What AutoTrain takes is taken:', () => {
  test.each<[string, unknown]>([
    ['epochs', 3],
    ['epochs', '3'],
    ['epochs', 3.0],
    ['lr', '5e-5'],
    ['lr', 1e-7],
    ['auto_find_batch_size', 'yes'],
    ['auto_find_batch_size', 0],
    ['mixed_precision', null],
    ['mixed_precision', 'none'],
    ['logging_steps', -1],
    ['save_total_limit', 0],
    ['max_grad_norm', 0],
    ['optimizer', 'adafactor'],
    ['scheduler', 'cosine'],
  ])('%s: %j.', (name, value) => {
    expect(checks({ [name]: value })).toMatchObject([{ id: 'params', verdict: 'passed' }])
  })

  test.each(taskNames)('all defaults of %s, written out.', (task) => {
    const defaults = Object.entries(familyOf(task)).map(([name, { fallback }]) => [name, fallback])
    const given = Object.fromEntries(defaults)
    const refused = checks(given, { task }).filter(({ verdict }) => verdict === 'refused')
    expect(refused).toEqual([])
  })

  test('none at all.', () => {
    expect(checks({})).toEqual([
      {
        id: 'params',
        title: 'Parameters',
        found: 'all as AutoTrain has them',
        verdict: 'passed',
        advice: null,
      },
    ])
  })
})

describe('A key that belongs elsewhere is refused with its place:', () => {
  test.each([
    ['token', 'set hf-token instead'],
    ['hub_token', 'set hf-token instead'],
    ['data_path', 'set input-dataset instead'],
    ['username', 'set target-namespace instead'],
    ['push_to_hub', 'set target-namespace instead'],
    ['project_name', 'set autotrain-project-prefix instead'],
    ['valid_split', 'set valid-split instead'],
    ['task', 'set task instead'],
    ['backend', 'set hardware instead'],
    ['image_column', 'set column-mapping instead'],
    ['target_columns', 'set column-mapping instead'],
  ])('%s.', (name, instead) => {
    const sentence = `params: ${name} is not a hyperparameter: remove it, and ${instead}.`
    for (const change of [{}, { image: 'acme/autotrain' }, { trainer: 'job' } as const]) {
      expect(advice({ [name]: 'x' }, change)).toBe(sentence)
    }
    expect(() => checkParams(recipe({ params: { [name]: 'x' } }))).toThrow(new Refused(sentence))
  })

  test('log cannot be set at all.', () => {
    expect(advice({ log: 'wandb' })).toBe(
      'params: log is not a hyperparameter: remove it: every config says tensorboard, and the metrics are read from the ' +
        'log of the training.',
    )
  })
})

describe('Where something else than AutoTrain’s own image runs,', () => {
  test('an unknown parameter and a wrong value are warnings, because it may have another AutoTrain.', () => {
    const found = checks({ epoch: 3, lr: 'fast' }, { image: 'acme/autotrain' })
    expect(found.map(({ id, verdict }) => [id, verdict])).toEqual([
      ['param-epoch', 'warned'],
      ['param-lr', 'warned'],
    ])
    expect(() => checkParams(recipe({ params: { epoch: 3 }, image: 'acme/autotrain' }))).not.toThrow()
  })

  test.each(['job', 'command'] as const)('the script of the trainer %s may know any.', (trainer) => {
    expect(checks({ epoch: 'many', anything: [] }, { trainer })).toMatchObject([{ verdict: 'passed' }])
  })
})

test('Columns of a table may be parameters, but not twice.', () => {
  const change = { task: 'tabular-classification', columnMapping: { target_columns: ['y'] } } as const
  expect(checks({ numerical_columns: ['a'] }, change)).toMatchObject([{ verdict: 'passed' }])
  const twice = { ...change, columnMapping: { target_columns: ['y'], numerical_columns: ['b'] } }
  expect(advice({ numerical_columns: ['a'] }, twice)).toMatch(
    /is in column-mapping as well.*remove it here\.$/,
  )
})

test('Everything that is wrong is shown at once, each with its own row.', () => {
  const found = checks({ epoch: 3, batch_size: 0, token: 'x', lr: 0.1 })
  expect(found.map(({ title, found: what, verdict }) => [title, what, verdict])).toEqual([
    ['Parameter token', 'set by another key', 'refused'],
    ['Parameter epoch', 'no such parameter', 'refused'],
    ['Parameter batch_size', '0', 'refused'],
  ])
})

describe('Hardware decides too:', () => {
  test.each<[Task, Recipe['params'], RegExp]>([
    [
      'text-classification',
      { optimizer: 'adamw_bnb_8bit' },
      /^params: optimizer: .*needs an NVIDIA GPU, which cpu-basic/,
    ],
    ['llm-sft', { use_flash_attention_2: true }, /^params: use_flash_attention_2 needs an NVIDIA GPU/],
  ])('%s with %j on a CPU is refused.', (task, params, sentence) => {
    expect(advice(params, { task, hardware: 'cpu-basic' })).toMatch(sentence)
    expect(advice(params, { task, hardware: 'a10g-small' })).toBeNull()
  })

  test.each<[Task, Recipe['params'], RegExp]>([
    [
      'image-classification',
      { mixed_precision: 'bf16' },
      /the T4 of t4-small computes bf16 only by emulation.*fp16/,
    ],
    ['llm-sft', { use_flash_attention_2: 'yes' }, /Ampere or newer, and t4-small has a T4/],
  ])('%s with %j on a T4 is a warning.', (task, params, sentence) => {
    expect(warning(params, { task, hardware: 't4-small' })).toMatch(sentence)
    expect(warning(params, { task, hardware: 'l4x1' })).toBeNull()
  })
})

describe('What has no effect, or may fail, is a warning:', () => {
  test.each<[Task, Recipe['params'], string]>([
    ['llm-sft', { quantization: 'int4' }, 'params: quantization has no effect unless peft is true'],
    ['seq2seq', { lora_r: 8 }, 'params: lora_r has no effect unless peft is true'],
    [
      'text-classification',
      { optimizer: 'galore_adamw' },
      "needs a package or a device that AutoTrain's requirements",
    ],
    ['text-classification', { scheduler: 'reduce_lr_on_plateau' }, 'fails without validation data'],
    ['text-classification', { eval_strategy: 'no' }, 'fails unless it evaluates: use epoch'],
    ['text-classification', { eval_strategy: 'steps' }, 'which must divide 500'],
    ['text-classification', { eval_strategy: 'steps', logging_steps: 7 }, 'which must divide 500'],
  ])('%s with %j.', (task, params, sentence) => {
    expect(warning(params, { task })).toContain(sentence)
  })

  test.each<[Task, Recipe['params']]>([
    ['llm-sft', { peft: true, quantization: 'int4', lora_r: 8 }],
    ['llm-sft', { quantization: null }],
    ['text-classification', { eval_strategy: 'steps', logging_steps: 25 }],
    ['llm-sft', { eval_strategy: 'no' }],
  ])('%s with %j is fine.', (task, params) => {
    expect(checks(params, { task, hardware: 'a10g-small' })).toMatchObject([{ verdict: 'passed' }])
  })
})

test('Any parameters of any task are judged, and what is refused has a sentence.', () => {
  const task = fc.constantFrom(...taskNames)
  const names = fc.oneof(fc.string(), fc.constantFrom('epochs', 'lr', 'optimizer', 'peft', 'target_modules'))
  fc.assert(
    fc.property(task, fc.dictionary(names, fc.jsonValue()), (name, params) => {
      for (const { id, verdict, advice: sentence } of checks(params, { task: name })) {
        expect(id).toMatch(/^params?(?:-[a-z0-9-]*)?$/)
        expect(sentence === null).toBe(verdict === 'passed')
      }
    }),
    { numRuns: 500 },
  )
})
