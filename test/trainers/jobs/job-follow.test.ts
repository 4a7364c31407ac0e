import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { limitTime } from '../../../src/http/time-limit.ts'
import type { JobHabits } from '../../sandbox/hub/jobs/jobs.ts'
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

/** Ten numbered lines over a while. */
const counting = 'for i in 0 1 2 3 4 5 6 7 8 9; do echo "line $i"; sleep 0.05; done'
const counted = Array.from({ length: 10 }, (_, index) => `line ${index}`)
const withoutBanner = (lines: readonly string[]) => lines.filter((line) => !line.startsWith('====='))

test.each([
  [
    'A log stream that ends early is reopened, and no line is reported twice',
    [
      { after: 3, how: 'end' },
      { after: 5, how: 'end' },
    ],
  ],
  [
    'A log stream that ends at once is reopened',
    [
      { after: 0, how: 'end' },
      { after: 1, how: 'end' },
    ],
  ],
  [
    'A log stream that hangs after its last line does not delay the end of the run',
    [{ after: 11, how: 'hang' }],
  ],
] as const)('%s', async (_title, logStreams) => {
  stage.sandbox.jobs.next({ logStreams })
  const { end, recorded } = await stage.train({ command: counting })
  expect(end.verdict).toBe('succeeded')
  expect(withoutBanner(recorded.lines)).toEqual(counted)
})

/** What the Hub may send of a log on a new connection. */
const replays: readonly [string, JobHabits][] = [
  ['the start line and the last three lines', { logReplay: { start: true, last: 3 } }],
  ['the last three lines', { logReplay: { start: false, last: 3 } }],
  ['no line', { logReplay: { start: false, last: 0 } }],
  [
    'the last three lines, with times in seconds',
    { logReplay: { start: false, last: 3 }, logTimes: 'seconds' },
  ],
  ['the last three lines, without times', { logReplay: { start: true, last: 3 }, logTimes: 'none' }],
  ['all lines, without times', { logTimes: 'none' }],
]
const twoCuts = [
  { after: 3, how: 'end' },
  { after: 2, how: 'end' },
] as const

test.each(replays)(
  'Metrics and the end of a log are read although a new connection sends %s',
  async (_title, habits) => {
    stage.sandbox.jobs.next({ ...habits, logStreams: twoCuts })
    const evaluation = `echo "{'eval_loss': 0.3, 'eval_accuracy': 0.91, 'epoch': 1.0}"`
    const { end, recorded } = await stage.train({
      command: `${counting}; sleep 0.5; ${evaluation}; sleep 0.5`,
    })
    expect(end).toMatchObject({ verdict: 'succeeded', metrics: { eval_accuracy: 0.91 } })
    const shown = recorded.lines.filter((line) => line.startsWith('line '))
    expect(shown).toEqual([...new Set(shown)])
  },
)

test.each(replays)(
  'The error of a Job that fails is found although a new connection sends %s',
  async (_title, habits) => {
    stage.sandbox.jobs.next({ ...habits, logStreams: twoCuts })
    const { end } = await stage.train({
      command: `${counting}; sleep 0.5; echo "ValueError: 10 labels in the head, 12 in the data"; sleep 0.5; exit 1`,
    })
    expect(end).toMatchObject({
      verdict: 'failed',
      reason: expect.stringMatching(/ValueError: 10 labels in the head, 12 in the data/),
    })
  },
)

test('A log stream that hangs in the middle is read again when the Job is over', async () => {
  stage.sandbox.jobs.next({ logStreams: [{ after: 4, how: 'hang' }] })
  const { end, recorded } = await stage.train({ command: counting })
  expect(end.verdict).toBe('succeeded')
  expect(withoutBanner(recorded.lines)).toEqual(counted)
})

test('A log stream that always hangs does not delay the end of the run', async () => {
  const hang = Array.from({ length: 50 }, () => ({ after: 2, how: 'hang' as const }))
  stage.sandbox.jobs.next({ logStreams: hang })
  const { end, recorded } = await stage.train({ command: counting })
  expect(end.verdict).toBe('succeeded')
  expect(withoutBanner(recorded.lines)).toEqual(['line 0'])
})

