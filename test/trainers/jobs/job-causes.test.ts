import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { uvRuns } from '../../recorded-logs/recorded-logs.ts'
import type { Job } from '../../sandbox/hub/jobs/jobs.ts'
import { type JobStage, stageJobs } from './job-stage.ts'

let stage: JobStage

beforeEach(async () => {
  stage = await stageJobs({ speed: 100 })
})
afterEach(() => stage.close())

const start = new Date('2026-11-01T10:00:00Z')
const after = (minutes: number) => new Date(start.getTime() + minutes * 60_000)

/** The end of a Job that ran for three minutes, with changes. */
async function endOf(
  change: Partial<Job>,
  { command = 'true', expectModel = false, between = () => {} } = {},
) {
  const order = stage.order({ command, expectModel })
  const run = await stage.start(order)
  await stage.sandbox.jobs.settled()
  const [job] = stage.sandbox.jobs.all
  if (job === undefined) throw new Error('There is no Job.')
  Object.assign(job, { stage: 'ERROR', message: null, startedAt: start, finishedAt: after(3), ...change })
  between()
  return stage.inspect(run, order)
}

test.each([
  ['A script that fails fails the training', { message: 'Job failed with exit code: 1' }, 'training'],
  ['A Job without a message fails the training', {}, 'training'],
  ['A Job that the kernel killed ran out of memory', { message: 'Job failed: OOMKilled (SIGKILL)' }, 'limit'],
  ['Exit code 137 means out of memory', { message: 'Job failed with exit code: 137' }, 'limit'],
  [
    'Another exit code that contains 137 does not',
    { message: 'Job failed with exit code: 1370' },
    'training',
  ],
  ['A timeout is a limit', { message: 'Job timeout' }, 'limit'],
  ['A lost node is infrastructure', { message: 'Node lost' }, 'infrastructure'],
  ['An evicted Job is infrastructure', { message: 'Pod evicted: disk pressure' }, 'infrastructure'],
  ['A preempted Job is infrastructure', { stage: 'CANCELED', message: 'preempted' }, 'infrastructure'],
  [
    'A reason with an underscore is read by its words, and hides no message',
    { stage: 'CANCELED', cancelReason: 'SPOT_PREEMPTED' },
    'infrastructure',
  ],
  [
    'A reason that says nothing hides no message',
    { stage: 'ERROR', cancelReason: 'SYSTEM', message: 'Node lost' },
    'infrastructure',
  ],
  ['No credits are infrastructure', { stage: 'CANCELED', cancelReason: 'NO_CREDITS' }, 'infrastructure'],
  [
    'A limit of the account is infrastructure',
    { stage: 'CANCELED', cancelReason: 'RESOURCE_GROUP_LIMIT' },
    'infrastructure',
  ],
  ['A Job that was cancelled without a reason was cancelled by a person', { stage: 'CANCELED' }, 'person'],
] as const)('%s', async (_title, change, cause) => {
  const verdict = cause === 'person' ? 'cancelled' : 'failed'
  expect(await endOf(change)).toMatchObject({
    verdict,
    cause,
    began: true,
    trainedMs: 180_000,
    cost: expect.closeTo(0.02, 3),
  })
})

test('A trainer process that the kernel killed is a limit', async () => {
  const line = "subprocess.CalledProcessError: Command '['python']' died with <Signals.SIGKILL: 9>."
  expect(
    await endOf({ message: 'Job failed with exit code: 1' }, { command: `echo "${line}"; exit 1` }),
  ).toMatchObject({
    cause: 'limit',
  })
})

test.each([
  [
    'the Hub had an error, is infrastructure',
    '500 Server Error: Internal Server Error for url: x',
    'infrastructure',
  ],
  ['the token may not write, fails the training', '403 Forbidden: None.', 'training'],
] as const)(
  'A push that failed because %s, and the reason says that the training ended well',
  async (_title, line, cause) => {
    const error = `huggingface_hub.errors.HfHubHTTPError: ${line}`
    const killed = "subprocess.CalledProcessError: Command '['python']' died with <Signals.SIGKILL: 9>."
    const command =
      `echo "${killed}"; echo "auto-retrain: pushing the model to ann/digits-1, try 1 of 3."; echo "${error}"; ` +
      'echo "auto-retrain: the push failed: the model is trained, but it could not be pushed to the Hub, see above."; exit 1'
    expect(await endOf({ message: 'Job failed with exit code: 1' }, { command })).toMatchObject({
      verdict: 'failed',
      cause,
      reason: expect.stringContaining(
        `The training ended well, but the push of its model to the Hub failed (Job failed with exit code: 1): ${error}`,
      ),
    })
  },
)

test('CUDA out of memory in the log is a limit', async () => {
  const command = 'echo "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 20.00 MiB"; exit 1'
  expect(await endOf({ message: 'Job failed with exit code: 1' }, { command })).toMatchObject({
    verdict: 'failed',
    cause: 'limit',
    reason: expect.stringMatching(/^The Job ran out of memory \(.*exit code: 1\): torch\.OutOfMemoryError/),
  })
})

