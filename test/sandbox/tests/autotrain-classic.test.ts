import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { ClassicAutoTrain, ClassicOptions } from '../autotrain-classic/start.ts'
import { startClassicAutoTrain } from '../autotrain-classic/start.ts'
import type { SandboxHub } from '../hub/start.ts'
import { startHub } from '../hub/start.ts'

let hub: SandboxHub
let service: ClassicAutoTrain

async function start(options: Omit<ClassicOptions, 'hub'> = {}): Promise<void> {
  await service?.close()
  service = await startClassicAutoTrain({ hub: hub.state, ...options })
}

beforeEach(async () => {
  hub = await startHub()
  hub.addUser({ name: 'ann', token: 'hf_ann', orgs: ['lab'] })
  hub.addUser({ name: 'eve', token: 'hf_eve' })
  hub.addToken({ token: 'hf_read', user: 'ann', role: 'read' })
  hub.createDataset({ name: 'ann/digits', private: true, files: { 'a.txt': 'a' } })
  service = await startClassicAutoTrain({ hub: hub.state })
})
afterEach(async () => {
  await service.close()
  await hub.close()
})

async function call(path: string, options: { token?: string | null; body?: unknown; method?: string } = {}) {
  const { token = 'hf_ann', body, method = body === undefined ? 'GET' : 'POST' } = options
  const response = await fetch(`${service.url}${path}`, {
    method,
    headers: {
      'content-type': 'application/json',
      ...(token !== null && { authorization: `Bearer ${token}` }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  return { status: response.status, answer: text.startsWith('<') ? text : JSON.parse(text) }
}

const project = (change: object = {}) => ({
  username: 'ann',
  proj_name: 'auto-retrain-0123456',
  task: 18,
  config: { language: 'unk', max_models: 1, 'hub-model': 'microsoft/resnet-50' },
  ...change,
})

const dataset = (change: object = {}) => ({
  dataset_id: 'ann/digits',
  dataset_split: 'train',
  split: 4,
  col_mapping: { image: 'image', label: 'target' },
  load_config: { max_size_bytes: 0, shuffle: false },
  ...change,
})

const create = async () => (await call('/projects/create', { body: project() })).answer.id as number

test("The guide's three calls prepare the data, and the fourth queues the training.", async () => {
  const made = await call('/projects/create', { body: project() })
  expect(made).toMatchObject({
    status: 200,
    answer: { id: 1000, created: true, status: 1, username: 'ann', task: 18, dataset_id: null },
  })
  const { id } = made.answer
  expect((await call(`/projects/${id}/data/dataset`, { body: dataset() })).status).toBe(200)
  expect((await call(`/projects/${id}/data/start_processing`, { method: 'POST' })).answer.status).toBe(2)

  expect((await call(`/projects/${id}/start_training`, { method: 'POST' })).status).toBe(400)
  expect((await call(`/projects/${id}`)).answer.status).toBe(2)
  expect((await call(`/projects/ann/auto-retrain-0123456`)).answer.status).toBe(3)
  expect((await call(`/projects/${id}/data`)).answer).toMatchObject([
    { fname: 'ann/digits', download_status: 4, split: 4, col_mapping: { image: 'image', label: 'target' } },
  ])
  expect((await call(`/projects/${id}/start_training`, { method: 'POST' })).answer.status).toBe(9)
  expect((await call(`/projects/${id}/jobs`)).answer).toMatchObject([{ status: 1 }])

  const revision = hub.repository('ann/digits').refs.get('refs/heads/main')
  expect(service.projects).toMatchObject([
    {
      username: 'ann',
      name: 'auto-retrain-0123456',
      config: { 'hub-model': 'microsoft/resnet-50' },
      data: [{ datasetId: 'ann/digits', datasetSplit: 'train', revision }],
      calls: ['create', 'data/dataset', 'data/start_processing', 'start_training'],
    },
  ])
})

test('A project name that is taken returns the existing project, with created: false.', async () => {
  const id = await create()
  const again = await call('/projects/create', { body: project({ task: 2 }) })
  expect(again).toMatchObject({ status: 200, answer: { id, created: false, task: 18 } })
  const ofTheLab = await call('/projects/create', { body: project({ username: 'lab' }) })
  expect(ofTheLab.answer).toMatchObject({ created: true, username: 'lab' })
  expect((await call('/projects/list')).answer).toHaveLength(2)
  expect((await call('/projects/list?username=lab')).answer).toMatchObject([{ username: 'lab' }])
})

test.each([
  ['no name', { proj_name: undefined }, ['body', 'proj_name'], 'value_error.missing'],
  ['a name the Hub would not take', { proj_name: 'a b' }, ['body', 'proj_name'], undefined],
  ['a task that is not a number', { task: 'image-classification' }, ['body', 'task'], undefined],
  ['a task that does not exist', { task: 3 }, ['body', 'task'], undefined],
  ['no config', { config: undefined }, ['body', 'config'], 'value_error.missing'],
  ['no language', { config: { max_models: 1 } }, ['body', 'config', 'language'], 'value_error.missing'],
])('A project with %s is a 422 that names the field.', async (_, change, loc, type) => {
  const { status, answer } = await call('/projects/create', { body: project(change) })
  expect(status).toBe(422)
  expect(answer.detail).toMatchObject([{ loc, msg: expect.any(String), ...(type && { type }) }])
  expect(service.projects).toEqual([])
})

test.each([
  ['no dataset', { dataset_id: undefined }, 422],
  ['a split that does not exist', { split: 5 }, 422],
  ['no columns', { col_mapping: {} }, 422],
  ['a dataset that does not exist', { dataset_id: 'ann/none' }, 404],
])('Data with %s is refused.', async (_, change, expected) => {
  const id = await create()
  const { status } = await call(`/projects/${id}/data/dataset`, { body: dataset(change) })
  expect(status).toBe(expected)
  expect((await call(`/projects/${id}/data/start_processing`, { method: 'POST' })).status).toBe(400)
})

test.each([
  ['a call without a token', null, 'ann', 401],
  ['a bad token', 'hf_wrong', 'ann', 401],
  ['a read token', 'hf_read', 'ann', 403],
  ["another user's token", 'hf_eve', 'ann', 403],
  ['a token of a non-member', 'hf_eve', 'lab', 403],
  ['an account that does not exist', 'hf_ann', 'nowhere', 404],
])('No project is created for %s.', async (_, token, username, status) => {
  expect((await call('/projects/create', { token, body: project({ username }) })).status).toBe(status)
})

test("Other users' projects and private datasets are not found.", async () => {
  const id = await create()
  expect((await call(`/projects/${id}`, { token: 'hf_eve' })).status).toBe(404)
  expect((await call('/projects/ann/auto-retrain-0123456', { token: 'hf_eve' })).status).toBe(404)
  expect((await call('/projects/list', { token: 'hf_eve' })).answer).toEqual([])
  expect((await call('/projects/nine')).status).toBe(422)
  const own = await call('/projects/create', { token: 'hf_eve', body: project({ username: 'eve' }) })
  const foreign = { token: 'hf_eve', body: dataset() }
  expect((await call(`/projects/${own.answer.id}/data/dataset`, foreign)).status).toBe(404)
})

test('Processing can fail, and then no training starts.', async () => {
  await start({ processingLooks: 0, processingEndsWith: 4 })
  const id = await create()
  await call(`/projects/${id}/data/dataset`, { body: dataset() })
  await call(`/projects/${id}/data/start_processing`, { method: 'POST' })
  expect((await call(`/projects/${id}`)).answer.status).toBe(4)
  expect((await call(`/projects/${id}/start_training`, { method: 'POST' })).status).toBe(400)
})

describe('A retired service', () => {
  test.each([
    [true, 404],
    [404, 404],
    [410, 410],
  ] as const)('With retired: %s the service answers %d to everything.', async (retired, status) => {
    await start({ retired })
    expect((await call('/projects/create', { body: project() })).status).toBe(status)
    expect((await call('/')).status).toBe(status)
    expect(service.requests).toHaveLength(2)
  })
})

test('A fault hits one call and leaves the others alone.', async () => {
  const fault = service.fault({ path: /start_processing/, status: 503 })
  const id = await create()
  await call(`/projects/${id}/data/dataset`, { body: dataset() })
  expect((await call(`/projects/${id}/data/start_processing`, { method: 'POST' })).status).toBe(503)
  expect(fault.hits).toBe(1)
  expect(service.projects).toMatchObject([{ calls: ['create', 'data/dataset'], status: 1 }])
})
