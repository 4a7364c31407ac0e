import { uploadFiles } from '@huggingface/hub'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Delivery } from '../../sandbox/hub/webhooks/deliveries.ts'
import { names } from '../../sandbox/world.ts'
import { type ActionRun, after, stepsShown } from '../stage/action-run.ts'
import { claims } from '../stage/ledger-records.ts'
import { type Case, type Stage, startStage } from '../stage/stage.ts'

let stage: Stage
let watched: Case

beforeAll(async () => {
  stage = await startStage()
  watched = stage.case({ name: 'digits-to-train' })
  const relay = await stage.connectRelay({ EVENT_TYPE: watched.name })
  stage.hub.webhook({
    url: `${relay.url}/webhook`,
    secret: names.webhookSecret,
    watched: [watched.dataset],
    domains: ['repo', 'discussion'],
  })
})
afterAll(() => stage.close())

describe('A commit to the dataset', () => {
  let run: ActionRun
  let deliveries: Delivery[]

  beforeAll(async () => {
    const happened = await after(stage, () =>
      uploadFiles({
        repo: { type: 'dataset', name: watched.dataset },
        files: [{ path: 'train/7/seven.txt', content: new Blob(['seven']) }],
        commitTitle: 'Add a seven',
        accessToken: names.hubToken,
        hubUrl: stage.hub.url,
        useXet: false,
      }),
    )
    expect(happened.runs).toHaveLength(1)
    run = happened.runs[0] as ActionRun
    deliveries = happened.deliveries
  })

  test('A commit becomes a prepared training, and the step is green.', () => {
    expect(run).toMatchObject({ verdict: 'started', exitCode: 0, errors: [], warnings: [] })
    expect(run.run).toMatchObject({ event: 'repository_dispatch', conclusion: 'success' })
    expect(run.post).toMatchObject({ outcome: 'success', annotations: [] })
  })

  test('The relay answers a commit with 202 and the delivery id that the summary shows.', () => {
    const [delivery] = deliveries
    expect(delivery?.attempts).toMatchObject([{ status: 202 }])
    expect(JSON.parse(delivery?.attempts[0]?.body ?? '')).toEqual({
      processed: true,
      id: delivery?.id,
      dispatched: [names.repository],
    })
    expect(run.summary).toContain(delivery?.id)
  })

  test("AutoTrain gets the guide's three calls, in order, with hf-token and nothing else.", () => {
    const [project] = watched.projects()
    const sent = stage.autotrain.requests.map(({ method, path, body, headers }) => ({
      call: `${method} ${path}`,
      body: body === undefined ? null : JSON.parse(body),
      authorization: headers.authorization,
    }))
    const authorization = `Bearer ${names.hubToken}`
    expect(sent).toEqual([
      {
        call: 'POST /projects/create',
        authorization,
        body: {
          username: 'acme',
          proj_name: `digits-to-train-${watched.head().slice(0, 7)}`,
          task: 18,
          config: { language: 'unk', max_models: 1, 'hub-model': 'microsoft/resnet-50' },
        },
      },
      {
        call: `POST /projects/${project?.id}/data/dataset`,
        authorization,
        body: {
          dataset_id: watched.dataset,
          dataset_split: 'train',
          split: 4,
          col_mapping: { image: 'image', label: 'target' },
        },
      },
      { call: `POST /projects/${project?.id}/data/start_processing`, authorization, body: null },
    ])
    expect(project?.data.map(({ revision }) => revision)).toEqual([watched.head()])
  })

  test('A discussion on the dataset says what happened and links the launch page.', () => {
    const [discussion, ...others] = stage.hub.discussions(watched.dataset)
    expect(others).toEqual([])
    expect(discussion?.author.name).toBe(names.user)
    const text = JSON.stringify(discussion?.events)
    expect(text).toContain(`${stage.autotrain.url}/${watched.projects()[0]?.id}/trainings`)
    expect(text).toContain(watched.head())
    expect(text).toContain(names.model)
  })

  test('The summary of a commit shows the verdict, the revision, the steps and the links.', () => {
    expect(run.summary).toMatch(/^## .*ready for review/im)
    expect(run.summary).toContain(`${stage.hub.url}/datasets/${watched.dataset}/commit/${watched.head()}`)
    expect(run.summary).toContain(`${stage.autotrain.url}/${watched.projects()[0]?.id}/trainings`)
    expect(run.summary).toContain(run.outputs['discussion-url'])
    expect(stepsShown(run)).toEqual(
      expect.arrayContaining([
        '✅ Claim the revision',
        '✅ Create the AutoTrain project',
        '✅ Add the dataset to the project',
        '✅ Start processing the data',
      ]),
    )
  })

  test('A run for a commit sets every output.', () => {
    const [project] = watched.projects()
    const expected = {
      verdict: 'started',
      processed: 'true',
      dataset: watched.dataset,
      revision: watched.head(),
      'project-name': project?.name,
      'run-id': String(project?.id),
      'run-url': `${stage.autotrain.url}/${project?.id}/trainings`,
      model: `acme/${project?.name}`,
      'discussion-url': `${stage.hub.url}/datasets/${watched.dataset}/discussions/1`,
      metrics: '{}',
      'cost-estimate': '',
      improved: '',
      baseline: '',
      published: '',
      'published-model': '',
      'published-revision': '',
    }
    expect(run.outputs).toMatchObject(expected)
    expect(run.reason).toMatch(/^The retraining on [0-9a-f]{7} is prepared: review the cost and launch/)
    expect(JSON.parse(run.outputs.results ?? '')).toEqual([{ ...expected, reason: run.reason }])
  })

  test('The ledger records the run with the id of its delivery.', () => {
    expect(claims(stage, watched.name)).toMatchObject([
      {
        revision: watched.head(),
        attempt: 1,
        state: 'started',
        trigger: 'dispatch',
        deliveryId: deliveries[0]?.id,
        run: { id: run.outputs['run-id'], url: run.outputs['run-url'] },
        workflow: { runId: String(run.run.id), runAttempt: 1 },
      },
    ])
  })

  test('What the action wrote for a commit starts no further run.', () => {
    const others = deliveries.slice(1)
    expect(others.map(({ payload }) => payload.event.scope)).toEqual(['discussion'])
    for (const { attempts } of others) {
      expect(attempts).toMatchObject([{ status: 200, body: expect.stringContaining('"processed":false') }])
    }
  })
})

test('A commit that only changes the README starts the workflow, which has nothing to train and says so.', async () => {
  const calls = stage.autotrain.requests.length
  const { runs } = await after(stage, () =>
    stage.hub.commit(watched.dataset, { files: { 'README.md': '# Digits' } }),
  )
  expect(runs).toHaveLength(1)
  expect(runs[0]).toMatchObject({
    verdict: 'skipped',
    exitCode: 0,
    errors: [],
    outputs: { processed: 'false' },
  })
  expect(runs[0]?.reason).toMatch(
    /^Only README\.md changed since the training on [0-9a-f]{7}.*paths-ignore excludes it\.$/,
  )
  expect(runs[0]?.notices).toEqual([expect.stringContaining(runs[0]?.reason ?? '')])
  expect(stage.autotrain.requests).toHaveLength(calls)
})