test('A log that cannot be read does not fail the run', async () => {
  stage.sandbox.fault({ path: logs, status: 500, times: always })
  const { end, recorded } = await stage.train({ command: counting })
  expect(end).toMatchObject({ verdict: 'succeeded', metrics: {}, logTail: [] })
  expect(recorded.lines).toEqual([])
})

test('A check of the Job is repeated when the Hub answers 5xx', async () => {
  stage.sandbox.fault({ path: oneJob, status: 503, times: 10 })
  expect((await stage.train({ command: counting })).end.verdict).toBe('succeeded')
})

test('A token that is revoked while a run is followed is an error with the URL of the run', async () => {
  const run = await stage.start(stage.order({ command: 'sleep 100' }))
  stage.sandbox.fault({ path: oneJob, status: 401, times: always })
  await expect(stage.follow(run)).rejects.toThrow(new RegExp(`401.*${run.url}`))
})

test('A Job that the Hub shows only in its list is followed to its end', async () => {
  const order = stage.order({ command: counting })
  const run = await stage.start(order)
  stage.sandbox.fault({ path: oneJob, status: 404, times: always })
  expect(await stage.follow(run, { order })).toMatchObject({ verdict: 'succeeded' })
})

test('A check of the Job is repeated when the Hub does not know the new Job yet', async () => {
  const order = stage.order({ command: counting })
  const run = await stage.start(order)
  stage.sandbox.fault({ path: oneJob, status: 404, times: 3 })
  expect(await stage.follow(run, { order })).toMatchObject({ verdict: 'succeeded' })
})

test('A script that fails is a failed run, with the error from its log', async () => {
  const { end } = await stage.train({ command: 'echo "ValueError: no classes"; exit 3' })
  expect(end).toMatchObject({
    verdict: 'failed',
    cause: 'training',
    began: true,
    trainedMs: expect.any(Number),
    reason: 'The Job failed (Job failed with exit code: 3): ValueError: no classes',
  })
})

test('A Job that a person cancels on the Hub is a cancelled run', async () => {
  const order = stage.order({ command: 'sleep 100' })
  const run = await stage.start(order)
  await stage.cancel(run)
  expect(await stage.follow(run, { order })).toMatchObject({
    verdict: 'cancelled',
    cause: 'person',
    reason: 'The Job was cancelled on the Hub.',
  })
})

test('A Job that runs out of credits is a failed run, and the reason says so', async () => {
  stage.sandbox.jobs.next({ outOfCreditsAt: /line 3/ })
  const { end } = await stage.train({ command: counting })
  expect(end).toMatchObject({
    verdict: 'failed',
    cause: 'infrastructure',
    began: true,
    reason: expect.stringMatching(/NO_CREDITS.*ann has no credits left/),
  })
})

test('A Job that the Hub ends at its timeout is a failed run, and the reason has the timeout', async () => {
  await restage(100)
  const { end } = await stage.train({ command: 'sleep 100', timeout: 60_000 })
  expect(end).toMatchObject({
    verdict: 'failed',
    cause: 'limit',
    reason: expect.stringMatching(/timeout of 1 min/),
  })
})

test.each([
  [
    'A timeout that the Hub reports as a cancellation is a failed run, and the reason has the timeout',
    'Job timeout',
  ],
  [
    'A Job that the Hub cancels at its timeout without a message is a failed run, and the reason has the timeout',
    null,
  ],
])('%s', async (_title, message) => {
  await restage(100)
  stage.sandbox.jobs.next({ timeout: { stage: 'CANCELED', message } })
  const { end } = await stage.train({ command: 'sleep 100', timeout: 60_000 })
  expect(end).toMatchObject({
    verdict: 'failed',
    cause: 'limit',
    reason: expect.stringMatching(/at its timeout of 1 min/),
  })
})

test('A Job that was not followed and that the Hub cancelled at its timeout is a failed run', async () => {
  await restage(100)
  stage.sandbox.jobs.next({ timeout: { stage: 'CANCELED', message: 'Timed out' } })
  const order = stage.order({ command: 'sleep 100', timeout: 60_000 })
  const run = await stage.start(order)
  await stage.sandbox.jobs.settled()
  expect(await stage.inspect(run, order)).toMatchObject({
    verdict: 'failed',
    cause: 'limit',
    reason: expect.stringMatching(/at its timeout of 1 min/),
  })
})

