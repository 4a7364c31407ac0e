import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { proveModel } from '../../../src/trainers/output/prove-model.ts'
import { connect } from '../../hub/connect.ts'
import { type SandboxHub, startHub } from '../../sandbox/hub/start.ts'
import { order } from '../order.ts'

const token = 'hf_ann'
let sandbox: SandboxHub

beforeEach(async () => {
  sandbox = await startHub()
  sandbox.addUser({ name: 'ann', token })
})
afterEach(() => sandbox.close())

function push(files: Record<string, string>, title = 'End of training'): void {
  const name = 'ann/digits-1'
  if (sandbox.state.repositories.find('model', name) === undefined) sandbox.createModel({ name })
  sandbox.commit(name, { type: 'model', files: { 'model.safetensors': 'weights', ...files }, title })
}

const prove = (known: readonly string[] = [], codeTitle?: string) =>
  proveModel(connect(sandbox.url, token).hub, {
    order: order({ trainer: 'job' }),
    isAutotrain: false,
    isCodeCommit: (title) => title === codeTitle,
    known: new Set(known),
    hide: (text) => text.replaceAll(token, '***'),
    signal: new AbortController().signal,
  })

const json = (value: unknown) => JSON.stringify(value, null, 4)

const cardOf = (results: string, name = 'digits-1') =>
  `---\nlibrary_name: other\nmodel-index:\n- name: ${name}\n  results:\n${results}---\n# Model\n`
const result = (type: string, value: string, dataset = 'ann/digits') =>
  `  - dataset:\n      name: ${dataset}\n      type: ${dataset}\n    metrics:\n    - name: Shown\n      type: ${type}\n      value: ${value}\n`

describe('The files of a model', () => {
  test('give its metrics with all their digits, without speeds and the epoch', async () => {
    push({
      'all_results.json': json({
        epoch: 3,
        eval_accuracy: 0.937512345,
        eval_loss: 0.749712,
        eval_runtime: 1.5,
        eval_samples: 16,
        eval_samples_per_second: 12,
        eval_num_tokens: 900,
        total_flos: 1e15,
        train_loss: 0.6,
        train_steps_per_second: 8,
      }),
    })
    expect((await prove()).measured).toEqual({
      metrics: { eval_accuracy: 0.937512345, eval_loss: 0.749712, eval_samples: 16, train_loss: 0.6 },
      unmeasured: [],
    })
  })

  test('count in their order, and before the card', async () => {
    push({
      'metrics.json': json({ a: 3, b: 3, c: 3 }),
      'eval_results.json': json({ a: 2, b: 2 }),
      'all_results.json': json({ a: 1 }),
      'README.md': cardOf(`${result('a', '4')}${result('d', '4')}`),
    })
    expect((await prove()).measured.metrics).toEqual({ a: 1, b: 2, c: 3, eval_d: 4 })
    expect((await prove(['eval_a', 'eval_d'])).measured.metrics).toEqual({ b: 2, c: 3, eval_a: 1, eval_d: 4 })
  })

  test('with NaN and Infinity, as Python writes them, are not measured', async () => {
    push({
      'all_results.json':
        '{"eval_loss": NaN, "eval_ppl": Infinity, "eval_f1": null, "note": "x", "eval_acc": 0.5}',
    })
    expect((await prove()).measured).toEqual({
      metrics: { eval_acc: 0.5 },
      unmeasured: [
        { name: 'eval_loss', value: 'nan', epoch: null },
        { name: 'eval_ppl', value: 'inf', epoch: null },
      ],
    })
  })

  test('are read where they are nested, and under names with apostrophes', async () => {
    push({ 'metrics.json': json({ test: { "accuracy_of_l'accord": 0.5 }, list: [1, 2] }) })
    expect((await prove()).measured.metrics).toEqual({ "test_accuracy_of_l'accord": 0.5 })
  })

  test('count only at the top of the repository', async () => {
    push({ 'checkpoint-5/all_results.json': json({ eval_loss: 1 }) })
    expect((await prove()).measured.metrics).toEqual({})
  })

  test.each([
    ['is no JSON object', '[1, 2]'],
    ['is no JSON object', '{"eval_loss": 0.5'],
    ['is no JSON object', '<!DOCTYPE html>'],
    ['is larger than 200 kB', json({ eval_loss: 1, text: 'x'.repeat(200_001) })],
  ])('that cannot be read leave the card, with a warning: it %s', async (why, text) => {
    push({ 'all_results.json': text, 'README.md': cardOf(result('loss', '0.25')) })
    expect(await prove()).toEqual({
      isChecked: true,
      lacks: null,
      measured: { metrics: { eval_loss: 0.25 }, unmeasured: [] },
      warnings: [`all_results.json of the model ${why}: its metrics come from elsewhere.`],
    })
  })

  test('that the Hub does not answer for are a warning and fail nothing', async () => {
    push({ 'all_results.json': json({ a: 1 }), 'metrics.json': json({ b: 2 }) })
    sandbox.fault({ path: /all_results\.json/, status: 503, times: Number.POSITIVE_INFINITY })
    expect(await prove()).toMatchObject({
      lacks: null,
      measured: { metrics: { b: 2 } },
      warnings: ['all_results.json of the model could not be read: its metrics come from elsewhere.'],
    })
  })

  test('are those of the commit that proved the model', async () => {
    push({ 'all_results.json': json({ a: 1 }) })
    await prove()
    const read = sandbox.requests.filter(({ path }) => path.includes('all_results.json'))
    expect(read.length).toBeGreaterThan(0)
    expect(read.every(({ path }) => /\/[0-9a-f]{40}\/all_results\.json/.test(path))).toBe(true)
  })

  test('show no token that was written into them', async () => {
    push({ 'metrics.json': json({ [`${token}_loss`]: 1 }) })
    expect(JSON.stringify(await prove())).not.toContain(token)
  })
})

