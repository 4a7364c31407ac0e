import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type Case, type Stage, startStage } from '../stage/stage.ts'

const otherModel = 'google-bert/bert-base-uncased'
let stage: Stage

beforeAll(async () => {
  stage = await startStage()
  stage.hub.createBaseModel(otherModel)
})
afterAll(() => stage.close())

/** Two legs of a matrix over one dataset, each in a process of its own. */
function legs(change: Record<string, string>): [Case, Case] {
  const [one, two] = [stage.case(), stage.case()]
  two.workflow({ 'input-dataset': one.dataset, 'autotrain-project-prefix': one.name, ...change })
  return [one, two]
}

describe('Two legs of a matrix at the same time', () => {
  test.concurrent('Of two base models that would give one model name, one is trained and one refused, with what to do.', async () => {
    const [one, two] = legs({ 'input-model': otherModel })
    const runs = await Promise.all([one.manual(), two.manual()])
    expect(runs.map(({ verdict }) => verdict).sort()).toEqual(['refused', 'started'])
    const refused = runs.find(({ verdict }) => verdict === 'refused')
    expect(refused?.exitCode).toBe(1)
    expect(refused?.reason).toContain('a matrix over base models needs one prefix for each')
    expect(one.projects()).toHaveLength(1)
  })

  test.concurrent('Of two that differ in hardware only, one is trained, and the other says that this makes no other recipe.', async () => {
    const [one, two] = legs({ timeout: '3h' })
    const runs = await Promise.all([one.schedule(), two.schedule()])
    expect(runs.map(({ verdict }) => verdict).sort()).toEqual(['skipped', 'started'])
    expect(runs.find(({ verdict }) => verdict === 'skipped')?.reason).toMatch(
      /other params; params, command and hardware do not make another recipe/,
    )
    expect(one.projects()).toHaveLength(1)
  })
})