test('A Job that a person cancelled is not judged by a timeout that was shortened later', async () => {
  await restage(100)
  const run = await stage.start(stage.order({ command: 'sleep 1000' }))
  const [job] = stage.sandbox.jobs.all
  while (job?.startedAt === undefined || stage.clock.now() - job.startedAt.getTime() < 60_000) {
    await stage.clock.sleep(1000)
  }
  await stage.cancel(run)
  expect(await stage.inspect(run, stage.order({ timeout: 60_000 }))).toMatchObject({
    verdict: 'cancelled',
    cause: 'person',
    reason: 'The Job was cancelled on the Hub.',
  })
})

test('A Job that reached its own timeout failed, even when the timeout was raised later', async () => {
  await restage(100)
  stage.sandbox.jobs.next({ timeout: { stage: 'CANCELED', message: null } })
  const run = await stage.start(stage.order({ command: 'sleep 1000', timeout: 60_000 }))
  await stage.sandbox.jobs.settled()
  expect(await stage.inspect(run, stage.order({ timeout: 7_200_000 }))).toMatchObject({
    verdict: 'failed',
    cause: 'limit',
    reason: expect.stringMatching(/at its timeout of 1 min/),
  })
})

const hour = 3_600_000

test('A Job is not overdue because the clock of the Hub is behind', async () => {
  await restage(5, -hour)
  const { end } = await stage.train({ command: counting, timeout: 60_000 })
  expect(end).toMatchObject({ verdict: 'succeeded' })
})

test('A Job that cannot be cancelled is an error with the URL of the Job', async () => {
  const run = await stage.start(stage.order({ command: 'sleep 100' }))
  stage.sandbox.fault({ path: /\/cancel$/, status: 500, times: always })
  await expect(stage.cancel(run)).rejects.toThrow(
    new RegExp(`still be running and billed. Cancel it at ${run.url}`),
  )
})

test('A cancellation whose answer is lost is repeated', async () => {
  const run = await stage.start(stage.order({ command: 'sleep 100' }))
  stage.sandbox.fault({ path: /\/cancel$/, reset: true })
  await stage.cancel(run)
  expect(stage.sandbox.jobs.all.map((job) => job.stage)).toEqual(['CANCELED'])
})

test('A cancellation is repeated when not all machines of the Hub know the Job', async () => {
  const run = await stage.start(stage.order({ command: 'sleep 100' }))
  stage.sandbox.fault({ path: /\/cancel$/, status: 404, times: 3 })
  stage.sandbox.fault({ path: oneJob, status: 404, times: 3 })
  stage.sandbox.fault({ path: list, status: 200, body: [], times: 3 })
  await stage.cancel(run)
  expect(stage.sandbox.jobs.all.map((job) => job.stage)).toEqual(['CANCELED'])
})

test('A Job that the Hub does not show for a few seconds does not count as stopped', async () => {
  const run = await stage.start(stage.order({ command: 'sleep 100' }))
  stage.sandbox.fault({ path: /\/cancel$/, status: 404, times: always })
  stage.sandbox.fault({ path: oneJob, status: 404, times: always })
  stage.sandbox.fault({ path: list, status: 200, body: [], times: always })
  const { signal: soon } = limitTime({ limitMs: 4000, clock: stage.clock })
  await expect(stage.cancel(run, soon)).rejects.toThrow(
    new RegExp(`still be running and billed. Cancel it at ${run.url}`),
  )
})

test('A Job does not count as stopped because the token can no longer see the namespace', async () => {
  const run = await stage.start(stage.order({ command: 'sleep 100' }))
  stage.sandbox.fault({ path: /^\/api\/jobs\/ann/, status: 404, times: always })
  await expect(stage.cancel(run)).rejects.toThrow(/still be running and billed/)
})

test('A run is still running when the Hub does not know its Job for a moment', async () => {
  const run = await stage.start(stage.order({ command: 'sleep 100' }))
  stage.sandbox.fault({ path: oneJob, status: 404 })
  expect(await stage.inspect(run)).toBeNull()
})
