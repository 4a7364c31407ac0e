import { describe, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import type { Recipe } from '../../src/domain/recipe.ts'
import type { TrainingOrder } from '../../src/domain/training.ts'
import { autotrainConfig } from '../../src/trainers/autotrain/autotrain-config.ts'
import { runEnvironment } from '../../src/trainers/run-environment.ts'
import { reviewCommand, scriptCommand, scriptConfig } from '../../src/trainers/script/script-run.ts'
import { order } from './order.ts'

const published = { model: 'acme/digits', commit: 'e'.repeat(40) }
const startFrom = { model: 'ann/digits-1d55c3a', revision: 'c'.repeat(40) }

const scriptArgs = [
  '--base={base-model}',
  '--base_revision={base-revision}',
  '--old={published-model}',
  '--old_revision={published-revision}',
]
const ofScript = (rest: Partial<TrainingOrder> = {}, args = scriptArgs) => {
  const content = new TextEncoder().encode('')
  const code: Recipe['code'] = {
    script: 'train.py',
    text: '',
    files: [{ path: 'train.py', content }],
    hasLock: false,
    hasProject: false,
    digest: 'd',
  }
  return order({ trainer: 'script', script: 'train.py', scriptArgs: args, code }, rest)
}
const environmentOf = (rest: Partial<TrainingOrder>) => runEnvironment({ order: order({}, rest), config: '' })

describe('What is published', () => {
  test('Its name and commit are variables of every training.', () => {
    expect(environmentOf({ published })).toMatchObject({
      AUTO_RETRAIN_PUBLISHED_MODEL: published.model,
      AUTO_RETRAIN_PUBLISHED_REVISION: published.commit,
    })
  })

  test.each([[null], [undefined]])('The variables are empty while nothing is (%j).', (nothing) => {
    expect(environmentOf({ published: nothing })).toMatchObject({
      AUTO_RETRAIN_PUBLISHED_MODEL: '',
      AUTO_RETRAIN_PUBLISHED_REVISION: '',
    })
  })

  test('A script finds it in its arguments and in its config.', () => {
    expect(scriptCommand(ofScript({ published })).slice(-2)).toEqual([
      `--old=${published.model}`,
      `--old_revision=${published.commit}`,
    ])
    expect(JSON.parse(scriptConfig(ofScript({ published })))).toMatchObject({
      published_model: published.model,
      published_revision: published.commit,
    })
  })

  test('Options for it are left out while nothing is published.', () => {
    expect(scriptCommand(ofScript())).toEqual(['uv', 'run', '/code/train.py', '--base=microsoft/resnet-50'])
    expect(JSON.parse(scriptConfig(ofScript()))).toMatchObject({
      published_model: '',
      published_revision: '',
    })
  })

  test('The plan shows the command with it, and refuses an argument that would be empty.', () => {
    expect(reviewCommand(ofScript({ published })).step).toContain(`--old=${published.model}`)
    expect(reviewCommand(ofScript({}, ['{published-model}'])).check).toMatchObject({
      verdict: 'refused',
      advice: expect.stringContaining('{published-model} is empty in this training'),
    })
  })
})

describe('A training that starts from an earlier run', () => {
  test('Its variables name that model and its commit in place of input-model.', () => {
    expect(environmentOf({ startFrom })).toMatchObject({
      AUTO_RETRAIN_BASE_MODEL: startFrom.model,
      AUTO_RETRAIN_BASE_REVISION: startFrom.revision,
    })
  })

  test.each([[null], [undefined]])('From input-model, the commit is empty: the newest (%j).', (base) => {
    expect(environmentOf({ startFrom: base })).toMatchObject({
      AUTO_RETRAIN_BASE_MODEL: 'microsoft/resnet-50',
      AUTO_RETRAIN_BASE_REVISION: '',
    })
  })

  test('A script finds them in its arguments and in its config.', () => {
    expect(scriptCommand(ofScript({ startFrom })).slice(-2)).toEqual([
      `--base=${startFrom.model}`,
      `--base_revision=${startFrom.revision}`,
    ])
    expect(JSON.parse(scriptConfig(ofScript({ startFrom })))).toMatchObject({
      base_model: startFrom.model,
      base_revision: startFrom.revision,
    })
  })

  test("AutoTrain's config names its model, and input-model without one.", () => {
    const baseOf = (rest: Partial<TrainingOrder>) =>
      parse(autotrainConfig({ ...order({}, rest), dataPath: '/data' })).base_model
    expect(baseOf({ startFrom })).toBe(startFrom.model)
    expect(baseOf({})).toBe('microsoft/resnet-50')
  })
})
