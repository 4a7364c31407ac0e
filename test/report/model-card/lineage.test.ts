import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import type { Outcome } from '../../../src/domain/outcome.ts'
import { changeModelCard } from '../../../src/hub/models/card.ts'
import { withLineage } from '../../../src/report/model-card/lineage.ts'
import { connect } from '../../hub/connect.ts'
import { type SandboxHub, startHub } from '../../sandbox/hub/start.ts'
import { contextWith, endWith, outcomeWith, revision } from '../outcomes.ts'
import { autotrainCard } from './autotrain-card.ts'

const lineage = (
  readme: string,
  overrides: Partial<Outcome> = {},
  modelVisibility: 'public' | 'private' = 'public',
) => withLineage(readme, { outcome: outcomeWith(overrides), context: contextWith(), modelVisibility })
const metadataOf = (card: string) => parse(/---\n([\s\S]*?)\n---\n/.exec(card)?.[1] ?? '')

test('The card names the dataset revision and the metrics, and keeps what AutoTrain wrote', () => {
  const card = lineage(autotrainCard)
  expect(metadataOf(card)).toMatchObject({
    tags: ['autotrain', 'transformers', 'image-classification'],
    base_model: 'google/vit-base-patch16-224',
    widget: [{ example_title: 'Tiger' }],
    datasets: ['acme/digits'],
    'model-index': [
      {
        name: 'digits-3f2a9c4',
        results: [
          {
            task: { type: 'image-classification' },
            dataset: { type: 'acme/digits', name: 'acme/digits', revision },
            metrics: [
              { type: 'accuracy', value: 0.9612, name: 'eval_accuracy' },
              { type: 'f1', value: 0.9587, name: 'eval_f1_macro' },
              { type: 'loss', value: 0.2213, name: 'eval_loss' },
            ],
          },
        ],
      },
    ],
  })
  expect(card).toContain('# Model Trained Using AutoTrain\n\n- Problem type: Image Classification')
  expect(card).toContain('[Workflow run](https://github.com/acme/digits-training/actions/runs/901)')
  expect(card).toContain('[Discussion](https://huggingface.co/datasets/acme/digits/discussions/4)')
})

test('A metric is written without rounding errors', () => {
  const end = endWith({ metrics: { eval_accuracy: 0.8899999999999999 } })
  expect(lineage(autotrainCard, { end })).toMatch(/value: 0\.89\n/)
})

test('Writing the card twice changes nothing', () => {
  const once = lineage(autotrainCard)
  expect(lineage(once)).toBe(once)
})

