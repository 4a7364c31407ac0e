import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { createFakeClock } from '../../http/fake-clock.ts'
import { type JobStage, stageJobs } from './job-stage.ts'

const always = Number.POSITIVE_INFINITY
const oneJob = /^\/api\/jobs\/ann\/[0-9a-f]{24}$/
const list = /^\/api\/jobs\/ann\?label=/
let stage: JobStage

beforeEach(async () => {
  stage = await stageJobs({ clock: createFakeClock(), command: 'sleep 100' })
})
afterEach(() => stage.close())

const cancellations = () => stage.sandbox.requests.filter(({ path }) => path.endsWith('/cancel'))

const outOfSight = (url: string) => ({
  verdict: 'out-of-sight',
  reason:
    'The Hub does not show the Job any more (for 1 min, by its id and in the list): it may still be running and ' +
    `billed: ${url}. Every check asks again.`,
})

test('A followed Job that the Hub does not show for a minute is out of sight, and no cancel is sent', async () => {
  const run = await stage.start()
  await stage.running()
  stage.sandbox.jobs.hide()
  expect(await stage.follow(run)).toEqual(outOfSight(run.url))
  expect(cancellations()).toEqual([])
  expect(stage.sandbox.jobs.all.map((job) => job.stage)).toEqual(['RUNNING'])
})

test('A Job that was not followed and is not shown for a minute is out of sight, until it is shown again', async () => {
  const run = await stage.start()
  const hidden = stage.sandbox.jobs.hide()
  expect(await stage.inspect(run)).toEqual(outOfSight(run.url))
  hidden.lift()
  expect(await stage.inspect(run)).toBeNull()
  expect(cancellations()).toEqual([])
})

test('A Job that an earlier check waited for in vain is read once, and no minute is waited for', async () => {
  const run = await stage.start()
  const hidden = stage.sandbox.jobs.hide()
  const before = stage.sandbox.requests.length
  expect(await stage.inspect({ ...run, isUnseen: true })).toEqual(outOfSight(run.url))
  expect(stage.sandbox.requests.slice(before).map(({ method }) => method)).toEqual(['GET', 'GET'])
  hidden.lift()
  expect(await stage.inspect({ ...run, isUnseen: true })).toBeNull()
})

test('A Job that is hidden for less than a minute is followed on', async () => {
  const run = await stage.start()
  stage.sandbox.jobs.hide({ forMs: 50_000 })
  const following = stage.follow(run)
  await stage.running()
  await new Promise((resolve) => setTimeout(resolve, 200))
  await stage.cancel(run)
  expect(await following).toMatchObject({ verdict: 'cancelled' })
})

test('A Job that the Hub shows only in its list is not out of sight', async () => {
  const run = await stage.start()
  stage.sandbox.jobs.hide({ views: ['get'] })
  expect(await stage.inspect(run)).toBeNull()
})

test('A Job that the Hub shows only by its id is not out of sight', async () => {
  const run = await stage.start()
  stage.sandbox.jobs.hide({ views: ['list'] })
  expect(await stage.inspect(run)).toBeNull()
})

test('A run is still running when the Hub neither knows nor lists its new Job for a moment', async () => {
  const run = await stage.start()
  stage.sandbox.fault({ path: oneJob, status: 404 })
  stage.sandbox.fault({ path: list, status: 200, body: [] })
  expect(await stage.inspect(run)).toBeNull()
})

test('A run is not closed because the token cannot see the namespace', async () => {
  const run = await stage.start()
  stage.sandbox.fault({ path: /^\/api\/jobs\/ann/, status: 404, times: always })
  await expect(stage.inspect(run)).rejects.toMatchObject({ name: 'HttpError', status: 404 })
})

test('A Job that the Hub shows as deleted was cancelled by a person', async () => {
  const run = await stage.start()
  await stage.cancel(run)
  Object.assign(stage.sandbox.jobs.all[0] ?? {}, { stage: 'DELETED' })
  expect(await stage.inspect(run)).toMatchObject({
    verdict: 'cancelled',
    cause: 'person',
    reason: 'The Job was deleted on the Hub.',
  })
})

test('A Job that the Hub does not show and does not cancel does not count as stopped', async () => {
  const run = await stage.start()
  stage.sandbox.jobs.hide()
  await expect(stage.cancel(run)).rejects.toThrow(
    new RegExp(`still be running and billed\\. Cancel it at ${run.url}`),
  )
  expect(cancellations().length).toBeGreaterThan(1)
})

test('A Job that the Hub cancels although it does not show it counts as stopped', async () => {
  const run = await stage.start()
  stage.sandbox.jobs.hide({ views: ['get', 'list'] })
  await stage.cancel(run)
  expect(stage.sandbox.jobs.all.map((job) => job.stage)).toEqual(['CANCELED'])
})

const weights = { 'model.safetensors': 'weights', 'README.md': '## Validation Metrics\n\naccuracy: 0.5\n' }

test('At its deadline, a Job out of sight has succeeded when its model is complete', async () => {
  const order = stage.order({ expectModel: true })
  const run = await stage.start(order)
  stage.sandbox.createModel({ name: 'ann/digits-1', files: weights })
  stage.sandbox.jobs.hide({ views: ['get', 'list'] })
  expect(await stage.judgeByModel(run, order)).toMatchObject({
    verdict: 'succeeded',
    cause: null,
    reason: 'Its end was not recorded; the model on the Hub is complete.',
    metrics: { eval_accuracy: 0.5 },
    cost: null,
  })
  expect(stage.sandbox.jobs.all.map((job) => job.stage)).toEqual(['CANCELED'])
})

test('At its deadline, a Job out of sight without a model has failed and counts as paid', async () => {
  const order = stage.order({ expectModel: true })
  const run = await stage.start(order)
  stage.sandbox.jobs.hide()
  expect(await stage.judgeByModel(run, order)).toMatchObject({
    verdict: 'failed',
    cause: 'infrastructure',
    began: true,
    cost: null,
    reason: expect.stringMatching(/until its deadline, and it pushed no model to ann\/digits-1: /),
  })
  expect(cancellations()).toHaveLength(1)
})

test('At its deadline, a Job out of sight whose recipe expects no model has failed', async () => {
  const run = await stage.start()
  stage.sandbox.createModel({ name: 'ann/digits-1', files: weights })
  stage.sandbox.jobs.hide()
  expect(await stage.judgeByModel(run)).toMatchObject({ verdict: 'failed', cause: 'infrastructure' })
})

test('At its deadline, a Job out of sight is not judged while the Hub does not show the model', async () => {
  const order = stage.order({ expectModel: true })
  const run = await stage.start(order)
  stage.sandbox.fault({ path: /^\/api\/models/, status: 500, times: always })
  await expect(stage.judgeByModel(run, order)).rejects.toMatchObject({ name: 'HttpError', status: 500 })
})
