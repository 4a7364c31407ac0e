import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { shortRevision } from '../../../src/domain/revision.ts'
import { succeeded } from '../provider.ts'
import { type PublishRig, publishing, startPublishRig } from './publish-rig.ts'

let rig: PublishRig

beforeEach(async () => {
  rig = await startPublishRig()
})

afterEach(() => rig.close())

const compared = { recipes: [publishing({ compareMetric: 'eval_accuracy', minImprovement: 0.01 })] }

describe('With compare-metric', () => {
  test('A run that is better than what is published replaces it.', async () => {
    await rig.train({ metrics: { eval_accuracy: 0.8 } }, compared)
    const outcome = await rig.train({ metrics: { eval_accuracy: 0.9 } }, compared)
    expect(outcome.publication).toMatchObject({
      end: 'published',
      gate: { value: 0.9, baseline: 0.8, rows: 'other' },
    })
  })

  test.each([
    ['worse', { eval_accuracy: 0.7 }],
    ['better by too little', { eval_accuracy: 0.805 }],
    ['not measured', { eval_loss: 0.1 }],
  ])('A run that is %s is held, which is no failure.', async (_what, metrics) => {
    await rig.train({ metrics: { eval_accuracy: 0.8 } }, compared)
    const first = rig.read('model.safetensors')
    const outcome = await rig.train({ metrics }, compared)
    expect(outcome).toMatchObject({ verdict: 'succeeded', publication: { end: 'held', now: { n: 1 } } })
    expect(rig.read('model.safetensors')).toBe(first)
  })

  test('A run is compared with what is published, not with the last success.', async () => {
    await rig.train({ metrics: { eval_accuracy: 0.8 } }, compared)
    await rig.train({ metrics: { eval_accuracy: 0.5 } }, compared)
    const outcome = await rig.train({ metrics: { eval_accuracy: 0.7 } }, compared)
    expect(outcome.publication).toMatchObject({ end: 'held', gate: { baseline: 0.8 } })
  })

  test('The value that the training measured of the published model on the same rows counts first.', async () => {
    await rig.train({ metrics: { eval_accuracy: 0.9 } }, compared)
    const metrics = { eval_accuracy: 0.8, published_eval_accuracy: 0.7 }
    const outcome = await rig.train({ metrics }, compared)
    expect(outcome.publication).toMatchObject({ end: 'published', gate: { baseline: 0.7, rows: 'same' } })
  })

  test('A value of a model that is no longer published does not count.', async () => {
    await rig.train({ metrics: { eval_accuracy: 0.5 } }, compared)
    const first = shortRevision(rig.head())
    await rig.train({ metrics: { eval_accuracy: 0.9 } }, compared)
    const metrics = { eval_accuracy: 0.6, published_eval_accuracy: 0.1 }
    // The training has begun, and a person goes back to the first model.
    rig.commit()
    rig.trains({ metrics })
    const wait = { ...compared.recipes[0], wait: false } as (typeof compared.recipes)[0]
    await rig.run({ recipes: [wait] })
    await rig.byHand(first)
    rig.provider.endAll({ ...succeeded, metrics })
    const { outcome } = await rig.run(compared)
    expect(outcome.publication).toMatchObject({ end: 'published', gate: { baseline: 0.5, rows: 'other' } })
  })
})

test('Without compare-metric, each success is published.', async () => {
  await rig.train({ metrics: { eval_accuracy: 0.9 } })
  expect((await rig.train({ metrics: { eval_accuracy: 0.1 } })).publication).toMatchObject({
    end: 'published',
  })
})
