import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { SandboxHub } from '../../../hub/start.ts'
import { startHub } from '../../../hub/start.ts'

let hub: SandboxHub
beforeAll(async () => {
  hub = await startHub()
  hub.addUser({ name: 'ann', token: 'hf_ann' })
  hub.createModel({ name: 'ann/model' })
})
afterAll(() => hub.close())

async function check(content: string, repoType = 'model') {
  const response = await fetch(`${hub.url}/api/validate-yaml`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ content, repoType }),
  })
  const answer = (await response.json()) as Record<'errors' | 'warnings', { message: string }[]>
  return { status: response.status, ...answer }
}

const card = (metadata: string) => `---\n${metadata}\n---\n# Model\n`

const result = (more: string) =>
  card(
    [
      'model-index:',
      '- name: digits',
      '  results:',
      '  - task: {type: image-classification}',
      '    dataset: {name: digits, type: acme/digits}',
      more,
    ].join('\n'),
  )

test.each([
  ['the card of a Trainer', result('    metrics: [{type: accuracy, value: 0.9375}]')],
  ['the names of datasets and models', card('datasets: [acme/digits, imagefolder]\nbase_model: gpt2')],
  ['a single dataset and several models', card('datasets: acme/digits\nbase_model: [a/b, c/d]')],
  ['no dataset and no model', card('datasets:\nbase_model:\n')],
  ['a license, or several', card('license: [mit, cc-by-4.0]')],
  ['keys that it does not know', card('library_name: transformers\nx: {y: 1}\ntags: [a]')],
  ['lines that end as on Windows', '---\r\nlicense: mit\r\n---\r\n# Model\r\n'],
])('The check of a card takes %s, and needs no token.', async (_, content) => {
  expect(await check(content)).toEqual({ status: 200, errors: [], warnings: [] })
})

test('A card without metadata is taken with a warning.', async () => {
  for (const content of ['# Model\n', '---\nlicense: mit\n---oops\n']) {
    expect(await check(content)).toEqual({
      status: 200,
      errors: [],
      warnings: [{ message: 'empty or missing yaml metadata in repo card' }],
    })
  }
})

test.each([
  [
    'a path for a dataset',
    card('datasets: /data'),
    '"datasets[0]" with value "/data" is not valid. If possible, use a dataset id from https://hf.co/datasets.',
  ],
  [
    'a path among the datasets',
    card('datasets: [acme/digits, ./data]'),
    '"datasets[1]" with value "./data" is not valid. If possible, use a dataset id from https://hf.co/datasets.',
  ],
  ['nothing for a dataset', card('datasets: [null]'), '"datasets[0]" must be a string'],
  ['an object for the datasets', card('datasets: {a: b}'), '"datasets" must be a string'],
  [
    'a path for a model',
    card('base_model: ./model'),
    '"base_model" with value "./model" is not valid. Use a model id from https://hf.co/models.',
  ],
  ['a license that it does not know', card('license: MIT'), /^"license" must be one of \[apache-2\.0, mit, /],
  ['a list for metadata', card('- license'), '"value" must be of type object'],
  ['metadata that is no YAML', card('tags: [a'), /./],
  [
    'results whose metrics are no list',
    result('    metrics: {type: accuracy, value: 1}'),
    '"model-index[0].results[0].metrics" must be an array',
  ],
  [
    'a metric without a value',
    result('    metrics: [{type: accuracy}]'),
    '"model-index[0].results[0].metrics[0].value" is required',
  ],
  [
    'a metric whose config is no text',
    result('    metrics: [{type: accuracy, value: 1, config: {a: 1}}]'),
    '"model-index[0].results[0].metrics[0].config" must be a string',
  ],
  [
    'results without their dataset',
    card('model-index: [{name: a, results: [{task: {type: b}, metrics: []}]}]'),
    '"model-index[0].results[0].dataset" is required',
  ],
])('The check of a card refuses %s, and names it.', async (_, content, message) => {
  const { status, errors, warnings } = await check(content)
  expect([status, warnings]).toEqual([400, []])
  expect(errors).toEqual([
    { message: typeof message === 'string' ? message : expect.stringMatching(message) },
  ])
})

test('The datasets of a model are no matter for the card of a dataset.', async () => {
  expect(await check(card('license: mit\ndatasets: /data'), 'dataset')).toMatchObject({ status: 200 })
})

test.each([
  [
    'that it would refuse',
    card('license: MIT'),
    400,
    /^Invalid YAML in README\.md: "license" must be one of/,
  ],
  ['that it takes', card('license: mit'), 200, /^$/],
])('A commit of a card %s ends the same way.', async (_, content, status, message) => {
  const lines = [
    { key: 'header', value: { summary: 'Describe' } },
    { key: 'file', value: { path: 'README.md', content } },
  ]
  const response = await fetch(`${hub.url}/api/models/ann/model/commit/main`, {
    method: 'POST',
    headers: { authorization: 'Bearer hf_ann', 'content-type': 'application/x-ndjson' },
    body: lines.map((line) => JSON.stringify(line)).join('\n'),
  })
  expect(response.status).toBe(status)
  expect(response.headers.get('x-error-message') ?? '').toMatch(message)
})
