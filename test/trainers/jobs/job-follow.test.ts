import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { limitTime } from '../../../src/http/time-limit.ts'
import { type JobStage, stageJobs } from './job-stage.ts'

const always = Number.POSITIVE_INFINITY
const oneJob = /^\/api\/jobs\/ann\/[0-9a-f]{24}$/
const logs = /\/logs$/
const list = /^\/api\/jobs\/ann\?label=/
let stage: JobStage

async function restage(speed: number, hubAhead = 0): Promise<void> {
  await stage?.close()
  stage = await stageJobs({ speed, hubAhead })
}

beforeEach(() => restage(20))
afterEach(() => stage.close())

const deleted = { verdict: 'cancelled', reason: 'The Job was deleted at the Hub.' }

function deleteJob(): void {
  for (const job of [...stage.sandbox.jobs.all]) stage.sandbox.jobs.remove(job)
}

/** Ten numbered lines over a while. */
const counting = 'for i in 0 1 2 3 4 5 6 7 8 9; do echo "line $i"; sleep 0.05; done'
const counted = Array.from({ length: 10 }, (_, index) => `line ${index}`)
const said = (lines: readonly string[]) => lines.filter((line) => !line.startsWith('====='))

test.each([
  [
    'a log that ends early is read on, and no line is told twice',
    [
      { after: 3, how: 'end' },
      { after: 5, how: 'end' },
    ],
  ],
  [
    'a log that ends at once is read on',
    [
      { after: 0, how: 'end' },
      { after: 1, how: 'end' },
    ],
  ],
  ['a log that hangs at its end keeps nobody waiting', [{ after: 11, how: 'hang' }]],
] as const)('%s', async (_title, logStreams) => {
  stage.sandbox.jobs.next({ logStreams })
  const { end, told } = await stage.train({ command: counting })
  expect(end.verdict).toBe('succeeded')
  expect(said(told.lines)).toEqual(counted)
})

test('a log that hangs in the middle is read anew when the Job is over', async () => {
  stage.sandbox.jobs.next({ logStreams: [{ after: 4, how: 'hang' }] })
  const { end, told } = await stage.train({ command: counting })
  expect(end.verdict).toBe('succeeded')
  expect(said(told.lines)).toEqual(counted)
})

test('a log that always hangs keeps nobody waiting', async () => {
  const hang = Array.from({ length: 50 }, () => ({ after: 2, how: 'hang' as const }))
  stage.sandbox.jobs.next({ logStreams: hang })
  const { end, told } = await stage.train({ command: counting })
  expect(end.verdict).toBe('succeeded')
  expect(said(told.lines)).toEqual(['line 0'])
})

test('a log that cannot be had is no reason to call a run failed', async () => {
  stage.sandbox.fault({ path: logs, status: 500, times: always })
  const { end, told } = await stage.train({ command: counting })
  expect(end).toMatchObject({ verdict: 'succeeded', metrics: {}, logTail: [] })
  expect(told.lines).toEqual([])
})

test('a Hub that answers 5xx for a while is asked again', async () => {
  stage.sandbox.fault({ path: oneJob, status: 503, times: 10 })
  expect((await stage.train({ command: counting })).end.verdict).toBe('succeeded')
})

test('a token that is taken away while a run is followed is an error that names the run', async () => {
  const run = await stage.start(stage.order({ command: 'sleep 100' }))
  stage.sandbox.fault({ path: oneJob, status: 401, times: always })
  await expect(stage.follow(run)).rejects.toThrow(new RegExp(`401.*${run.url}`))
})

test('a Job that somebody deleted is a cancelled run', async () => {
  const run = await stage.start(stage.order({ command: 'sleep 100' }))
  deleteJob()
  expect(await stage.follow(run)).toMatchObject(deleted)
})

test('a Job that the Hub denies by its id and shows in its list is followed to its end', async () => {
  const order = stage.order({ command: counting })
  const run = await stage.start(order)
  stage.sandbox.fault({ path: oneJob, status: 404, times: always })
  expect(await stage.follow(run, { order })).toMatchObject({ verdict: 'succeeded' })
})

test('a Hub that does not know a new Job at once is asked again', async () => {
  const order = stage.order({ command: counting })
  const run = await stage.start(order)
  stage.sandbox.fault({ path: oneJob, status: 404, times: 3 })
  expect(await stage.follow(run, { order })).toMatchObject({ verdict: 'succeeded' })
})

test('a script that fails is a failed run, with the error that its log names', async () => {
  const { end } = await stage.train({ command: 'echo "ValueError: no classes"; exit 3' })
  expect(end).toMatchObject({
    verdict: 'failed',
    reason: 'The Job failed (Job failed with exit code: 3): ValueError: no classes',
  })
})

