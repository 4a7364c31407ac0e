import { describe, expect, test } from '@jest/globals'
import type { Task } from '../../../src/domain/tasks.ts'
import { decideStart, type StartFacts } from '../../../src/run/plan/start-from.ts'
import { recipe } from '../../trainers/order.ts'

const published = { runModel: 'ann/digits-1d55c3a', runCommit: 'c'.repeat(40) }
const from = { model: 'ann/digits-1d55c3a', revision: 'c'.repeat(40) }
const whole = {
  name: 'ann/digits-1d55c3a',
  head: 'd'.repeat(40),
  visibility: 'private' as const,
  isGated: false,
  config: { model_type: 'resnet', architectures: ['ResNetForImageClassification'] },
  files: ['config.json', 'model.safetensors'],
  pipeline: 'image-classification',
}
const classes = (...names: string[]) => ({
  classes: Object.fromEntries(names.map((name) => [name, 10])),
  classCount: names.length,
})
const unnamed = (classCount: number) => ({ classes: null, classCount })
const recorded = (data: ReturnType<typeof classes> | ReturnType<typeof unnamed>, warmStarts?: number) => ({
  data: { digest: 'd', rules: 'r', files: 1, bytes: 1, ...data },
  ...(warmStarts !== undefined && { warmStarts }),
})
const decide = (change: Partial<StartFacts> = {}, keys: Partial<StartFacts['recipe']> = {}) =>
  decideStart({
    recipe: recipe({ startFrom: 'published', publishTo: 'ann/best', ...keys }),
    published,
    record: recorded(classes('cat', 'dog')),
    model: whole,
    data: classes('cat', 'dog'),
    ...change,
  })
const cold = { from: null, warmStarts: 0, row: '' }

describe('What a training with start-from: published starts from', () => {
  test.each(['autotrain', 'script', 'job', 'command'] as const)(
    'The published run, at its own commit, for the trainer %s.',
    (trainer) => {
      expect(decide({}, { trainer })).toMatchObject({ from, warmStarts: 1 })
    },
  )

  test('input-model while nothing is published, which is nothing to worry about.', () => {
    expect(decide({ published: null, record: null })).toEqual({
      ...cold,
      why: { found: 'input-model: nothing is published yet' },
    })
  })

  test.each(['autotrain', 'script'] as const)(
    'input-model where the model of the published run is gone, with the trainer %s.',
    (trainer) => {
      expect(decide({ model: 'missing' }, { trainer })).toMatchObject({
        ...cold,
        why: { verdict: 'warned', advice: expect.stringContaining('is gone or hidden from the token') },
      })
    },
  )

  test('The published run where the Hub gives no clear answer about its model.', () => {
    expect(decide({ model: new Error('503') })).toMatchObject({ from })
  })

  test('The plan says at which commit, and that AutoTrain cannot pin one.', () => {
    expect(decide({}, { trainer: 'script' }).why.found).toContain(
      'ann/digits-1d55c3a, the run that is published now, at ccccccc;',
    )
    expect(decide().why.found).toContain('at its newest commit: AutoTrain cannot pin one;')
  })
})

describe('Trainings in a row that start from the one before', () => {
  test.each([
    [undefined, '1st'],
    [0, '1st'],
    [1, '2nd'],
    [2, '3rd'],
    [3, '4th'],
    [10, '11th'],
    [20, '21st'],
  ])('After a run that had %j of them, this is the %s.', (before, words) => {
    const decision = decide({ record: recorded(classes('cat', 'dog'), before) })
    expect(decision.warmStarts).toBe((before ?? 0) + 1)
    expect(decision.why.found).toContain(`the ${words} training in a row that starts from the one before`)
  })

  test('A run that the ledger has no record of counts as the first.', () => {
    expect(decide({ record: null })).toMatchObject({ from, warmStarts: 1 })
  })

  test('One that starts from input-model ends the row.', () => {
    expect(decide({ model: 'missing', record: recorded(classes('cat'), 7) })).toMatchObject(cold)
  })
})

