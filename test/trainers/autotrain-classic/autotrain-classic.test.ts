import { afterEach, describe, expect, test } from '@jest/globals'
import { classicTaskId, columnRoles, taskNames } from '../../../src/domain/tasks.ts'
import { NotStarted, Refused } from '../../../src/domain/verdict.ts'
import { createApi } from '../../../src/http/api.ts'
import { defaultPolicy, withPolicy } from '../../../src/http/exchange.ts'
import { createNodeSend } from '../../../src/http/node-fetch.ts'
import { readHubWords } from '../../../src/hub/words.ts'
import { createClassicTrainer } from '../../../src/trainers/autotrain-classic/autotrain-classic.ts'
import { createFakeClock } from '../../http/fake-clock.ts'
import { closedPortUrl } from '../../http/local-server.ts'
import type { ClassicAutoTrain, ClassicOptions } from '../../sandbox/autotrain-classic/start.ts'
import { startClassicAutoTrain } from '../../sandbox/autotrain-classic/start.ts'
import type { SandboxHub } from '../../sandbox/hub/start.ts'
import { startHub } from '../../sandbox/hub/start.ts'
import { listen, order as orderOf } from '../order.ts'

const token = 'hf_ann0token0of0the0test'
const { signal } = new AbortController()

let hub: SandboxHub
let service: ClassicAutoTrain

afterEach(async () => {
  await service.close()
  await hub.close()
})

async function stage(options: Partial<ClassicOptions> & { url?: string; token?: string } = {}) {
  const { url, token: given = token, ...habits } = options
  hub = await startHub()
  hub.addUser({ name: 'ann', token })
  hub.addToken({ token: 'hf_read', user: 'ann', role: 'read' })
  hub.createDataset({ name: 'ann/digits', private: true, files: { 'a.txt': 'a' } })
  service = await startClassicAutoTrain({ hub: hub.state, ...habits })
  const clock = createFakeClock()
  const http = withPolicy({ send: createNodeSend(), policy: defaultPolicy, clock })
  const api = createApi({ readWords: readHubWords, baseUrl: url ?? service.url, token: given, http, clock })
  return createClassicTrainer({ api, uiUrl: 'https://ui.example', hubUrl: hub.url })
}

const order = (change: Parameters<typeof orderOf>[0] = {}) =>
  orderOf({ trainer: 'autotrain-classic', ...change })

test('Three calls prepare a project for a person to launch, and the run links to it.', async () => {
  const trainer = await stage()
  expect(await trainer.start(order(), listen())).toEqual({
    id: '1000',
    url: 'https://ui.example/1000/trainings',
    nextStep: 'review the cost and launch the training in AutoTrain',
  })
  expect(service.projects).toMatchObject([
    {
      name: 'digits-1',
      task: 18,
      config: { language: 'unk', max_models: 1, 'hub-model': 'microsoft/resnet-50' },
      data: [
        {
          datasetId: 'ann/digits',
          datasetSplit: 'train',
          split: 4,
          colMapping: { image: 'image', label: 'target' },
        },
      ],
      calls: ['create', 'data/dataset', 'data/start_processing'],
    },
  ])
})

test('The next step for a person is known without the run too.', async () => {
  const trainer = await stage()
  const { nextStep } = await trainer.start(order(), listen())
  expect(trainer.nextStep).toBe(nextStep)
})

test('A validation split is added as such, and AutoTrain splits nothing off itself.', async () => {
  const trainer = await stage()
  await trainer.start(order({ validSplit: 'test' }), listen())
  expect(service.projects[0]?.data).toMatchObject([
    { datasetSplit: 'train', split: 1 },
    { datasetSplit: 'test', split: 2 },
  ])
})

test.each(taskNames)(
  'The task %s goes to the guide’s AutoTrain only if it is supported there.',
  async (task) => {
    const trainer = await stage()
    const columnMapping = Object.fromEntries(columnRoles(task).map(({ name }) => [name, name]))
    const training = order({ task, columnMapping })
    if (classicTaskId(task) === null) {
      const refusal = trainer.plan(training, signal)
      await expect(refusal).rejects.toThrow(Refused)
      await expect(refusal).rejects.toThrow(`task: the trainer autotrain-classic does not support ${task}`)
    } else {
      await trainer.plan(training, signal)
      await trainer.start(training, listen())
      expect(service.projects).toMatchObject([{ task: classicTaskId(task) }])
    }
  },
)

test('A plan starts nothing, trains on the head only and has no price.', async () => {
  const trainer = await stage()
  expect(await trainer.plan(order(), signal)).toMatchObject({
    readsOnlyHead: true,
    cost: null,
    timeoutMs: null,
  })
  expect(service.requests).toEqual([])
})

describe('A start certainly never began', () => {
  test('when the service is retired, and the error names another trainer.', async () => {
    const trainer = await stage({ retired: 410 })
    const failure = trainer.start(order(), listen())
    await expect(failure).rejects.toThrow(NotStarted)
    await expect(failure).rejects.toThrow('This API is retired, use trainer: autotrain')
  })

  test('when the token cannot write to the target namespace.', async () => {
    const trainer = await stage({ token: 'hf_read' })
    const failure = trainer.start(order(), listen())
    await expect(failure).rejects.toThrow(NotStarted)
    await expect(failure).rejects.toThrow('Give hf-token write access to the target namespace')
  })

  test('when the name of the project is taken.', async () => {
    const trainer = await stage()
    await trainer.start(order(), listen())
    await expect(trainer.start(order(), listen())).rejects.toThrow(NotStarted)
    expect(service.projects).toHaveLength(1)
  })

  test('when the service cannot be reached.', async () => {
    const trainer = await stage({ url: await closedPortUrl() })
    await expect(trainer.start(order(), listen())).rejects.toThrow(NotStarted)
  })
})

test('A creation whose answer is lost may have happened.', async () => {
  const trainer = await stage()
  service.fault({ path: /create/, reset: true, applied: true })
  const failure = await trainer.start(order(), listen()).catch((error: unknown) => error)
  expect(failure).toBeInstanceOf(Error)
  expect(failure).not.toBeInstanceOf(NotStarted)
  expect(service.projects).toHaveLength(1)
})

test('A failure after the creation of the project names the step that failed.', async () => {
  const trainer = await stage()
  service.fault({ path: /start_processing/, status: 500, times: 9 })
  const failure = trainer.start(order(), listen())
  await expect(failure).rejects.not.toThrow(NotStarted)
  await expect(failure).rejects.toThrow('"Start processing the data": AutoTrain answered 500')
})