test('a Job that somebody cancels at the Hub is a cancelled run', async () => {
  const order = stage.order({ command: 'sleep 100' })
  const run = await stage.start(order)
  await stage.cancel(run)
  expect(await stage.follow(run, { order })).toMatchObject({
    verdict: 'cancelled',
    reason: 'The Job was cancelled at the Hub.',
  })
})

test('a Job whose credits are used up is a failed run that says so', async () => {
  stage.sandbox.jobs.next({ outOfCreditsAt: /line 3/ })
  const { end } = await stage.train({ command: counting })
  expect(end).toMatchObject({
    verdict: 'failed',
    reason: expect.stringMatching(/NO_CREDITS.*ann has no credits left/),
  })
})

test('a Job that runs into its limit at the Hub is a failed run that names the limit', async () => {
  await restage(100)
  const { end } = await stage.train({ command: 'sleep 100', timeout: 60_000 })
  expect(end).toMatchObject({ verdict: 'failed', reason: expect.stringMatching(/timeout of 1 min/) })
})

test.each([
  ['a time limit that the Hub calls a cancellation is a failed run that names the limit', 'Job timeout'],
  ['a Job that the Hub cancels without a word at its time limit is a failed run that names the limit', null],
])('%s', async (_title, message) => {
  await restage(100)
  stage.sandbox.jobs.next({ timeout: { stage: 'CANCELED', message } })
  const { end } = await stage.train({ command: 'sleep 100', timeout: 60_000 })
  expect(end).toMatchObject({ verdict: 'failed', reason: expect.stringMatching(/into its timeout of 1 min/) })
})

test('a Job that nobody followed and the Hub cancelled at its time limit is a failed run', async () => {
  await restage(100)
  stage.sandbox.jobs.next({ timeout: { stage: 'CANCELED', message: 'Timed out' } })
  const order = stage.order({ command: 'sleep 100', timeout: 60_000 })
  const run = await stage.start(order)
  await stage.sandbox.jobs.settled()
  expect(await stage.inspect(run, order)).toMatchObject({
    verdict: 'failed',
    reason: expect.stringMatching(/into its timeout of 1 min/),
  })
})

test('a Job that a person cancelled is not called late because the time limit is shorter today', async () => {
  await restage(100)
  const run = await stage.start(stage.order({ command: 'sleep 1000' }))
  const [job] = stage.sandbox.jobs.all
  while (job?.startedAt === undefined || stage.clock.now() - job.startedAt.getTime() < 60_000) {
    await stage.clock.sleep(1000)
  }
  await stage.cancel(run)
  expect(await stage.inspect(run, stage.order({ timeout: 60_000 }))).toMatchObject({
    verdict: 'cancelled',
    reason: 'The Job was cancelled at the Hub.',
  })
})

test('a Job that ran into its own time limit failed, also when that of today is longer', async () => {
  await restage(100)
  stage.sandbox.jobs.next({ timeout: { stage: 'CANCELED', message: null } })
  const run = await stage.start(stage.order({ command: 'sleep 1000', timeout: 60_000 }))
  await stage.sandbox.jobs.settled()
  expect(await stage.inspect(run, stage.order({ timeout: 7_200_000 }))).toMatchObject({
    verdict: 'failed',
    reason: expect.stringMatching(/into its timeout of 1 min/),
  })
})

const hour = 3_600_000

test('a Job is not called late because the clock of the Hub is behind', async () => {
  await restage(5, -hour)
  const { end } = await stage.train({ command: counting, timeout: 60_000 })
  expect(end).toMatchObject({ verdict: 'succeeded' })
})

test.each([
  ['a Job that the Hub does not end in time is stopped from here', 0],
  ['a Job that outlives its limit is stopped from here, also when the clock of the Hub is ahead', hour],
])('%s', async (_title, hubAhead) => {
  await restage(100, hubAhead)
  const order = stage.order({ command: 'sleep 100' })
  const run = await stage.start(order)
  const shorter = stage.order({ command: 'sleep 100', timeout: 60_000 })
  const begun = stage.clock.now()
  expect(await stage.follow(run, { order: shorter })).toMatchObject({
    verdict: 'failed',
    reason: expect.stringMatching(/longer than its timeout of 1 min and was cancelled/),
  })
  expect(stage.clock.now() - begun).toBeLessThan(hour / 2)
  expect(stage.sandbox.jobs.all.map((job) => job.stage)).toEqual(['CANCELED'])
})