describe("A card's model-index", () => {
  test('gives its metrics by type, as those of an evaluation', async () => {
    push({ 'README.md': cardOf(`${result('accuracy', '0.9375')}${result('wer', '"0.25"')}`) })
    expect((await prove()).measured.metrics).toEqual({ eval_accuracy: 0.9375, eval_wer: 0.25 })
  })

  test('gives them under the name that the log has', async () => {
    push({ 'README.md': cardOf(result('accuracy', '0.9375')) })
    expect((await prove(['accuracy'])).measured.metrics).toEqual({ accuracy: 0.9375 })
    expect((await prove(['accuracy', 'eval_accuracy'])).measured.metrics).toEqual({ eval_accuracy: 0.9375 })
  })

  test('gives those on the dataset that was trained on, where it has several', async () => {
    const results = `${result('f1', '0.1', 'other/data')}${result('f1', '0.9', order().recipe.inputDataset)}`
    push({ 'README.md': cardOf(results) })
    expect((await prove()).measured.metrics).toEqual({ eval_f1: 0.9 })
  })

  test('gives none that were copied from the base model', async () => {
    const base = order().recipe.inputModel
    push({ 'README.md': cardOf(result('accuracy', '0.99'), base.split('/').at(-1)) })
    expect((await prove()).measured.metrics).toEqual({})
  })

  test.each(['- a', '[', 'results: {{', '  - metrics: 5\n', `${'  '.repeat(500)}- x\n`])(
    'of another form is harmless: %j',
    async (text) => {
      push({ 'README.md': cardOf(text) })
      expect(await prove()).toMatchObject({ lacks: null, measured: { metrics: {} } })
    },
  )
})

test("A commit of nothing but the training's code is no new model", async () => {
  push({ 'training/train.py': 'print(1)' }, 'Training code')
  expect(await prove([], 'Training code')).toMatchObject({ lacks: 'pushed nothing new to ann/digits-1' })
  expect(await prove([], 'Other code')).toMatchObject({ lacks: null })
  push({}, 'End of training')
  expect(await prove([], 'Training code')).toMatchObject({ lacks: null })
})
