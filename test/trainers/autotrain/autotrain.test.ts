import { afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { Refused } from '../../../src/domain/verdict.ts'
import { createAutotrainTrainer } from '../../../src/trainers/autotrain/autotrain.ts'
import { type DigitFiles, digitFiles } from '../../demo/digits.ts'
import { connect } from '../../hub/connect.ts'
import { type JobStage, stageJobs, token } from '../jobs/job-stage.ts'
import { readParquetFile } from './content/parquet-files.ts'

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
  await restage({
    files: { 'train.csv': new TextEncoder().encode(`text,target\n${'x,a\ny,b\n'.repeat(9)}`) },
  })
  const columnMapping = { text_column: 'text', target_column: 'target' }
  const asked = stage.order({ task: 'text-classification', columnMapping, ref: 'refs/heads/next' })
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

/** The digits, and files beside them. */
const digitsAnd = (files: Readonly<Record<string, string>>): DigitFiles => {
  const added = Object.entries(files).map(
    ([path, content]) => [path, new TextEncoder().encode(content)] as const,
  )
  return { ...digits, ...Object.fromEntries(added) }
}

test.each([
  ['A dataset with a file that is not an image', { 'train/0/notes.txt': 'x' }, /not \.jpg, \.jpeg or \.png/],
  ['A dataset with too few images in a class', { 'train/ten/1.png': 'x' }, /fewer than 5 images/],
])('%s cannot be mounted for AutoTrain', async (_title, files, why) => {
  await restage({ files: digitsAnd(files) })
  const { readsOnlyHead, steps } = await stage.plan()
  expect([readsOnlyHead, steps.join()]).toEqual([true, expect.stringMatching(why)])
  expect(steps).toContain(
    'Train with no validation: nothing will be measured (valid-split names a split to measure on)',
  )
})

test('The plan of class folders says what is validated on, and what is left out', async () => {
  await restage({ files: digitsAnd({ 'train/labels.csv': 'a,b\n' }) })
  const { readsOnlyHead, steps } = await stage.plan()
  expect(readsOnlyHead).toBe(false)
  expect(steps).toEqual([
    'Start a Job with the image huggingface/autotrain-advanced:latest (checked with AutoTrain 0.8.36)',
    'Mount the dataset at the revision, read-only, at /data',
    'AutoTrain leaves out the files beside the class folders of train/',
    "Train with epochs 2 and AutoTrain's defaults batch_size 8, lr 0.00005",
    'Validate on a fifth of the split train, which AutoTrain sets aside',
    'Follow the Job, then check its model on the Hub',
  ])
})

test('Class folders at the top of the dataset are trained on at the commit, and nothing is measured', async () => {
  const flat = Object.entries(digits).map(([path, bytes]) => [path.replace('train/', ''), bytes] as const)
  await restage({ files: Object.fromEntries(flat) })
  const { end, job } = await stage.train()
  expect(end).toMatchObject({
    verdict: 'succeeded',
    reason: `Trained on commit ${stage.revision.slice(0, 7)}.`,
    metrics: { train_loss: expect.any(Number) },
  })
  expect(Object.keys(end.metrics).filter((name) => name.startsWith('eval_'))).toEqual([])
  expect(job.spec.volumes).toMatchObject([{ revision: stage.revision, mountPath: '/data' }])
})

test('A dataset that AutoTrain certainly fails with is refused before anything is started', async () => {
  await restage({ files: digitsAnd({ 'train/0/more/1.png': 'x' }) })
  const planning = stage.plan()
  await expect(planning).rejects.toBeInstanceOf(Refused)
  await expect(planning).rejects.toThrow(/^input-dataset: .* deeper than other folders/)
  expect(stage.sandbox.jobs.all).toEqual([])
})

test('A dataset that AutoTrain fails with is trained in an image of the recipe, with a warning', async () => {
  await restage({ files: digitsAnd({ 'train/0/more/1.png': 'x' }), image: 'acme/autotrain:1' })
  const { checks } = await stage.plan()
  expect(checks).toContainEqual(
    expect.objectContaining({
      id: 'data-layout',
      verdict: 'warned',
      advice: expect.stringMatching(/^Unless your image differs from AutoTrain 0\.8\.36: input-dataset: /),
    }),
  )
})

test('A layout that AutoTrain cannot read is none of the business of another script', async () => {
  await restage({ trainer: 'job', files: digitsAnd({ 'train/0/more/1.png': 'x' }) })
  const { steps } = await stage.plan()
  expect(steps).toEqual([
    'Start a Job with the image python:3.12',
    'Mount the dataset at the revision, read-only, at /data',
    'Follow the Job',
  ])
})

test('A task that AutoTrain cannot train is refused, and only warned of in an image of the recipe', async () => {
  const change = {
    task: 'tabular-classification',
    inputModel: 'xgboost',
    columnMapping: { id_column: 'id', target_columns: 'target' },
    params: {},
  } as const
  await restage({ files: { 'train.csv': new TextEncoder().encode(`id,target\n${'1,0\n2,1\n'.repeat(9)}`) } })
  await expect(stage.plan(stage.order(change))).rejects.toThrow(/^input-model: xgboost fails/)
  const { checks } = await stage.plan(stage.order({ ...change, image: 'acme/autotrain:1' }))
  expect(checks).toContainEqual(
    expect.objectContaining({
      id: 'known-problem',
      verdict: 'warned',
      advice: expect.stringMatching(/^Unless your image differs .*: input-model: xgboost/),
    }),
  )
})

test.each(['eval_accuracy', 'accuracy', 'eval_loss:min'])(
  'A comparison by %s is refused where nothing is measured',
  async (compareMetric) => {
    await restage({ files: { 'data/train.parquet': readParquetFile('images') } })
    const planning = stage.plan(stage.order({ compareMetric }))
    await expect(planning).rejects.toThrow(/^compare-metric: \w+ would never be measured/)
    const { steps } = await stage.plan(stage.order({ compareMetric: 'train_loss:min' }))
    expect(steps).toContainEqual(expect.stringMatching(/nothing will be measured/))
  },
)

test('A validation folder with other classes is refused', async () => {
  const valid = Object.entries(digits).map(
    ([path, bytes]) => [path.replace('train/', 'valid/'), bytes] as const,
  )
  const files = { ...digits, ...Object.fromEntries(valid) }
  await restage({ files, validSplit: 'valid' })
  expect(await stage.plan()).toMatchObject({
    readsOnlyHead: false,
    steps: expect.arrayContaining(['Validate on the split valid']),
  })
  const fewer = Object.fromEntries(Object.entries(files).filter(([path]) => !path.startsWith('valid/9/')))
  await restage({ files: fewer, validSplit: 'valid' })
  await expect(stage.plan()).rejects.toThrow(/^valid-split: valid\/ and train\/ have different classes/)
})

test('Classes whose accents two splits store differently are named as such, because AutoTrain takes them for others', async () => {
  const renamed = (split: string, name: string) =>
    Object.entries(digits).map(
      ([path, bytes]) =>
        [path.replace('train/9/', `train/${name}/`).replace('train/', `${split}/`), bytes] as const,
    )
  const files = Object.fromEntries([...renamed('train', 'é'), ...renamed('valid', 'e\u0301')])
  await restage({ files, validSplit: 'valid' })
  await expect(stage.plan()).rejects.toThrow(
    /store the accents in their class names differently \(NFC and NFD\)/,
  )
})

test('A dataset that is read from the Hub and has moved before the start is not trained on', async () => {
  await restage({ files: archive })
  stage.sandbox.commit('ann/digits', { files: { 'README.md': 'new' } })
  await expect(stage.confirm()).rejects.toMatchObject({
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
const anotherTrainer = () => {
  const { hub } = connect(stage.sandbox.url, token)
  return createAutotrainTrainer({
    hub,
    trainingHub: hub,
    clock: stage.clock,
    waitLimitMs: null,
    stepVariable: () => undefined,
  })
}

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
