import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { Refused } from '../../../../src/domain/verdict.ts'
import { digitFiles } from '../../../demo/digits.ts'
import { type JobStage, stageJobs } from '../../jobs/job-stage.ts'

let stage: JobStage

// A plan starts nothing, so that all tests have one Hub.
beforeAll(async () => {
  stage = await stageJobs({ trainer: 'autotrain', files: digitFiles({ from: 0, perDigit: 5 }) })
})
afterAll(() => stage.close())

const warned = (sentence: RegExp) =>
  expect.objectContaining({ verdict: 'warned', advice: expect.stringMatching(sentence) })

test('A comparison is planned where AutoTrain measures, and the plan says that the data are others each time', async () => {
  const { steps, checks } = await stage.plan(stage.order({ compareMetric: 'eval_accuracy' }))
  expect(steps).toContainEqual(expect.stringMatching(/^Validate on a fifth/))
  expect(checks).toContainEqual(warned(/^compare-metric: .* another random part of the data/))
})

test.each<[string, Record<string, unknown>, RegExp]>([
  ['A parameter that AutoTrain does not have', { epoch: 3 }, /^params: .* no parameter epoch .* epochs\?/],
  ['A parameter of another type', { epochs: 'three' }, /^params: epochs must be a whole number/],
])('%s is refused before anything is started', async (_title, params, sentence) => {
  const planning = stage.plan(stage.order({ params }))
  await expect(planning).rejects.toBeInstanceOf(Refused)
  await expect(planning).rejects.toThrow(sentence)
  expect(stage.sandbox.jobs.all).toEqual([])
  const { checks } = await stage.plan(stage.order({ params, image: 'acme/autotrain:1' }))
  expect(checks).toContainEqual(warned(sentence))
})

test('The plan has the parameters that the training runs with', async () => {
  const { parameters } = await stage.plan(stage.order({ params: { lr: 0.001 } }))
  expect(parameters).toEqual([
    { name: 'epochs', value: 3, isGiven: false },
    { name: 'batch_size', value: 8, isGiven: false },
    { name: 'lr', value: 0.001, isGiven: true },
  ])
})
