import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { createFakeClock, type FakeClock } from '../../http/fake-clock.ts'
import { type JobStage, stageJobs } from './job-stage.ts'

const always = Number.POSITIVE_INFINITY
const minute = 60_000
const hour = 60 * minute
let clock: FakeClock
let stage: JobStage

async function restage(hubAhead = 0): Promise<void> {
  await stage?.close()
  clock = createFakeClock()
  stage = await stageJobs({ clock, hubAhead, command: 'sleep 100' })
}

beforeEach(() => restage())
afterEach(() => stage.close())

const stages = () => stage.sandbox.jobs.all.map((job) => job.stage)

/** The Hub shows this timeout but does not end the Job at it. */
function showTimeout(seconds: number): void {
  const [job] = stage.sandbox.jobs.all
  if (job !== undefined) job.spec = { ...job.spec, timeoutSeconds: seconds }
}

const queued = (wait: string) => ({
  verdict: 'failed',
  cause: 'infrastructure',
  began: false,
  trainedMs: 0,
  cost: 0,
  reason:
    `The Job was still queued after ${wait} and was cancelled: no hardware of its kind was free, or its image could ` +
    'not be pulled.',
})

test.each([
  ['A Job that finds no hardware for an hour is cancelled, at no cost', 10 * minute, hour, '1 h'],
  ['A Job may wait for hardware as long as its timeout', 3 * hour, 3 * hour, '3 h'],
])('%s', async (_title, timeout, wait, words) => {
  stage.sandbox.jobs.setFree('t4-small', false)
  const begun = clock.now()
  const { end } = await stage.train({ timeout })
  expect(end).toMatchObject(queued(words))
  expect(clock.now() - begun).toBeGreaterThanOrEqual(wait)
  expect(clock.now() - begun).toBeLessThan(wait + 5 * minute)
  expect(stages()).toEqual(['CANCELED'])
})

test.each([
  ['A Job whose image never finishes pulling is cancelled', 0],
  ['The queue limit of an own Job does not depend on the clock of the Hub, which is ahead', 3 * hour],
  ['The queue limit of an own Job does not depend on the clock of the Hub, which is behind', -3 * hour],
])('%s', async (_title, hubAhead) => {
  await restage(hubAhead)
  stage.sandbox.jobs.next({ imagePull: 'endless' })
  const begun = clock.now()
  const { end } = await stage.train({ timeout: minute })
  expect(end).toMatchObject(queued('1 h'))
  expect(clock.now() - begun).toBeGreaterThanOrEqual(hour)
  expect(clock.now() - begun).toBeLessThan(hour + 5 * minute)
})

test('A Job that was not followed is cancelled at its queue limit, and not before', async () => {
  stage.sandbox.jobs.setFree('t4-small', false)
  const order = stage.order({ timeout: minute, wait: false })
  const run = await stage.start(order)
  clock.advance(hour - 1000)
  expect(await stage.inspect(run, order)).toBeNull()
  clock.advance(1000)
  expect(await stage.inspect(run, order)).toMatchObject(queued('1 h'))
  expect(stages()).toEqual(['CANCELED'])
})

test('The queue limit of a Job that another process ordered begins with its creation', async () => {
  stage.sandbox.jobs.setFree('t4-small', false)
  const order = stage.order({ timeout: minute })
  const run = await stage.start(order)
  clock.advance(hour)
  const begun = clock.now()
  expect(await stage.follow(run, { order: { ...order, nonce: 'anotherProcess' } })).toMatchObject(
    queued('1 h'),
  )
  expect(clock.now() - begun).toBeLessThan(5 * minute)
})

test('A Job that was not followed and that the Hub does not end at its timeout is cancelled', async () => {
  const run = await stage.start()
  await stage.running()
  showTimeout(60)
  clock.advance(10 * minute)
  expect(await stage.inspect(run)).toBeNull()
  clock.advance(4 * minute)
  expect(await stage.inspect(run)).toMatchObject({ verdict: 'failed', cause: 'limit', began: true })
  expect(stages()).toEqual(['CANCELED'])
})

test.each([
  ['A Job that the Hub does not end at its timeout is cancelled by the action', 0],
  ['A Job that outlives its timeout is cancelled, even when the clock of the Hub is ahead', hour],
])('%s', async (_title, hubAhead) => {
  await restage(hubAhead)
  const run = await stage.start()
  await stage.running()
  showTimeout(60)
  const begun = clock.now()
  expect(await stage.follow(run)).toMatchObject({
    verdict: 'failed',
    cause: 'limit',
    began: true,
    reason: 'The Job ran longer than its timeout of 1 min and was cancelled.',
  })
  expect(clock.now() - begun).toBeLessThan(hour / 2)
  expect(stages()).toEqual(['CANCELED'])
})

test('A Job is not cancelled because its recipe has a shorter timeout now', async () => {
  const run = await stage.start()
  await stage.running()
  clock.advance(hour)
  expect(await stage.inspect(run, stage.order({ timeout: minute }))).toBeNull()
})

test('A queued Job that cannot be cancelled is an error with the URL of the Job', async () => {
  stage.sandbox.jobs.next({ imagePull: 'endless' })
  stage.sandbox.fault({ path: /\/cancel$/, status: 403, times: always })
  await expect(stage.train({ timeout: minute })).rejects.toThrow(/still be running and billed\. Cancel it at/)
})