test('A Job that failed because its commit of the dataset is gone from the Hub failed for no reason of its own', async () => {
  const between = () => void stage.sandbox.squash('ann/digits')
  expect(await endOf({ message: 'Volume could not be mounted' }, { between })).toMatchObject({
    verdict: 'failed',
    cause: 'infrastructure',
    reason: expect.stringMatching(/its commit of the dataset is gone from the Hub/),
  })
})

test('A start whose commit of the dataset is gone certainly never began, and the error says why', async () => {
  stage.sandbox.squash('ann/digits')
  await expect(stage.start()).rejects.toMatchObject({
    name: 'NotStarted',
    message: expect.stringMatching(/^The commit of the dataset is gone from the Hub/),
  })
})

test('A Job that never ran cost nothing, whatever ended it', async () => {
  const order = stage.order()
  stage.sandbox.jobs.setFree('t4-small', false)
  const run = await stage.start(order)
  stage.sandbox.jobs.useUpCredits('ann')
  expect(await stage.inspect(run)).toMatchObject({
    verdict: 'failed',
    cause: 'infrastructure',
    began: false,
    trainedMs: 0,
    cost: 0,
  })
})

test.each([
  ['The image cannot be pulled', 'ErrImagePull: not found'],
  ['The Hub could not schedule it', 'Failed to schedule the Job'],
  ['The Hub does not say why', null],
])(
  'A Job that failed before it began is infrastructure, which is bounded, and cost nothing: %s',
  async (_why, message) => {
    stage.sandbox.jobs.setFree('t4-small', false)
    const run = await stage.start()
    const [job] = stage.sandbox.jobs.all
    if (job === undefined) throw new Error('There is no Job.')
    const queued = { stage: job.stage, message: job.message, finishedAt: job.finishedAt }
    Object.assign(job, { stage: 'ERROR', message, startedAt: null, finishedAt: after(3) })
    const end = await stage.inspect(run)
    Object.assign(job, queued)
    await stage.cancel(run)
    expect(end).toMatchObject({
      verdict: 'failed',
      cause: 'infrastructure',
      began: false,
      trainedMs: 0,
      cost: 0,
      reason: expect.stringMatching(/^The Job never began.*its image could not be pulled/),
    })
  },
)

test('A Job that completed, and whose model cannot be read, has ended without a verdict', async () => {
  const between = () =>
    void stage.sandbox.fault({ path: /\/api\/models/, status: 403, times: Number.POSITIVE_INFINITY })
  await expect(endOf({ stage: 'COMPLETED' }, { expectModel: true, between })).rejects.toMatchObject({
    name: 'NotJudged',
    message: expect.stringMatching(/^The Job completed, but its model could not be checked: /),
  })
})

test('A Job with an exit code has begun, also where the Hub does not say when', async () => {
  const between = () => void Object.assign(stage.sandbox.jobs.all[0] ?? {}, { startedAt: null })
  expect(await endOf({ message: 'Job failed with exit code: 1' }, { between })).toMatchObject({
    cause: 'training',
    began: true,
    trainedMs: null,
    cost: null,
  })
})

test('A Job whose node is lost while it is followed is infrastructure', async () => {
  const order = stage.order({ command: 'sleep 100' })
  const run = await stage.start(order)
  await stage.running()
  const [job] = stage.sandbox.jobs.all
  if (job !== undefined) stage.sandbox.jobs.loseNode(job)
  expect(await stage.follow(run, { order })).toMatchObject({
    verdict: 'failed',
    cause: 'infrastructure',
    began: true,
    reason: 'The Job lost its machine (Node lost).',
  })
})

test('How long a Job trained is not known when the Hub shows no end and nothing followed it', async () => {
  const between = () => void Reflect.deleteProperty(stage.sandbox.jobs.all[0] ?? {}, 'finishedAt')
  expect(await endOf({}, { between })).toMatchObject({ began: true, trainedMs: null, cost: null })
})

test.each([
  ['unsatisfiable', 'training'],
  ['registry-down', 'infrastructure'],
] as const)(
  'A Job in which uv could not prepare the script says so, and only a server may be tried again: %s',
  async (name, cause) => {
    const lines = uvRuns('0.13.9').find((run) => run.name === name)?.lines ?? []
    const command = `echo ${Buffer.from(lines.join('\n')).toString('base64')} | base64 -d; exit 1`
    expect(await endOf({ message: 'Job failed with exit code: 1' }, { command })).toMatchObject({
      verdict: 'failed',
      cause,
      reason: expect.stringMatching(
        /^The Job failed \(Job failed with exit code: 1\) before the script ran, while uv prepared its environment: \w/,
      ),
    })
  },
)

test('A Job whose script failed after uv installed its packages does not blame the environment', async () => {
  const lines = uvRuns('0.13.9').find((run) => run.name === 'argparse')?.lines ?? []
  const command = `echo ${Buffer.from(lines.join('\n')).toString('base64')} | base64 -d; exit 2`
  expect(await endOf({ message: 'Job failed with exit code: 2' }, { command })).toMatchObject({
    cause: 'training',
    reason:
      'The Job failed (Job failed with exit code: 2): sft.py: error: argument --hub_private_repo: expected one argument',
  })
})