test.each([
  ['an image that is pulled for ever is given up, and the Job is stopped', 0],
  ['an image that is pulled for ever is given up, also when the clock of the Hub is ahead', hour],
])('%s', async (_title, hubAhead) => {
  await restage(100, hubAhead)
  stage.sandbox.jobs.next({ imagePull: 'endless' })
  const begun = stage.clock.now()
  const { end, job } = await stage.train({ timeout: 60_000 })
  expect(stage.clock.now() - begun).toBeLessThan(hour / 2)
  expect(end).toMatchObject({
    verdict: 'failed',
    reason: expect.stringMatching(
      /did not begin to run within 1 min and was cancelled: its image cannot be pulled/,
    ),
    cost: 0,
  })
  expect(job.stage).toBe('CANCELED')
})

test('a Job that cannot be stopped is a loud error with its page', async () => {
  const run = await stage.start(stage.order({ command: 'sleep 100' }))
  stage.sandbox.fault({ path: /\/cancel$/, status: 500, times: always })
  await expect(stage.cancel(run)).rejects.toThrow(new RegExp(`costing money: cancel it at ${run.url}`))
})

test('an overdue Job that cannot be stopped is a loud error with its page', async () => {
  await restage(100)
  stage.sandbox.jobs.next({ imagePull: 'endless' })
  stage.sandbox.fault({ path: /\/cancel$/, status: 403, times: always })
  await expect(stage.train({ timeout: 60_000 })).rejects.toThrow(/costing money: cancel it at/)
})

test('an order to stop whose answer is lost is given again', async () => {
  const run = await stage.start(stage.order({ command: 'sleep 100' }))
  stage.sandbox.fault({ path: /\/cancel$/, reset: true })
  await stage.cancel(run)
  expect(stage.sandbox.jobs.all.map((job) => job.stage)).toEqual(['CANCELED'])
})

test('an order to stop a Job that not all machines of the Hub know is given again', async () => {
  const run = await stage.start(stage.order({ command: 'sleep 100' }))
  stage.sandbox.fault({ path: /\/cancel$/, status: 404, times: 3 })
  stage.sandbox.fault({ path: oneJob, status: 404, times: 3 })
  stage.sandbox.fault({ path: list, status: 200, body: [], times: 3 })
  await stage.cancel(run)
  expect(stage.sandbox.jobs.all.map((job) => job.stage)).toEqual(['CANCELED'])
})

test('a Job that the Hub denies for seconds only is not called stopped', async () => {
  const run = await stage.start(stage.order({ command: 'sleep 100' }))
  stage.sandbox.fault({ path: /\/cancel$/, status: 404, times: always })
  stage.sandbox.fault({ path: oneJob, status: 404, times: always })
  stage.sandbox.fault({ path: list, status: 200, body: [], times: always })
  const { signal: soon } = limitTime({ ms: 4000, clock: stage.clock })
  await expect(stage.cancel(run, soon)).rejects.toThrow(new RegExp(`costing money: cancel it at ${run.url}`))
})

test('a token that sees no Jobs any more does not make a Job a stopped one', async () => {
  const run = await stage.start(stage.order({ command: 'sleep 100' }))
  stage.sandbox.fault({ path: /^\/api\/jobs\/ann/, status: 404, times: always })
  await expect(stage.cancel(run)).rejects.toThrow(/costing money/)
})

test('a Job that was deleted counts as stopped', async () => {
  const run = await stage.start(stage.order({ command: 'sleep 100' }))
  deleteJob()
  await stage.cancel(run)
})

test('a run whose Job the Hub does not know for a moment is still going', async () => {
  const run = await stage.start(stage.order({ command: 'sleep 100' }))
  stage.sandbox.fault({ path: oneJob, status: 404 })
  expect(await stage.inspect(run)).toBeNull()
})

test('a run whose new Job is neither known nor listed for a moment is still going', async () => {
  const run = await stage.start(stage.order({ command: 'sleep 100' }))
  stage.sandbox.fault({ path: oneJob, status: 404 })
  stage.sandbox.fault({ path: list, status: 200, body: [] })
  expect(await stage.inspect(run)).toBeNull()
})

test('a token that does not see the namespace closes no run', async () => {
  const run = await stage.start(stage.order({ command: 'sleep 100' }))
  stage.sandbox.fault({ path: /^\/api\/jobs\/ann/, status: 404, times: always })
  await expect(stage.inspect(run)).rejects.toMatchObject({ name: 'HttpError', status: 404 })
})

test('a run that nobody followed and whose Job was deleted is a cancelled run', async () => {
  const run = await stage.start(stage.order({ command: 'sleep 100' }))
  deleteJob()
  expect(await stage.inspect(run)).toMatchObject(deleted)
})
