import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { systemClock } from '../../../src/http/clock.ts'
import { watchPresence } from '../../../src/trainers/jobs/presence.ts'
import { connect } from '../../hub/connect.ts'
import { type JobStage, stageJobs, token } from './job-stage.ts'

const minute = 60_000
let stage: JobStage
let now: number

beforeEach(async () => {
  stage = await stageJobs()
  now = 0
})
afterEach(() => stage.close())

/** Watches a new Job, on a clock that the test moves. */
async function watchNewJob() {
  const order = stage.order({ command: 'sleep 100' })
  const { id } = await stage.start(order)
  const clock = { ...systemClock, now: () => now }
  const presence = watchPresence(connect(stage.sandbox.url, token).hub, { order, id, clock })
  return { id, presence }
}

function deleteJob(): void {
  for (const job of [...stage.sandbox.jobs.all]) stage.sandbox.jobs.remove(job)
}

test('A Job that exists is returned', async () => {
  const { id, presence } = await watchNewJob()
  expect(await presence.check()).toMatchObject({ id })
})

test('A Job that the Hub does not show is missing for a minute, then unseen', async () => {
  const { presence } = await watchNewJob()
  deleteJob()
  expect(await presence.check()).toBe('missing')
  now = minute - 1
  expect(await presence.check()).toBe('missing')
  now = minute
  expect(await presence.check()).toBe('unseen')
})

test('An unclear answer restarts the minute after which a missing Job is unseen', async () => {
  const { presence } = await watchNewJob()
  deleteJob()
  expect(await presence.check()).toBe('missing')
  now = minute / 2
  stage.sandbox.fault({ path: /^\/api\/jobs\/ann\/[0-9a-f]{24}$/, status: 403 })
  await expect(presence.check()).rejects.toMatchObject({ name: 'HttpError', status: 403 })
  now = minute
  expect(await presence.check()).toBe('missing')
  now = 2 * minute
  expect(await presence.check()).toBe('unseen')
})
