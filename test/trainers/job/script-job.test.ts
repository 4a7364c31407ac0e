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

/** Everything that the Hub shows about its Jobs to a token that can read them. */
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

test('A script in an image finds the dataset at the revision and the order in its environment', async () => {
  stage.sandbox.commit('ann/digits', { deletions: ['train/'] })
  const { end, recorded, job } = await stage.train({
    command: `
      ls /data/train | wc -l
      echo "$AUTO_RETRAIN_DATASET $AUTO_RETRAIN_REVISION $AUTO_RETRAIN_MODEL $AUTO_RETRAIN_BASE_MODEL"
      echo "$AUTO_RETRAIN_CONFIG" | grep project_name
      echo '{"epoch": 1, "eval_accuracy": 0.75}'
    `,
  })
  expect(recorded.lines.slice(1)).toEqual([
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
  expect(recorded.progresses.map((progress) => progress.stage)).toContain('COMPLETED')
  expect(job.spec).toMatchObject({
    dockerImage: 'python:3.12',
    flavor: 't4-small',
    timeoutSeconds: 7200,
    attempts: 1,
    volumes: [{ type: 'dataset', source: 'ann/digits', revision: stage.revision, mountPath: '/data' }],
  })
})

test('The card of a model that the script pushed is read', async () => {
  stage.sandbox.createModel({
    name: 'ann/digits-1',
    files: { 'README.md': '## Validation Metrics\n\naccuracy: 0.5\n', 'model.onnx': 'weights' },
  })
  expect((await stage.train({ expectModel: true })).end).toMatchObject({
    verdict: 'succeeded',
    metrics: { eval_accuracy: 0.5 },
  })
})

test('A script that pushes no model has failed, and the reason says what to do', async () => {
  expect((await stage.train({ expectModel: true })).end).toMatchObject({
    verdict: 'failed',
    cause: 'training',
    began: true,
    reason:
      'The script ended with exit code 0 but pushed no model to ann/digits-1. Set expect-model: false if it pushes none.',
  })
})

test('A script of which no model is expected succeeds, and the reason says that none was checked', async () => {
  expect((await stage.train()).end).toMatchObject({
    verdict: 'succeeded',
    cause: null,
    reason: expect.stringMatching(/exit code 0; .* No model was checked \(expect-model: false\)\.$/),
  })
})

test('A Job whose model cannot be checked is an error, and is judged later', async () => {
  const order = stage.order({ expectModel: true })
  stage.sandbox.createModel({ name: 'ann/digits-1', files: { 'model.onnx': 'weights' } })
  const run = await stage.start(order)
  const outage = stage.sandbox.fault({ path: /^\/api\/models/, status: 500, times: Number.POSITIVE_INFINITY })
  await expect(stage.follow(run, { order })).rejects.toMatchObject({
    name: 'NotJudged',
    cause: expect.objectContaining({ name: 'HttpError', status: 500 }),
  })
  outage.lift()
  expect(await stage.inspect(run, order)).toMatchObject({ verdict: 'succeeded' })
})

test('The labels of a Job identify the order and use only characters that the Hub allows', async () => {
  const { job } = await stage.train()
  expect(job.labels).toEqual({
    'auto-retrain': 'n0nce0123456',
    recipe: 'ann-autotrain-12ab34cd',
    ledger: '0a1b2c3d',
    name: 'digits-1',
    dataset: 'ann--digits',
    revision: stage.revision,
  })
})

test('An order without a nonce starts nothing', async () => {
  await expect(stage.start({ ...stage.order(), nonce: '' })).rejects.toMatchObject({ name: 'NotStarted' })
  expect(creations()).toEqual([])
})

test('The token appears only among the secrets of the Job', async () => {
  const { end, recorded, job } = await stage.train({
    giveToken: true,
    command:
      'echo "my $HF_TOKEN"; printf %s "$HF_TOKEN" | base64 -w0; echo; echo "OSError: $HF_TOKEN"; exit 1',
  })
  expect(job.secretNames).toEqual(['HF_TOKEN'])
  expect(await shownByHub()).not.toContain(token)
  expect(recorded.lines).toContain('my ***')
  expect(end.reason).toMatch(/OSError: \*\*\*$/)
  const encodedToken = Buffer.from(token).toString('base64').slice(0, -2)
  expect(JSON.stringify([recorded.lines, end])).not.toContain(token)
  expect(JSON.stringify([recorded.lines, end])).not.toContain(encodedToken)
})

test('The token is hidden in the error message of a Job', async () => {
  const run = await stage.start(stage.order({ command: 'exit 1' }))
  const [job] = stage.sandbox.jobs.all
  await stage.sandbox.jobs.settled()
  if (job !== undefined) job.message = `could not run with ${token}`
  expect((await stage.inspect(run))?.reason).toBe('The Job failed (could not run with ***).')
})

test('A plan has the maximum cost of the run, and starts nothing', async () => {
  expect(await stage.plan()).toMatchObject({
    summary: 'Your script runs on t4-small (Hugging Face Jobs)',
    readsOnlyHead: false,
    hardware: 't4-small',
    timeoutMs: 7_200_000,
    cost: { max: expect.closeTo(0.8, 3) },
  })
  expect(creations()).toEqual([])
})

test.each([
  [
    'Unknown hardware is refused with the available hardware',
    { hardware: 'tpu-v9' },
    /no tpu-v9\. .*cpu-basic \(\$0\.01\).*t4-small \(\$0\.40\)/,
  ],
  [
    'A run that may cost more than max-cost is refused with both amounts and what to change',
    { hardware: 'a100-large', maxCost: 0.5 },
    /^max-cost: .*\$5\.00.*\(2 h at \$2\.50.*more than the limit of \$0\.50: raise max-cost, shorten timeout to 11m/,
  ],
  ['A Job without an image is refused', { image: null }, /^image: /],
  ['A Job without a script is refused', { command: null }, /^command: /],
  ['A Job with a parameter that overrides a key is refused', { params: { push_to_hub: false } }, /^params: /],
  ['A Job that outlives the runner is refused', { timeout: 30_000_000 }, /^timeout: .*wait: false/],
])('%s', async (_title, change, sentence) => {
  const planning = stage.plan(stage.order(change))
  await expect(planning).rejects.toBeInstanceOf(Refused)
  await expect(planning).rejects.toThrow(sentence)
  expect(creations()).toEqual([])
})

test('A Job with wait: false may outlive the runner', async () => {
  expect(await stage.plan(stage.order({ timeout: 30_000_000, wait: false }))).toMatchObject({
    timeoutMs: 30_000_000,
  })
})

test.each([
  [
    'A token that the Hub does not know is refused before anything is paid',
    'hf_nobody0at0all',
    /^hf-token .*401/,
  ],
  ['A token of another service is refused before anything is paid', 'ghp_0123456789', /^hf-token .*hf_/],
])('%s', async (_title, given, sentence) => {
  await restage({ token: given })
  const planning = stage.plan()
  await expect(planning).rejects.toBeInstanceOf(Refused)
  await expect(planning).rejects.toThrow(sentence)
  expect(creations()).toEqual([])
})

test('A token that cannot use Jobs in the namespace is refused before anything is paid', async () => {
  stage.sandbox.addUser({ name: 'bob', token: 'hf_bob' })
  const planning = stage.plan(stage.order({ targetNamespace: 'bob' }))
  await expect(planning).rejects.toBeInstanceOf(Refused)
  await expect(planning).rejects.toThrow(/Jobs in bob/)
})

test('A Job with an unknown stage counts as running', async () => {
  const run = await stage.start()
  await stage.sandbox.jobs.settled()
  const [job] = stage.sandbox.jobs.all
  if (job === undefined) throw new Error('There is no Job.')
  Object.assign(job, { stage: 'WARMING_UP' })
  expect(await stage.inspect(run)).toBeNull()
})

test('A run is found by its nonce', async () => {
  expect(await stage.find()).toBeNull()
  const run = await stage.start()
  expect(await stage.find()).toEqual(run)
  expect(await stage.find({ ...stage.order(), nonce: 'another0nonce' })).toBeNull()
  await stage.sandbox.jobs.settled()
})

test('A run that was not followed is judged the same way when it is inspected', async () => {
  const run = await stage.start(stage.order({ command: "echo \"{'loss': 0.5, 'epoch': 1.0}\"" }))
  await stage.sandbox.jobs.settled()
  expect(await stage.inspect(run)).toMatchObject({ verdict: 'succeeded', metrics: { loss: 0.5 } })
  const going = await stage.start(stage.order({ command: 'sleep 100' }))
  expect(await stage.inspect(going)).toBeNull()
})

test('A cancelled workflow stops following at once, and a cancellation stops the Job', async () => {
  const controller = new AbortController()
  const reason = new Error('The workflow was cancelled.')
  const recorded = listen({
    signal: controller.signal,
    onLine: (line) => line === 'ready' && controller.abort(reason),
  })
  const order = stage.order({ command: 'echo ready; sleep 100' })
  const run = await stage.start(order)
  await expect(stage.follow(run, { order, recorded })).rejects.toBe(reason)
  await stage.cancel(run)
  await stage.sandbox.jobs.settled()
  expect(stage.sandbox.jobs.all.map((job) => job.stage)).toEqual(['CANCELED'])
  await stage.cancel(run)
})
