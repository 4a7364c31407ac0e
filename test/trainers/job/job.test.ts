import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { Refused } from '../../../src/domain/verdict.ts'
import { type JobStage, stageJobs, token } from '../jobs/job-stage.ts'
import { listen } from '../order.ts'

let stage: JobStage

async function restage(change: Parameters<typeof stageJobs>[0] = {}): Promise<void> {
  await stage?.close()
  stage = await stageJobs(change)
}

beforeEach(() => restage())
afterEach(() => stage.close())

/** Everything that the Hub shows of its Jobs to whoever can read them. */
async function shownByHub(): Promise<string> {
  const answers = await Promise.all(
    ['', ...stage.sandbox.jobs.all.map(({ id }) => `/${id}`)].map(async (path) => {
      const headers = { authorization: `Bearer ${token}` }
      const answer = await fetch(`${stage.sandbox.url}/api/jobs/ann${path}`, { headers })
      return answer.text()
    }),
  )
  return answers.join('\n')
}

const creations = () =>
  stage.sandbox.requests.filter(({ method, path }) => method === 'POST' && path === '/api/jobs/ann')

test('a script in an image finds the dataset at the revision, and what was ordered', async () => {
  stage.sandbox.commit('ann/digits', { deletions: ['train/'] })
  const { end, told, job } = await stage.train({
    command: `
      ls /data/train | wc -l
      echo "$AUTO_RETRAIN_DATASET $AUTO_RETRAIN_REVISION $AUTO_RETRAIN_MODEL $AUTO_RETRAIN_BASE_MODEL"
      echo "$AUTO_RETRAIN_CONFIG" | grep project_name
      echo '{"epoch": 1, "eval_accuracy": 0.75}'
    `,
  })
  expect(told.lines.slice(1)).toEqual([
    '10',
    `ann/digits ${stage.revision} ann/digits-1 microsoft/resnet-50`,
    'project_name: digits-1',
    '{"epoch": 1, "eval_accuracy": 0.75}',
  ])
  expect(end).toMatchObject({
    verdict: 'succeeded',
    metrics: { eval_accuracy: 0.75 },
    curve: [{ epoch: 1, values: { eval_accuracy: 0.75 } }],
  })
  expect(end.cost).toBeGreaterThan(0)
  expect(told.progresses.map((progress) => progress.stage)).toContain('COMPLETED')
  expect(job.spec).toMatchObject({
    dockerImage: 'python:3.12',
    flavor: 't4-small',
    timeoutSeconds: 7200,
    attempts: 1,
    volumes: [{ type: 'dataset', source: 'ann/digits', revision: stage.revision, mountPath: '/data' }],
  })
})

test('the card of a model that the script pushed is read', async () => {
  stage.sandbox.createModel({
    name: 'ann/digits-1',
    files: { 'README.md': '## Validation Metrics\n\naccuracy: 0.5\n' },
  })
  expect((await stage.train()).end.metrics).toEqual({ eval_accuracy: 0.5 })
})

test('labels keep to the alphabet of the Hub and lead back to the order', async () => {
  const { job } = await stage.train()
  expect(job.labels).toEqual({
    'auto-retrain': 'n0nce0123456',
    name: 'digits-1',
    dataset: 'ann--digits',
    revision: stage.revision,
  })
})

test('an order without a nonce starts nothing', async () => {
  await expect(stage.start({ ...stage.order(), nonce: '' })).rejects.toMatchObject({ name: 'NotStarted' })
  expect(creations()).toEqual([])
})

test('the token is a secret of the Job, and nowhere else', async () => {
  const { end, told, job } = await stage.train({
    command:
      'echo "my $HF_TOKEN"; printf %s "$HF_TOKEN" | base64 -w0; echo; echo "OSError: $HF_TOKEN"; exit 1',
  })
  expect(job.secretNames).toEqual(['HF_TOKEN'])
  expect(await shownByHub()).not.toContain(token)
  expect(told.lines).toContain('my ***')
  expect(end.reason).toMatch(/OSError: \*\*\*$/)
  const told64 = Buffer.from(token).toString('base64').slice(0, -2)
  expect(JSON.stringify([told.lines, end])).not.toContain(token)
  expect(JSON.stringify([told.lines, end])).not.toContain(told64)
})

test('the error that the Hub shows of a Job does not show the token', async () => {
  const run = await stage.start(stage.order({ command: 'exit 1' }))
  const [job] = stage.sandbox.jobs.all
  await stage.sandbox.jobs.settled()
  if (job !== undefined) job.message = `could not run with ${token}`
  expect((await stage.inspect(run))?.reason).toBe('The Job failed (could not run with ***).')
})

