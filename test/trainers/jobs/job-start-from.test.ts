import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import type { TrainingOrder } from '../../../src/domain/training.ts'
import { type JobStage, stageJobs } from '../jobs/job-stage.ts'

const published = { model: 'ann/best', commit: 'e'.repeat(40) }
const startFrom = { model: 'ann/digits-1d55c3a', revision: 'c'.repeat(40) }
let stage: JobStage

/** A Hub that has the earlier run's model, private as it was made. */
async function restage(trainer: 'autotrain' | 'job'): Promise<TrainingOrder> {
  await stage?.close()
  stage = await stageJobs({ trainer })
  const config = { model_type: 'resnet', architectures: ['ResNetForImageClassification'] }
  const files = { 'config.json': JSON.stringify(config) }
  stage.sandbox.createModel({ name: startFrom.model, private: true, files })
  return { ...stage.order(), startFrom, published }
}

const environment = () => stage.sandbox.jobs.all[0]?.spec.environment ?? {}

beforeEach(async () => {
  await restage('job')
})
afterEach(() => stage.close())

describe('The Job of a training that starts from an earlier run', () => {
  test('AutoTrain trains with that model, by its name, and the plan names it.', async () => {
    const asked = await restage('autotrain')
    expect(await stage.plan(asked)).toMatchObject({
      summary: expect.stringContaining('AutoTrain fine-tunes ann/digits-1d55c3a on'),
    })
    const run = await stage.start(asked)
    expect(await stage.follow(run, { order: asked })).toMatchObject({ verdict: 'succeeded' })
    expect(parse(environment().AUTO_RETRAIN_CONFIG ?? '')).toMatchObject({ base_model: startFrom.model })
  })

  test.each(['autotrain', 'job'] as const)(
    'With the trainer %s, its variables name both that run and what is published.',
    async (trainer) => {
      const asked = await restage(trainer)
      await stage.start(asked)
      expect(environment()).toMatchObject({
        AUTO_RETRAIN_BASE_MODEL: startFrom.model,
        AUTO_RETRAIN_BASE_REVISION: startFrom.revision,
        AUTO_RETRAIN_PUBLISHED_MODEL: published.model,
        AUTO_RETRAIN_PUBLISHED_REVISION: published.commit,
      })
    },
  )

  test('From input-model, and with nothing published, the variables are there and empty.', async () => {
    await stage.start()
    expect(environment()).toMatchObject({
      AUTO_RETRAIN_BASE_MODEL: 'microsoft/resnet-50',
      AUTO_RETRAIN_BASE_REVISION: '',
      AUTO_RETRAIN_PUBLISHED_MODEL: '',
      AUTO_RETRAIN_PUBLISHED_REVISION: '',
    })
  })
})
