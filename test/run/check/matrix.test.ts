import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { digits, type Rig, startRig } from '../rig.ts'

let rig: Rig

beforeEach(async () => {
  rig = await startRig()
})
afterEach(() => rig.close())

const runId = '4242'
const [first, second] = [
  digits({ command: 'python train.py --lr 1e-4' }),
  digits({ command: 'python train.py --lr 1e-5' }),
]
const legs = 'give each leg its own autotrain-project-prefix.'

describe('A matrix over params', () => {
  test('The leg that comes second says that another leg with other params trains the revision, as a warning.', async () => {
    expect((await rig.run({ runId, recipes: [first] })).outcome.verdict).toBe('succeeded')
    const { outcome } = await rig.run({ runId, recipes: [second] })
    expect(outcome).toMatchObject({ verdict: 'skipped', isWarning: true })
    expect(outcome.reason).toMatch(
      /^Already trained.*Another leg of this workflow run, with other params, trains/,
    )
    expect(outcome.reason).toContain(legs)
    expect(rig.provider.paid).toHaveLength(1)
  })

  test('Of two legs at once one trains, and the other says why it does not.', async () => {
    const runs = await Promise.all([first, second].map((recipe) => rig.run({ runId, recipes: [recipe] })))
    const skipped = runs.filter(({ outcome }) => outcome.verdict === 'skipped')
    expect(skipped).toHaveLength(1)
    expect(skipped[0]?.outcome).toMatchObject({ isWarning: true, reason: expect.stringContaining(legs) })
    expect(rig.provider.paid).toHaveLength(1)
  })

  test('Re-run jobs reports a success only to the leg that trained it.', async () => {
    await rig.run({ runId, recipes: [first] })
    const again = { runId, runAttempt: 2 }
    expect((await rig.run({ ...again, recipes: [second] })).outcome).toMatchObject({
      verdict: 'skipped',
      reason: expect.stringContaining(legs),
    })
    expect((await rig.run({ ...again, recipes: [first] })).outcome.verdict).toBe('succeeded')
    expect(rig.provider.paid).toHaveLength(1)
  })

  test('A leg with a prefix of its own is trained.', async () => {
    await rig.run({ runId, recipes: [first] })
    const own = { ...second, autotrainProjectPrefix: 'slow' }
    expect((await rig.run({ runId, recipes: [own] })).outcome.verdict).toBe('succeeded')
  })

  test('A later run with other params names the two ways to train it, and is no warning.', async () => {
    await rig.run({ recipes: [first] })
    const { outcome } = await rig.run({ recipes: [second] })
    expect(outcome).toMatchObject({ verdict: 'skipped', isWarning: false })
    expect(outcome.reason).toMatch(
      /That run has other params.*autotrain-project-prefix; .*add recipe to retrain-on\.$/,
    )
  })

  test('The same params are skipped without a word on them.', async () => {
    await rig.run({ runId, recipes: [first] })
    expect((await rig.run({ recipes: [first] })).outcome.reason).not.toContain('params')
  })
})

test('Of two base models that would give one model name at the same time, one is trained and the other refused before money.', async () => {
  const other = 'google-bert/bert-base-uncased'
  rig.hub.createBaseModel(other)
  const recipes = [digits(), digits({ inputModel: other })]
  const runs = await Promise.all(recipes.map((recipe) => rig.run({ runId, recipes: [recipe] })))
  expect(runs.map(({ outcome }) => outcome.verdict).sort()).toEqual(['refused', 'succeeded'])
  const refused = runs.find(({ outcome }) => outcome.verdict === 'refused')
  expect(refused?.outcome.reason).toMatch(
    /^autotrain-project-prefix: another recipe is training a model called .*a matrix over base models needs one prefix for each/,
  )
  expect(rig.provider.paid).toHaveLength(1)
})
