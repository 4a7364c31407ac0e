import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { listen } from '../order.ts'
import { type JobStage, stageJobs } from './job-stage.ts'

const creation = { method: 'POST', path: /^\/api\/jobs\/ann$/ }
const always = Number.POSITIVE_INFINITY
let stage: JobStage

beforeEach(async () => {
  stage = await stageJobs({ speed: 100 })
})
afterEach(() => stage.close())

const creations = () =>
  stage.sandbox.requests.filter(({ method, path }) => method === creation.method && creation.path.test(path))
const lookUps = () => stage.sandbox.requests.filter(({ path }) => path.includes('?label='))

test('a namespace without credits is told where to add some', async () => {
  stage.sandbox.jobs.setCredits('ann', false)
  await expect(stage.start()).rejects.toMatchObject({
    name: 'NotStarted',
    message: expect.stringMatching(/ann has no credits.*billing/),
  })
  expect(lookUps()).toEqual([])
})

test.each([
  ['a start that the Hub refuses with 400 certainly never began', 400, /it said: .*Internal Error/],
  ['a start that the Hub refuses with 401 certainly never began', 401, /hf-token is not accepted/],
  ['a start that the Hub refuses with 403 certainly never began', 403, /may not start Jobs in ann/],
  ['a start that the Hub refuses with 404 certainly never began', 404, /does not see the namespace ann/],
])('%s', async (_title, status, sentence) => {
  stage.sandbox.fault({ ...creation, status })
  await expect(stage.start()).rejects.toMatchObject({
    name: 'NotStarted',
    message: expect.stringMatching(sentence),
  })
  expect(lookUps()).toEqual([])
  expect(stage.sandbox.jobs.all).toEqual([])
})

test.each([
  ['a start whose answer is lost is found by its nonce and taken on: one Job', { reset: true }],
  ['a start that is answered with 504 and went through is taken on: one Job', { status: 504 }],
  ['a start whose answer is no Job is found by its nonce and taken on: one Job', { status: 200, body: {} }],
  ['a start that runs into a time limit of the front is looked up: one Job', { status: 408 }],
])('%s', async (_title, fault) => {
  stage.sandbox.fault({ ...creation, ...fault, applied: true })
  const run = await stage.start()
  expect(stage.sandbox.jobs.all.map(({ id }) => id)).toEqual([run.id])
  expect(creations()).toHaveLength(1)
  expect(await stage.follow(run)).toMatchObject({ verdict: 'succeeded' })
})

test('a start that is answered with 5xx and shows no Job for a minute certainly never began', async () => {
  stage.sandbox.fault({ ...creation, status: 500 })
  const begun = stage.clock.now()
  await expect(stage.start()).rejects.toMatchObject({
    name: 'NotStarted',
    message: expect.stringMatching(/answered 500.*a minute later there is no Job/),
  })
  expect(stage.clock.now() - begun).toBeGreaterThanOrEqual(60_000)
  expect(creations()).toHaveLength(1)
})

test('a start that nobody can look up is not called never started', async () => {
  stage.sandbox.fault({ ...creation, status: 500 })
  stage.sandbox.fault({ path: /\?label=/, status: 500, times: always })
  await expect(stage.start()).rejects.toMatchObject({
    name: 'Error',
    message: expect.stringMatching(/Nobody can tell whether the Job was started.*jobs\/ann.*digits-1/),
  })
})

test('a start that nobody can look up is told of within seconds once the workflow is cancelled', async () => {
  const cancelled = new AbortController()
  stage.sandbox.fault({ ...creation, status: 500 })
  const looks = stage.sandbox.fault({ path: /\?label=/, status: 403, times: always })
  const starting = stage.trainer.start(stage.order(), listen({ signal: cancelled.signal }))
  const told = expect(starting).rejects.toMatchObject({
    name: 'Error',
    message: expect.stringMatching(/Nobody can tell whether the Job was started.*jobs\/ann.*digits-1/),
  })
  while (looks.hits === 0) await stage.clock.sleep(10)
  cancelled.abort()
  await told
  expect(looks.hits).toBeLessThanOrEqual(10)
})

test('a cancelled workflow cuts off no start whose answer is under way', async () => {
  const cancelled = new AbortController()
  stage.sandbox.fault({ ...creation, status: 504, applied: true })
  const told = listen({ signal: cancelled.signal })
  const run = await stage.trainer.start(stage.order(), { ...told, assertMayBegin: () => cancelled.abort() })
  expect(stage.sandbox.jobs.all.map(({ id }) => id)).toEqual([run.id])
})

test('a Hub that cannot be reached certainly started nothing', async () => {
  await stage.sandbox.close()
  await expect(stage.start()).rejects.toMatchObject({ name: 'NotStarted' })
})

test('a workflow that was cancelled before the start starts nothing', async () => {
  const told = listen({ signal: AbortSignal.abort() })
  await expect(stage.trainer.start(stage.order(), told)).rejects.toMatchObject({ name: 'NotStarted' })
  expect(creations()).toEqual([])
})