test('a plan says what the run can cost at most, and costs nothing', async () => {
  expect(await stage.plan()).toMatchObject({
    what: 'A script of your own trains on t4-small of Hugging Face Jobs',
    readsOnlyHead: false,
    hardware: 't4-small',
    timeout: 7_200_000,
    cost: { max: expect.closeTo(0.8, 3) },
  })
  expect(creations()).toEqual([])
})

test.each([
  [
    'unknown hardware is refused with what there is',
    { hardware: 'tpu-v9' },
    /no tpu-v9; .*cpu-basic \(\$0\.01\).*t4-small \(\$0\.40\)/,
  ],
  [
    'a run that may cost more than the ceiling is refused with both numbers and the way out',
    { hardware: 'a100-large', maxCost: 0.5 },
    /^max-cost: .*\$5\.00.*\(2 h at \$2\.50.*ceiling is \$0\.50: raise max-cost, shorten timeout to 11m/,
  ],
  ['a script Job without an image is refused', { image: null }, /^image: /],
  ['a script Job without a script is refused', { command: null }, /^command: /],
  [
    'a Job with a parameter that takes the place of a key is refused',
    { params: { push_to_hub: false } },
    /^params: /,
  ],
  ['a Job that outlives the runner is refused', { timeout: 30_000_000 }, /^timeout: .*wait: false/],
])('%s', async (_title, change, sentence) => {
  const planning = stage.plan(stage.order(change))
  await expect(planning).rejects.toBeInstanceOf(Refused)
  await expect(planning).rejects.toThrow(sentence)
  expect(creations()).toEqual([])
})

test('a Job that nobody waits for may outlive the runner', async () => {
  expect(await stage.plan(stage.order({ timeout: 30_000_000, wait: false }))).toMatchObject({
    timeout: 30_000_000,
  })
})

test.each([
  [
    'a token that the Hub does not know is refused before anything is spent',
    'hf_nobody0at0all',
    /^hf-token .*401/,
  ],
  ['a token of another kind is refused before anything is spent', 'ghp_0123456789', /^hf-token .*hf_/],
])('%s', async (_title, given, sentence) => {
  await restage({ token: given })
  const planning = stage.plan()
  await expect(planning).rejects.toBeInstanceOf(Refused)
  await expect(planning).rejects.toThrow(sentence)
  expect(creations()).toEqual([])
})

test('a token that may not use Jobs in the namespace is refused before anything is spent', async () => {
  stage.sandbox.addUser({ name: 'bob', token: 'hf_bob' })
  const planning = stage.plan(stage.order({ targetNamespace: 'bob' }))
  await expect(planning).rejects.toBeInstanceOf(Refused)
  await expect(planning).rejects.toThrow(/Jobs in bob/)
})

test('an unknown stage of the Hub counts as under way', async () => {
  const run = await stage.start()
  await stage.sandbox.jobs.settled()
  const [job] = stage.sandbox.jobs.all
  if (job === undefined) throw new Error('There is no Job.')
  Object.assign(job, { stage: 'WARMING_UP' })
  expect(await stage.inspect(run)).toBeNull()
})

test('a run is found by its nonce alone', async () => {
  expect(await stage.find()).toBeNull()
  const run = await stage.start()
  expect(await stage.find()).toEqual(run)
  expect(await stage.find({ ...stage.order(), nonce: 'another0nonce' })).toBeNull()
  await stage.sandbox.jobs.settled()
})

test('a run that nobody followed is inspected to the same end', async () => {
  const run = await stage.start(stage.order({ command: "echo \"{'loss': 0.5, 'epoch': 1.0}\"" }))
  await stage.sandbox.jobs.settled()
  expect(await stage.inspect(run)).toMatchObject({ verdict: 'succeeded', metrics: { loss: 0.5 } })
  const going = await stage.start(stage.order({ command: 'sleep 100' }))
  expect(await stage.inspect(going)).toBeNull()
})

test('a cancelled workflow stops following at once, and the Job is stopped by its order', async () => {
  const controller = new AbortController()
  const reason = new Error('The workflow was cancelled.')
  const told = listen({
    signal: controller.signal,
    onLine: (line) => line === 'ready' && controller.abort(reason),
  })
  const order = stage.order({ command: 'echo ready; sleep 100' })
  const run = await stage.start(order)
  await expect(stage.follow(run, { order, told })).rejects.toBe(reason)
  await stage.cancel(run)
  await stage.sandbox.jobs.settled()
  expect(stage.sandbox.jobs.all.map((job) => job.stage)).toEqual(['CANCELED'])
  await stage.cancel(run)
})
