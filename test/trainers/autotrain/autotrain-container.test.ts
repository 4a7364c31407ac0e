import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { digitFiles } from '../../demo/digits.ts'
import { resolveRevision } from '../../sandbox/hub/git/repositories.ts'
import { listEntries } from '../../sandbox/hub/git/trees.ts'
import { type JobStage, stageJobs } from '../jobs/job-stage.ts'

let stage: JobStage

beforeEach(async () => {
  const files = digitFiles({ from: 0, perDigit: 20 })
  stage = await stageJobs({ trainer: 'autotrain', params: { epochs: 2 }, files, speed: 10 })
})
afterEach(() => stage.close())

test('A trained model whose push failed is pushed again, without its checkpoints and the file that had the token', async () => {
  const path = /^\/api\/models\/ann\/digits-1\/commit\//
  // What TensorBoard would show is pushed at the first step; the model at the end.
  stage.sandbox.fault({ method: 'POST', path, until: Promise.resolve() })
  stage.sandbox.fault({ method: 'POST', path, status: 403 })
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
