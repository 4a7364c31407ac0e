import { afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { Refused } from '../../../src/domain/verdict.ts'
import { createAutotrainTrainer } from '../../../src/trainers/autotrain/autotrain.ts'
import { type DigitFiles, digitFiles } from '../../demo/digits.ts'
import { connect } from '../../hub/connect.ts'
import { resolveRevision } from '../../sandbox/hub/git/repositories.ts'
import { listEntries } from '../../sandbox/hub/git/trees.ts'
import { type JobStage, stageJobs, token } from '../jobs/job-stage.ts'

let digits: DigitFiles
let stage: JobStage

async function restage(change: Parameters<typeof stageJobs>[0] = {}): Promise<void> {
  await stage?.close()
  stage = await stageJobs({
    trainer: 'autotrain',
    params: { epochs: 2 },
    files: digits,
    speed: 10,
    ...change,
  })
}

beforeAll(() => {
  digits = digitFiles({ from: 0, perDigit: 20 })
})
beforeEach(() => restage())
afterEach(() => stage.close())

/** The dataset as an archive, which is read from the Hub. */
const archive = { 'data/train.tar': new Uint8Array([80, 65, 82, 49]) }

const modelFiles = () => {
  const { commits } = stage.sandbox.repository('ann/digits-1', 'model')
  return commits.size
}

test('A commit of digits becomes a model with a measured accuracy, trained on exactly that commit', async () => {
  expect(await stage.plan()).toMatchObject({
    readsOnlyHead: false,
    steps: expect.arrayContaining(['Mount the dataset at the revision, read-only, at /data']),
  })
  stage.sandbox.commit('ann/digits', { deletions: ['train/'] })
  const { end, recorded, job } = await stage.train({ params: { epochs: 3 } })
  expect(end).toMatchObject({
    verdict: 'succeeded',
    reason: `Trained on commit ${stage.revision.slice(0, 7)}.`,
    metrics: { eval_accuracy: expect.any(Number), train_loss: expect.any(Number) },
  })
  expect(end.metrics.eval_accuracy).toBeGreaterThan(0.5)
  expect(end.curve.filter(({ values }) => values.eval_loss !== undefined)).toHaveLength(3)
  expect(end.cost).toBeGreaterThan(0)
  expect(recorded.progresses.at(-1)).toMatchObject({ stage: 'COMPLETED', epoch: 3, epochs: 3 })
  expect(job.spec.volumes).toMatchObject([{ revision: stage.revision, mountPath: '/data' }])
  expect(modelFiles()).toBeGreaterThan(1)
  expect(parse(job.spec.environment?.AUTO_RETRAIN_CONFIG ?? '')).toMatchObject({
    task: 'image-classification',
    base_model: 'microsoft/resnet-50',
    project_name: 'digits-1',
    data: { path: '/data', train_split: 'train', valid_split: null },
    hub: { username: 'ann', push_to_hub: true },
  })
  expect(JSON.stringify([job.spec, job.labels, end, recorded.lines])).not.toContain(token)
})

test('A dataset that AutoTrain cannot read from a folder is read from the Hub, newest commit only', async () => {
  await restage({ files: archive })
  expect(await stage.plan()).toMatchObject({
    readsOnlyHead: true,
    steps: expect.arrayContaining([
      expect.stringMatching(
        /newest commit from the Hub instead of the revision, because the dataset has no folder train\/ and no tables/,
      ),
    ]),
  })
  const run = await stage.start()
  const [job] = stage.sandbox.jobs.all
  expect(job?.spec.volumes ?? []).toEqual([])
  expect(parse(job?.spec.environment?.AUTO_RETRAIN_CONFIG ?? '')).toMatchObject({
    data: { path: 'ann/digits' },
  })
  await stage.cancel(run)
})

test('A table is trained on at the ordered revision, even of a branch whose head has moved', async () => {
  await restage({ files: { 'train.csv': new TextEncoder().encode('text,target\na,b\n') } })
  const asked = stage.order({ task: 'text-classification', ref: 'refs/heads/next' })
  expect(await stage.plan(asked)).toMatchObject({
    readsOnlyHead: false,
    steps: expect.arrayContaining(['Mount the dataset at the revision, read-only, at /data']),
  })
  stage.sandbox.commit('ann/digits', { deletions: ['train.csv'] })
  await stage.start(asked)
  const [job] = stage.sandbox.jobs.all
  expect(job?.mounts).toMatchObject([{ revision: stage.revision, mountPath: '/data' }])
  expect(parse(job?.spec.environment?.AUTO_RETRAIN_CONFIG ?? '')).toMatchObject({
    task: 'text-classification',
    data: { path: '/data', train_split: 'train' },
  })
})

test.each([
  [
    'A dataset with a file next to the class folders',
    { 'train/labels.csv': 'a,b\n' },
    /files next to its class folders/,
  ],
  ['A dataset with a file that is not an image', { 'train/0/notes.txt': 'x' }, /not \.jpg, \.jpeg or \.png/],
  [
    'A dataset with a folder inside a class folder',
    { 'train/0/more/1.png': 'x' },
    /folders inside its class folders/,
  ],
  ['A dataset with too few images in a class', { 'train/ten/1.png': 'x' }, /fewer than 5 images/],
])('%s cannot be mounted for AutoTrain', async (_title, files, why) => {
  const added = Object.entries(files).map(([path, text]) => [path, new TextEncoder().encode(text)] as const)
  await restage({ files: { ...digits, ...Object.fromEntries(added) } })
  const { readsOnlyHead, steps } = await stage.plan()
  expect([readsOnlyHead, steps.join()]).toEqual([true, expect.stringMatching(why)])
})

test('A validation split with other classes cannot be mounted for AutoTrain', async () => {
  const valid = Object.entries(digits).map(
    ([path, bytes]) => [path.replace('train/', 'valid/'), bytes] as const,
  )
  const files = { ...digits, ...Object.fromEntries(valid) }
  await restage({ files, validSplit: 'valid' })
  expect(await stage.plan()).toMatchObject({ readsOnlyHead: false })
  const fewer = Object.fromEntries(Object.entries(files).filter(([path]) => !path.startsWith('valid/9/')))
  await restage({ files: fewer, validSplit: 'valid' })
  expect((await stage.plan()).steps.join()).toMatch(/different classes/)
})

test('A dataset that is read from the Hub and has moved before the start is not trained on', async () => {
  await restage({ files: archive })
  stage.sandbox.commit('ann/digits', { files: { 'README.md': 'new' } })
  await expect(stage.start()).rejects.toMatchObject({
    name: 'NotStarted',
    message: expect.stringMatching(/^Superseded: AutoTrain trains on the newest commit of main/),
  })
  expect(stage.sandbox.jobs.all).toEqual([])
})

/** What AutoTrain leaves behind when all went well. */
const finalFiles = {
  'README.md': '# Model\n\n## Validation Metrics\n\naccuracy: 0.5\n',
  'config.json': '{}',
  'model.safetensors': 'weights',
}

/** Follows a Job that trained on the head of the dataset, and was another program. */
async function followFromHub(between: () => void = () => undefined) {
  await restage({ files: archive })
  stage.sandbox.createModel({ name: 'ann/digits-1', files: finalFiles })
  const run = await stage.start()
  const [job] = stage.sandbox.jobs.all
  if (job === undefined) throw new Error('There is no Job.')
  await stage.sandbox.jobs.settled()
  job.stage = 'COMPLETED'
  between()
  return stage.follow(run)
}

test('The reason says that the head did not move while AutoTrain read it', async () => {
  expect(await followFromHub()).toMatchObject({
    verdict: 'succeeded',
    reason: `Trained on commit ${stage.revision.slice(0, 7)}, the newest commit of main before and after the Job.`,
    metrics: { eval_accuracy: 0.5 },
  })
})

test('The reason says which commits may have been trained on when the head moved', async () => {
  const end = await followFromHub(() => {
    stage.sandbox.commit('ann/digits', { files: { 'README.md': 'new' } })
  })
  const head = stage.sandbox.repository('ann/digits').refs.get('refs/heads/main') ?? ''
  expect(head).not.toBe(stage.revision)
  expect(end).toMatchObject({
    verdict: 'succeeded',
    reason:
      `Trained on commit ${stage.revision.slice(0, 7)} or a later one: ` +
      `main moved to ${head.slice(0, 7)} while the Job ran.`,
  })
})

/** A Job with the dataset mounted that completed, of which the Hub shows other volumes than were ordered. */
async function completeMounted(volumes: undefined | { type: 'dataset'; source: string; revision: string }[]) {
  stage.sandbox.createModel({ name: 'ann/digits-1', files: finalFiles })
  const run = await stage.start()
  const [job] = stage.sandbox.jobs.all
  if (job === undefined) throw new Error('There is no Job.')
  await stage.sandbox.jobs.settled()
  const { volumes: _ordered, ...spec } = job.spec
  const shown = volumes?.map((volume) => ({ ...volume, mountPath: '/data' }))
  Object.assign(job, {
    stage: 'COMPLETED',
    spec: { ...spec, ...(shown !== undefined && { volumes: shown }) },
  })
  stage.sandbox.commit('ann/digits', { files: { 'README.md': 'new' } })
  return run
}

/** As after a restart: it has started nothing. */
const anotherTrainer = () =>
  createAutotrainTrainer({
    hub: connect(stage.sandbox.url, token).hub,
    clock: stage.clock,
    waitLimitMs: null,
  })

test('The order decides which data was used, even when the Hub shows no volumes', async () => {
  const run = await completeMounted(undefined)
  const { reason } = await stage.follow(run)
  expect(reason).toBe(`Trained on commit ${stage.revision.slice(0, 7)}.`)
})

test('The volumes on the Hub decide which data was used by a Job of another process', async () => {
  const { revision } = stage
  const run = await completeMounted([{ type: 'dataset', source: 'ann/digits', revision }])
  const end = await anotherTrainer().inspect?.(stage.order(), run, new AbortController().signal)
  expect(end?.reason).toBe(`Trained on commit ${revision.slice(0, 7)}.`)
})

test('The data of a Job of another process is uncertain when the Hub shows no volumes', async () => {
  const run = await completeMounted(undefined)
  const end = await anotherTrainer().inspect?.(stage.order(), run, new AbortController().signal)
  expect(end?.reason).toMatch(/^Trained on commit .* or a later one: main moved/)
})

test('A Job that completed without the final files is a failed training', async () => {
  await restage({ files: archive })
  stage.sandbox.createModel({ name: 'ann/digits-1', files: { 'config.json': '{}' } })
  const run = await stage.start()
  await stage.sandbox.jobs.settled()
  Object.assign(stage.sandbox.jobs.all[0] ?? {}, { stage: 'COMPLETED' })
  expect(await stage.follow(run)).toMatchObject({
    verdict: 'failed',
    cause: 'training',
    reason: expect.stringMatching(
      /^AutoTrain ended with exit code 0 but pushed no README\.md, model\.safetensors/,
    ),
  })
})

test('A Job that completed without a model is a failed training', async () => {
  await restage({ files: archive })
  const run = await stage.start()
  await stage.sandbox.jobs.settled()
  Object.assign(stage.sandbox.jobs.all[0] ?? {}, { stage: 'COMPLETED' })
  expect(await stage.follow(run)).toMatchObject({
    verdict: 'failed',
    cause: 'training',
    reason: expect.stringMatching(
      /^AutoTrain ended with exit code 0 but pushed no model to ann\/digits-1: the training failed/,
    ),
  })
})

test('A training that AutoTrain ends with exit code 0 after an error is a failed one, with that error', async () => {
  // AutoTrain makes the model's repository itself, and swallows that it is there already.
  stage.sandbox.createModel({ name: 'ann/digits-1' })
  const { end, job } = await stage.train()
  expect(job.stage).toBe('ERROR')
  expect(end).toMatchObject({
    verdict: 'failed',
    reason: expect.stringMatching(/^The Job failed \(Job failed with exit code: 1\): .*409/),
  })
  expect(end.logTail.join('\n')).toContain('AutoTrain ended without README.md')
})

test('A training that runs out of memory is a failed one', async () => {
  stage.sandbox.jobs.next({ oomKillAt: /Starting to train/ })
  const { end, job } = await stage.train({ params: { epochs: 100_000 } })
  expect(job.stage).toBe('ERROR')
  expect(end).toMatchObject({ verdict: 'failed', began: true })
})

test('A trained model whose push failed is pushed again, without its checkpoints and the file that had the token', async () => {
  stage.sandbox.fault({ method: 'POST', path: /^\/api\/models\/ann\/digits-1\/commit\//, status: 403 })
  const { end, recorded } = await stage.train({ params: { epochs: 1 } })
  expect(recorded.lines.join('\n')).toContain('has failed due to an exception')
  expect(end).toMatchObject({ verdict: 'succeeded', metrics: { eval_accuracy: expect.any(Number) } })
  const { tree } = resolveRevision(stage.sandbox.repository('ann/digits-1', 'model'), 'main')
  const files = [...listEntries(tree, { isRecursive: true })].map(({ path }) => path)
  expect(files).toEqual(expect.arrayContaining(['README.md', 'config.json', 'model.safetensors']))
  expect(files.filter((path) => /training_params|checkpoint-/.test(path))).toEqual([])
})

test('AutoTrain runs no code of the base model beside the token, and does not call home', async () => {
  expect((await stage.plan()).steps[0]).toBe(
    'Start a Job with the image huggingface/autotrain-advanced:latest (checked with AutoTrain 0.8.36)',
  )
  expect((await stage.plan(stage.order({ image: 'ann/own:1' }))).steps[0]).toBe(
    'Start a Job with the image ann/own:1',
  )
  await stage.start()
  expect(stage.sandbox.jobs.all[0]?.spec.environment).toMatchObject({
    ALLOW_REMOTE_CODE: 'false',
    NO_ALBUMENTATIONS_UPDATE: '1',
    HF_HUB_DISABLE_TELEMETRY: '1',
    DO_NOT_TRACK: '1',
  })
})

test('A parameter that AutoTrain does not know is a warning of a training that succeeded', async () => {
  const { end } = await stage.train({ params: { epochs: 1, leaning_rate: 3 } })
  expect(end).toMatchObject({
    verdict: 'succeeded',
    warnings: ['params: AutoTrain does not know leaning_rate and trained without it: correct or remove it.'],
  })
})

test('A branch other than main that AutoTrain cannot read is refused', async () => {
  await restage({ files: archive })
  const planning = stage.plan(stage.order({ ref: 'refs/heads/next' }))
  await expect(planning).rejects.toBeInstanceOf(Refused)
  await expect(planning).rejects.toThrow(/^ref: /)
})

test('A recipe with a script is refused', async () => {
  const planning = stage.plan(stage.order({ command: 'true' }))
  await expect(planning).rejects.toBeInstanceOf(Refused)
  await expect(planning).rejects.toThrow(/^command: /)
})