test('Another run replaces the section and the result', () => {
  const again = lineage(lineage(autotrainCard), { revision: 'b'.repeat(40) })
  expect(again.match(/## Where this model comes from/g)).toHaveLength(1)
  expect(metadataOf(again)['model-index'][0].results).toHaveLength(1)
  expect(metadataOf(again)['model-index'][0].results[0].dataset.revision).toBe('b'.repeat(40))
})

test('Comments, other datasets and the results of other models are kept', () => {
  const card = lineage(
    '---\n# by hand\nlicense: mit # yes\ndatasets: other/set\nmodel-index:\n- name: mine\n  results:\n' +
      '  - task: {type: x}\n    dataset: {type: other/set, name: Other}\n    metrics:\n    - {type: accuracy, value: 1}\n' +
      '---\nHello\n',
  )
  expect(card).toContain('# by hand\nlicense: mit # yes')
  expect(metadataOf(card).datasets).toEqual(['other/set', 'acme/digits'])
  expect(metadataOf(card)['model-index']).toHaveLength(2)
  expect(card).toContain('---\nHello\n')
})

test('Front matter that is not YAML is left unchanged, and the section is added', () => {
  const broken = '---\na: [\n---\nHello\n'
  expect(lineage(broken)).toMatch(/^---\na: \[\n---\nHello\n\n<!-- auto-retrain: begin -->/)
})

test('A model without a card gets one', () => {
  const card = lineage('')
  expect(card).toMatch(/^---\ndatasets:\n/)
  expect(card).toContain('## Where this model comes from')
})

test('A horizontal rule in the text is not read as front matter', () => {
  const card = lineage('Hello\n\n---\n\nWorld\n\n---\n\nEnd\n')
  expect(card).toMatch(/^---\ndatasets:/)
  expect(card).toContain('Hello\n\n---\n\nWorld\n\n---\n\nEnd')
})

test.each([
  ['llm-sft', 'text-generation'],
  ['extractive-question-answering', 'question-answering'],
  ['text-classification', 'text-classification'],
] as const)('The task %s is written as %s, its name on the Hub', (task, name) => {
  const recipe = { ...outcomeWith().recipe!, task }
  expect(metadataOf(lineage(autotrainCard, { recipe }))['model-index'][0].results[0].task.type).toBe(name)
})

test('A run without metrics adds no result', () => {
  const card = lineage(autotrainCard, { end: { ...outcomeWith().end!, metrics: {} } })
  expect(metadataOf(card)).not.toHaveProperty('model-index')
})

test('The card of a public model does not name a private dataset', () => {
  const card = lineage('Hello\n', { datasetVisibility: 'private' })
  expect(card).not.toMatch(/acme\/digits\b(?!-)/)
  expect(card).toContain('a private dataset')
})

let sandbox: SandboxHub
const model = 'acme/digits-3f2a9c4'
beforeEach(async () => {
  sandbox = await startHub()
  sandbox.addUser({ name: 'ann', token: 'hf_ann', orgs: ['acme'] })
})
afterEach(() => sandbox.close())

const write = (token = 'hf_ann') =>
  changeModelCard(connect(sandbox.url, token).hub, {
    model,
    change: ({ text }) => lineage(text),
    signal: AbortSignal.timeout(20_000),
  })
const commits = () =>
  sandbox.requests.filter(({ method, path }) => method === 'POST' && /\/commit\//.test(path))

test('The card on the Hub is written once, and left alone when it is up to date', async () => {
  sandbox.createModel({ name: model, files: { 'README.md': autotrainCard } })
  expect(await write()).toBe('written')
  expect(await write()).toBe('unchanged')
  expect(commits()).toHaveLength(1)
})

test('A model without a README.md on the Hub gets one', async () => {
  sandbox.createModel({ name: model, files: { 'config.json': '{}' } })
  expect(await write()).toBe('written')
})

test('A concurrent commit is not overwritten: the card is read again', async () => {
  sandbox.createModel({ name: model, files: { 'README.md': autotrainCard } })
  sandbox.fault({ method: 'POST', path: /\/commit\//, status: 412 })
  expect(await write()).toBe('written')
  expect(commits()).toHaveLength(2)
})

test('A lost response to the commit leads to one commit only', async () => {
  sandbox.createModel({ name: model, files: { 'README.md': autotrainCard } })
  sandbox.fault({ method: 'POST', path: /\/commit\//, reset: true, applied: true })
  expect(await write()).toBe('written')
  expect(commits()).toHaveLength(1)
})

test('A token without write access causes an HttpError with status 403', async () => {
  sandbox.createModel({ name: model, files: { 'README.md': autotrainCard } })
  sandbox.addToken({ token: 'hf_read', user: 'ann', role: 'read' })
  await expect(write('hf_read')).rejects.toMatchObject({ name: 'HttpError', status: 403 })
})

test.each([
  ['blank lines', '\n'.repeat(2_000_000)],
  ['blank lines after open metadata', `---\n${'\n'.repeat(2_000_000)}`],
  ['lines of dashes', '\n ---'.repeat(400_000)],
])('A card of 2 MB of %s is written as quickly as any other', (_title, card) => {
  expect(lineage(card)).toContain('## Where this model comes from')
})
