import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { createFakeClock, type FakeClock } from '../../http/fake-clock.ts'
import { type JobStage, stageJobs } from './job-stage.ts'

let clock: FakeClock
let stage: JobStage

beforeEach(async () => {
  clock = createFakeClock()
  stage = await stageJobs({ clock })
})
afterEach(() => stage.close())

test('The runs of a recipe at a revision are listed from the oldest, of any attempt and any ledger', async () => {
  const first = await stage.start({ ...stage.order(), nonce: 'first0nonce' })
  await stage.sandbox.jobs.settled()
  const createdAt = clock.now()
  clock.advance(60_000)
  const order = stage.order({ command: 'sleep 100' })
  const second = await stage.start({ ...order, nonce: 'second0nonce', ledger: 'ffffffff' })
  await stage.start({ ...order, nonce: 'other0recipe', key: 'another-recipe-00000000' })
  expect(await stage.list()).toEqual([
    { run: first, nonce: 'first0nonce', ledger: '0a1b2c3d', isLive: false, createdAt },
    { run: second, nonce: 'second0nonce', ledger: 'ffffffff', isLive: true, createdAt: createdAt + 60_000 },
  ])
})

test('The Job of another revision is not listed', async () => {
  await stage.start()
  expect(await stage.list({ ...stage.order(), revision: 'b'.repeat(40) })).toEqual([])
})

test('A Job of an older version has no ledger, and is found by its nonce only', async () => {
  const run = await stage.start()
  const [job] = stage.sandbox.jobs.all
  const { recipe: _recipe, ledger: _ledger, ...older } = job?.labels ?? {}
  if (job !== undefined) job.labels = older
  expect(await stage.list()).toEqual([])
  expect(await stage.find()).toEqual(run)
  if (job !== undefined) job.labels = { ...older, recipe: stage.order().key }
  expect(await stage.list()).toMatchObject([{ nonce: 'n0nce0123456', ledger: null }])
})

test('A list that does not show labels is an error, not an empty list', async () => {
  await stage.start()
  stage.sandbox.fault({
    path: /\?label=/,
    status: 200,
    body: [{ id: 'a1', status: { stage: 'RUNNING' } }],
  })
  await expect(stage.list()).rejects.toThrow('lists its Jobs without their labels')
})

test.each([
  ['a key with other characters', { key: 'a/b' }],
  ['no key', { key: '' }],
  ['no ledger', { ledger: '' }],
])('An order with %s starts nothing', async (_title, change) => {
  await expect(stage.start({ ...stage.order(), ...change })).rejects.toMatchObject({ name: 'NotStarted' })
  expect(stage.sandbox.jobs.all).toEqual([])
})

test('The values of labels have no dots', async () => {
  await stage.start({ ...stage.order(), project: 'resnet-v1.5' })
  expect(stage.sandbox.jobs.all[0]?.labels).toMatchObject({ name: 'resnet-v1-5' })
})