describe('Classes that are not those of the published run', () => {
  test('AutoTrain makes a new head for another number of them.', () => {
    const decision = decide({ data: classes('cat', 'dog', 'fox') })
    expect(decision).toMatchObject({ from })
    expect(decision.why).toEqual({
      found: expect.stringContaining('a new head for other classes (new: fox)'),
    })
  })

  test('As many with other names keep the old head in AutoTrain, so it starts from input-model.', () => {
    expect(decide({ data: classes('dog', 'fox') })).toEqual({
      ...cold,
      why: {
        found: expect.stringMatching(/^input-model: the classes are others/),
        verdict: 'warned',
        advice: expect.stringMatching(/^start-from: .*\(new: fox; gone: cat\).* starts from input-model\.$/),
      },
    })
  })

  test.each(['script', 'job', 'command'] as const)(
    'A %s decides by itself: it starts from the published run with a warning.',
    (trainer) => {
      expect(decide({ data: classes('dog', 'fox') }, { trainer })).toMatchObject({
        from,
        why: { verdict: 'warned', advice: expect.stringContaining('(new: fox; gone: cat)') },
      })
    },
  )

  test('Where their names are not recorded, their number is compared.', () => {
    expect(decide({ record: recorded(unnamed(2)), data: unnamed(2) }).why).not.toHaveProperty('verdict')
    expect(decide({ data: unnamed(2) })).toMatchObject({ from })
    const other = decide({ record: recorded(unnamed(2)), data: unnamed(3) }, { trainer: 'script' })
    expect(other.why).toMatchObject({
      verdict: 'warned',
      advice: expect.stringContaining('(2 before, 3 now)'),
    })
  })

  test('Data whose folders are no classes, then or now, says nothing about them.', () => {
    expect(decide({ data: classes() })).toMatchObject({ from })
    expect(decide({ record: recorded(classes()) })).toMatchObject({ from })
  })

  test.each<[Task]>([['text-classification'], ['seq2seq'], ['llm-sft']])(
    'The folders of %s are not its classes in AutoTrain.',
    (task) => {
      const config = {
        bert: 'BertForSequenceClassification',
        t5: 'T5ForConditionalGeneration',
        llama: 'LlamaForCausalLM',
      }
      const type = ({ 'text-classification': 'bert', seq2seq: 't5' } as const)[task as 'seq2seq'] ?? 'llama'
      const model = { ...whole, config: { model_type: type, architectures: [config[type]] } }
      expect(decide({ data: classes('a', 'b'), model }, { task })).toMatchObject({ from })
    },
  )

  test('Long lists and long names are cut.', () => {
    const many = Array.from({ length: 50 }, (_, n) => `${'x'.repeat(300)}${n}`)
    const { advice } = decide({ data: classes(...many) }, { trainer: 'script' }).why
    expect(advice).toContain('and 47 more')
    expect(advice?.length).toBeLessThan(600)
  })
})

describe('Models that AutoTrain cannot start from', () => {
  const adapter = { ...whole, config: null, files: ['adapter_config.json', 'adapter_model.safetensors'] }

  test.each([
    ['with how to make whole models', 'llm-sft', / input-model\. With merge_adapter: true in params/],
    ['without a parameter that would help', 'seq2seq', / input-model\.$/],
  ] as const)('An adapter, %s.', (_title, task, advice) => {
    expect(decide({ model: adapter }, { task })).toMatchObject({
      ...cold,
      why: { verdict: 'warned', advice: expect.stringMatching(advice) },
    })
  })

  test('An image of the recipe changes nothing about an adapter.', () => {
    expect(decide({ model: adapter }, { task: 'llm-sft', image: 'acme/autotrain:1' })).toMatchObject(cold)
  })

  test('A script starts from an adapter if it wants to.', () => {
    expect(decide({ model: adapter }, { trainer: 'script' })).toMatchObject({ from })
  })

  test('A model of another kind than the task needs.', () => {
    const model = { ...whole, config: { model_type: 'bert', architectures: ['BertModel'] } }
    expect(decide({ model })).toMatchObject({
      ...cold,
      why: { advice: expect.stringContaining('does not fit image-classification (bert (BertModel))') },
    })
  })

  test('Tables, which it trains anew each time, even while nothing is published.', () => {
    for (const run of [published, null]) {
      const decision = decide({ published: run }, { task: 'tabular-classification' })
      expect(decision).toMatchObject({
        ...cold,
        why: { advice: expect.stringContaining('every table anew') },
      })
    }
  })
})
