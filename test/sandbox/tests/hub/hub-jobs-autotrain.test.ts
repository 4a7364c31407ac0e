import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { digitFiles } from '../../../demo/digits.ts'
import type { JobTrial } from '../../hub/jobs/try-jobs.ts'
import { shell, spec, tryJobs } from '../../hub/jobs/try-jobs.ts'
import type { SandboxHub } from '../../hub/start.ts'
import { startHub } from '../../hub/start.ts'

const DIGITS = digitFiles({ from: 0, perDigit: 8 })
let hub: SandboxHub
let run: JobTrial['run']
let revision: string

const config = `
task: image_classification
base_model: microsoft/resnet-50
project_name: digits-1
log: none
backend: local
data:
  path: /data
  train_split: train
  valid_split: null
  column_mapping: { image_column: image, target_column: label }
params: { epochs: 1 }
hub: { username: ann, token: "\${HF_TOKEN}", push_to_hub: true }
`

const job = (script: string, environment: object = {}) =>
  shell(script, {
    dockerImage: 'huggingface/autotrain-advanced:latest',
    volumes: [{ type: 'dataset', source: 'ann/digits', mountPath: '/data', revision }],
    secrets: { HF_TOKEN: 'hf_ann' },
    environment,
  })

const TRAIN =
  'printf %s "$CONFIG" > /tmp/config.yml && conda run --no-capture-output -p /app/env autotrain --config /tmp/config.yml'

beforeEach(async () => {
  hub = await startHub()
  hub.addUser({ name: 'ann', token: 'hf_ann' })
  hub.createBaseModel('microsoft/resnet-50')
  hub.createDataset({ name: 'ann/digits', private: true, files: DIGITS })
  revision = hub.repository('ann/digits').refs.get('refs/heads/main') ?? ''
  ;({ run } = tryJobs(hub))
})
afterEach(() => hub.close())

const modelFiles = () => hub.repository('ann/digits-1', 'model').commits.size > 1

test("AutoTrain's image has autotrain not on its PATH, but in a conda environment.", async () => {
  const dockerImage = 'huggingface/autotrain-advanced:latest'
  const { answer } = await run(spec({ dockerImage, command: ['autotrain', '--version'] }))
  expect(answer.status.message).toMatch(/^StartError: .*autotrain/)
  const found = await run(
    job(
      'conda run --no-capture-output -p /app/env sh -c "command -v autotrain; pwd"; PATH=/app/env/bin:$PATH autotrain --version',
    ),
  )
  expect(found.lines.slice(1)).toEqual(['/app/env/bin/autotrain', '/app', '0.8.37.dev0'])
})

test('A Job trains on the mounted revision, whatever was committed since.', async () => {
  hub.commit('ann/digits', { deletions: ['train/'] })
  const { answer, lines } = await run(job(TRAIN, { CONFIG: config }))
  expect(answer.status).toMatchObject({ stage: 'COMPLETED' })
  expect(lines.join('\n')).toContain('num_rows: 60')
  expect(lines.join('\n')).not.toContain('hf_ann')
  expect(lines.join('\n')).not.toContain('hub-job-')
  expect(modelFiles()).toBe(true)
})

test('A configuration that is encoded in base64 is understood.', async () => {
  const encoded = Buffer.from(config).toString('base64')
  const script = `export PATH=/app/env/bin:$PATH; echo ${encoded} | base64 -d > c.yml; autotrain --config c.yml`
  const { answer } = await run(job(script))
  expect(answer.status).toMatchObject({ stage: 'COMPLETED' })
  expect(modelFiles()).toBe(true)
})

test('A trainer that the kernel kills when memory runs out leaves a Job that looks completed.', async () => {
  hub.jobs.next({ oomKillAt: /Starting to train/ })
  const { answer, lines } = await run(job(TRAIN, { CONFIG: config.replace('epochs: 1', 'epochs: 100000') }))
  expect(answer.status).toMatchObject({ stage: 'COMPLETED', message: null })
  // The trainer's progress goes to stderr: which of the two is read last is chance.
  expect(lines.filter((line) => / - Job ID: \d+$/.test(line))).toHaveLength(1)
  expect(lines.join('\n')).not.toContain('Finished training')
  expect(modelFiles()).toBe(false)
})
