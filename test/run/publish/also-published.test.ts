import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { toOutputs } from '../../../src/action/runner/command-files/outputs.ts'
import type { Outcome } from '../../../src/domain/outcome.ts'
import { shortRevision } from '../../../src/domain/revision.ts'
import { jobSummary } from '../../../src/report/summary/summary.ts'
import { contextWith } from '../../report/outcomes.ts'
import { succeeded } from '../provider.ts'
import { minute } from '../workflow-repository.ts'
import { type PublishRig, publishing, startPublishRig } from './publish-rig.ts'

let rig: PublishRig

beforeEach(async () => {
  rig = await startPublishRig()
})

afterEach(() => rig.close())

const comparing = publishing({ compareMetric: 'eval_accuracy' })
const compared = { recipes: [comparing] }

/** Trains a model that the next check publishes, and then one that the gate holds. Returns the earlier one's digits. */
async function publishEarlier(
  metrics = { eval_accuracy: 0.9 },
): Promise<{ earlier: string; outcome: Outcome }> {
  await rig.train({ metrics: { eval_accuracy: 0.5 } }, compared)
  rig.commit()
  rig.trains({ metrics })
  await rig.run({ recipes: [{ ...comparing, wait: false }] })
  const earlier = shortRevision(rig.head())
  rig.provider.endAll({ ...succeeded, metrics })
  rig.home.clock.advance(11 * minute)
  const outcome = await rig.train({ metrics: { eval_accuracy: 0.1 } }, { ...compared, runId: '77' })
  return { earlier, outcome }
}

describe('A workflow run that publishes the model of an earlier training, and then holds its own', () => {
  test('Its output says that it published, with the commit.', async () => {
    const { outcome } = await publishEarlier()
    expect(rig.titles()[0]).toContain('publication 2')
    expect(outcome.publication).toMatchObject({ end: 'held', alsoPublished: { n: 2 } })
    expect(toOutputs([outcome])).toMatchObject({
      published: 'true',
      'published-revision': outcome.publication?.now?.commit,
    })
  })

  test('Its summary says that its own model is not published, why, and which one is.', async () => {
    const { earlier, outcome } = await publishEarlier()
    const summary = jobSummary([outcome], contextWith())
    expect(summary).toMatch(/^## ✅ Model trained, not published/)
    expect(summary).toContain('**Not published:** eval\\_accuracy is 0.1000, not better than the 0.9000')
    expect(summary).toContain(`✅ This workflow run published \`${earlier}\`, the model of another training.`)
    expect(summary).toMatch(new RegExp(`Published now:.*\`${earlier}\``))
  })

  test('A second run of its job says the same.', async () => {
    await publishEarlier()
    const { outcome } = await rig.run({ ...compared, runId: '77', runAttempt: 2 })
    expect(outcome).toMatchObject({
      verdict: 'succeeded',
      publication: { end: 'held', alsoPublished: { n: 2 } },
    })
    expect(toOutputs([outcome]).published).toBe('true')
  })
})

test('A workflow run that holds the model of an earlier training and its own has published nothing.', async () => {
  const { outcome } = await publishEarlier({ eval_accuracy: 0.2 })
  expect(outcome.publication).toMatchObject({ end: 'held', alsoPublished: null, now: { n: 1 } })
  expect(toOutputs([outcome]).published).toBe('false')
})
