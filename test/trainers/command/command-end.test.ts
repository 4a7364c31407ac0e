import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { digitFiles } from '../../demo/digits.ts'
import { type CommandStage, stageCommands } from './command-stage.ts'

let stage: CommandStage

beforeEach(async () => {
  stage = await stageCommands()
})
afterEach(() => stage.close())

test('Metrics in the card of a pushed model replace those in the log', async () => {
  stage.sandbox.createModel({
    name: 'ann/digits-1',
    files: { 'README.md': '# m\n\n## Validation Metrics\n\naccuracy: 0.5\n', 'model.joblib': 'weights' },
  })
  const line = `echo "{'eval_accuracy': 0.91, 'eval_f1': 0.8, 'epoch': 1.0}"`
  const { end } = await stage.run(line, { expectModel: true })
  expect(end.metrics).toEqual({ eval_accuracy: 0.5, eval_f1: 0.8 })
})

test('A command that pushes no model has failed, and the reason says what to do', async () => {
  expect((await stage.run('true', { expectModel: true })).end).toMatchObject({
    verdict: 'failed',
    cause: 'training',
    reason:
      'The command ended with exit code 0 but pushed no model to ann/digits-1. ' +
      'Set expect-model: false if it pushes none.',
  })
})

test('A command whose model cannot be checked neither succeeded nor failed', async () => {
  stage.sandbox.fault({ path: /api\/models/, status: 500, times: Number.POSITIVE_INFINITY })
  await expect(stage.run('true', { expectModel: true })).rejects.toThrow(
    /^The command ended with exit code 0, but its model could not be checked: .* answered 500/,
  )
})

describe('AutoTrain on the runner', () => {
  const program = fileURLToPath(new URL('../../sandbox/bin/autotrain', import.meta.url))
  const autotrain = () =>
    `export HF_ENDPOINT=${stage.sandbox.url}; node ${program} --config "$AUTO_RETRAIN_CONFIG_FILE"`

  beforeEach(() => {
    stage.sandbox.createBaseModel('microsoft/resnet-50')
    stage.sandbox.createDataset({ name: 'ann/digits', files: digitFiles({ from: 0, perDigit: 5 }) })
  })

  test('trains with the config file in AUTO_RETRAIN_CONFIG_FILE', async () => {
    const { end } = await stage.run(autotrain())
    expect(end).toMatchObject({ verdict: 'succeeded', metrics: { train_loss: expect.any(Number) } })
    expect(stage.sandbox.repository('ann/digits-1', 'model').commits.size).toBeGreaterThan(1)
  })

  test('fails the training when it fails with exit code 0, and the reason has its error', async () => {
    stage.sandbox.createModel({ name: 'ann/digits-1' })
    const { end } = await stage.run(autotrain())
    expect(end).toMatchObject({
      verdict: 'failed',
      cause: 'training',
      reason: expect.stringMatching(/exit code 0 but pushed no README\.md.*: the training failed: .*409/),
    })
  })
})

test('AutoTrain that was killed while it pushed has failed, although it ended with exit code 0', async () => {
  stage.sandbox.createModel({ name: 'ann/digits-1', files: { 'runs/events': 'x' } })
  const log =
    'INFO | autotrain.trainers.image_classification.__main__:train:222 - Finished training, saving model'
  expect((await stage.run(`echo "${log}"`)).end).toMatchObject({
    verdict: 'failed',
    cause: 'training',
    reason: expect.stringMatching(/^AutoTrain ended with exit code 0 but pushed no README\.md, config\.json/),
  })
})

test('AutoTrain that could not push is said to have failed to push, not to train', async () => {
  const log = 'INFO | now | __main__:train:225 - Pushing model to hub...'
  const start = 'INFO | now | autotrain.backends.local:create:20 - Starting local training...'
  const { end } = await stage.run(`echo "${start}"; echo "${log}"; echo "HfHubHTTPError: 500 Server Error"`)
  expect(end.reason).toBe(
    'AutoTrain ended with exit code 0 but pushed no model to ann/digits-1: the push failed: HfHubHTTPError: 500 Server Error',
  )
})

test('The reason of a killed command names the signal', async () => {
  expect((await stage.run('kill -KILL $$')).end).toMatchObject({
    verdict: 'failed',
    cause: 'limit',
    reason: 'The command was killed by SIGKILL.',
  })
})

test.each([
  ['A child that was killed for want of memory is a limit', 'bash -c "kill -KILL \\$\\$"', 'limit'],
  ['CUDA out of memory is a limit', 'echo "RuntimeError: CUDA out of memory."; exit 1', 'limit'],
  ['Another signal from outside fails the training', 'kill -TERM $$', 'training'],
  ['Another exit code fails the training', 'exit 2', 'training'],
])('%s', async (_title, command, cause) => {
  expect((await stage.run(command)).end).toMatchObject({ verdict: 'failed', cause, began: true })
})
