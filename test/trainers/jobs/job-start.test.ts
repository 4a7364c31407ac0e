import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { createFakeClock } from '../../http/fake-clock.ts'
import { listen } from '../order.ts'
import { type JobStage, stageJobs } from './job-stage.ts'

const creation = { method: 'POST', path: /^\/api\/jobs\/ann$/ }
const always = Number.POSITIVE_INFINITY
let stage: JobStage

beforeEach(async () => {
  stage = await stageJobs({ clock: createFakeClock() })
})
afterEach(() => stage.close())

const creations = () =>
  stage.sandbox.requests.filter(({ method, path }) => method === creation.method && creation.path.test(path))
const lookUps = () => stage.sandbox.requests.filter(({ path }) => path.includes('?label='))

test('The error for a namespace without credits says where to add some', async () => {
  stage.sandbox.jobs.setCredits('ann', false)
  await expect(stage.start()).rejects.toMatchObject({
    name: 'NotStarted',
    message: expect.stringMatching(
      /\(402, request id .*: "Pre-paid credit balance is insufficient.*"\)\. Add credits in the billing settings of ann: /,
    ),
  })
  expect(lookUps()).toEqual([])
})

test.each([
  ['A start that the Hub refuses with 400 certainly never began', 400],
  ['A start that the Hub refuses with 401 certainly never began', 401],
  ['A start that the Hub refuses with 403 certainly never began', 403],
  ['A start that the Hub refuses with 404 certainly never began', 404],
])("%s, and the Hub's words stand without advice that they do not give", async (_title, status) => {
  stage.sandbox.fault({ ...creation, status, body: { error: 'Something that nobody knows' } })
  await expect(stage.start()).rejects.toMatchObject({
    name: 'NotStarted',
    message: `The Hub did not start the Job (${status}: "Something that nobody knows").`,
  })
  expect(lookUps()).toEqual([])
  expect(stage.sandbox.jobs.all).toEqual([])
})

test.each([
  [
    403,
    'Jobs are switched off for this organisation by its administrators',
    'Ask an administrator of ann to allow Jobs',
  ],
  [403, 'Jobs of this organisation need a resource group', 'Ask an administrator of ann to add the account'],
  [404, 'There is no such image: registry answered 404', 'Check image: '],
  [
    429,
    'At most 4 Jobs at once on this hardware',
    'Run the workflow again once one of the running Jobs has ended',
  ],
  [401, 'An administrator of acme has revoked this token', 'Create a new token at '],
  [409, 'Too many concurrent Jobs', 'Run the workflow again once one of the running Jobs has ended'],
])(
  'A start that the Hub refuses with %d and "%s" is explained by these words',
  async (status, words, advice) => {
    stage.sandbox.fault({ ...creation, status, body: { error: words }, times: 9 })
    await expect(stage.start()).rejects.toMatchObject({
      name: 'NotStarted',
      message: expect.stringContaining(`The Hub did not start the Job (${status}: "${words}"). ${advice}`),
    })
    expect(stage.sandbox.jobs.all).toEqual([])
  },
)

test.each([
  ['A Job whose start lost its answer is found by its nonce, and there is only one', { reset: true }],
  ['A Job whose start was answered with 504 is found by its nonce, and there is only one', { status: 504 }],
  [
    'A Job whose start had an unexpected answer is found by its nonce, and there is only one',
    { status: 200, body: {} },
  ],
  [
    'A Job whose start timed out at the gateway is found by its nonce, and there is only one',
    { status: 408 },
  ],
])('%s', async (_title, fault) => {
  stage.sandbox.fault({ ...creation, ...fault, applied: true })
  const run = await stage.start()
  expect(stage.sandbox.jobs.all.map(({ id }) => id)).toEqual([run.id])
  expect(creations()).toHaveLength(1)
  expect(await stage.follow(run)).toMatchObject({ verdict: 'succeeded' })
})

test('A start that was answered with 5xx is unclear when no Job appears for a minute', async () => {
  stage.sandbox.fault({ ...creation, status: 500 })
  const begun = stage.clock.now()
  await expect(stage.start()).rejects.toMatchObject({
    name: 'UnclearStart',
    message: expect.stringMatching(
      /answered 500.*lists none so far\. A Job named digits-1 may be running and billed: .*\/jobs\/ann\. Every check/,
    ),
  })
  expect(stage.clock.now() - begun).toBeGreaterThanOrEqual(60_000)
  expect(creations()).toHaveLength(1)
})

test('A start that cannot be looked up is unclear', async () => {
  stage.sandbox.fault({ ...creation, status: 500 })
  stage.sandbox.fault({ path: /\?label=/, status: 500, times: always })
  await expect(stage.start()).rejects.toMatchObject({
    name: 'UnclearStart',
    message: expect.stringMatching(
      /did not list its Jobs\. A Job named digits-1 may be running and billed: .*jobs\/ann/,
    ),
  })
})

test('The search for a Job ends within seconds once the workflow is cancelled', async () => {
  await stage.close()
  stage = await stageJobs({ speed: 100 })
  const cancelled = new AbortController()
  stage.sandbox.fault({ ...creation, status: 500 })
  const looks = stage.sandbox.fault({ path: /\?label=/, status: 403, times: always })
  const starting = stage.trainer.start(stage.order(), listen({ signal: cancelled.signal }))
  const rejection = expect(starting).rejects.toMatchObject({
    name: 'UnclearStart',
    message: expect.stringMatching(/A Job named digits-1 may be running and billed: .*jobs\/ann/),
  })
  while (looks.hits === 0) await new Promise((resolve) => setTimeout(resolve, 5))
  cancelled.abort()
  await rejection
  expect(looks.hits).toBeLessThanOrEqual(10)
})

test('A cancelled workflow does not interrupt a start whose answer is pending', async () => {
  const cancelled = new AbortController()
  stage.sandbox.fault({ ...creation, status: 504, applied: true })
  const recorded = listen({ signal: cancelled.signal })
  const run = await stage.trainer.start(stage.order(), {
    ...recorded,
    assertMayBegin: () => cancelled.abort(),
  })
  expect(stage.sandbox.jobs.all.map(({ id }) => id)).toEqual([run.id])
})

test('A Job that the Hub lists only after a minute is found by its nonce later', async () => {
  stage.sandbox.jobs.next({ shownAfterMs: 75_000 })
  stage.sandbox.fault({ ...creation, status: 504, applied: true })
  await expect(stage.start()).rejects.toMatchObject({ name: 'UnclearStart' })
  await stage.clock.sleep(15_000)
  expect(await stage.find()).toMatchObject({ id: stage.sandbox.jobs.all[0]?.id })
  expect(creations()).toHaveLength(1)
})

test('A start certainly never began when the Hub cannot be reached', async () => {
  await stage.sandbox.close()
  await expect(stage.start()).rejects.toMatchObject({ name: 'NotStarted' })
})

test('A workflow that was cancelled before the start starts nothing', async () => {
  const recorded = listen({ signal: AbortSignal.abort() })
  await expect(stage.trainer.start(stage.order(), recorded)).rejects.toMatchObject({ name: 'NotStarted' })
  expect(creations()).toEqual([])
})
