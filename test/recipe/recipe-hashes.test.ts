import { describe, expect, test } from '@jest/globals'
import type { RecipeSettings } from '../../src/domain/recipe.ts'
import { recipeHashes } from '../../src/recipe/recipe-hashes.ts'
import { recipeFamily, recipeKey } from '../../src/recipe/recipe-key.ts'
import { recipe } from '../trainers/order.ts'

const base = recipe({ trainer: 'job' })

type Changes = 'both' | 'howItRuns' | 'nothing'

/** For each key of a recipe, another value, and which hash that changes: a new key needs a row here. */
const rows: { readonly [K in keyof RecipeSettings]: readonly [other: RecipeSettings[K], changes: Changes] } =
  {
    inputDataset: ['acme/other', 'nothing'],
    inputModel: ['google/vit-base', 'both'],
    targetNamespace: ['other', 'nothing'],
    autotrainProjectPrefix: ['other', 'nothing'],
    ref: ['refs/heads/dev', 'nothing'],
    paths: [['train/**'], 'nothing'],
    pathsIgnore: [[], 'nothing'],
    minChangedFiles: [50, 'nothing'],
    maxRemoved: [100, 'nothing'],
    settle: [60_000, 'nothing'],
    task: ['text-classification', 'nothing'],
    trainSplit: ['training', 'both'],
    validSplit: ['test', 'both'],
    columnMapping: [{ image_column: 'picture', target_column: 'label' }, 'both'],
    params: [{ epochs: 9 }, 'both'],
    retrainOn: [['recipe'], 'nothing'],
    trainer: ['command', 'both'],
    expectModel: [false, 'both'],
    hardware: ['a100-large', 'howItRuns'],
    timeout: [3_600_000, 'howItRuns'],
    image: ['python:3.12', 'both'],
    command: ['python train.py', 'both'],
    script: ['training/other.py', 'both'],
    scriptArgs: [['--epochs=9'], 'both'],
    // What they match counts by its content.
    files: [['training/*.py'], 'nothing'],
    python: ['3.13', 'both'],
    with: [['trl==1.16.0'], 'both'],
    env: [{ WANDB_PROJECT: 'digits' }, 'both'],
    secrets: [['WANDB_API_KEY'], 'both'],
    giveToken: [false, 'nothing'],
    maxCost: [9, 'nothing'],
    maxRunsPerDay: [1, 'nothing'],
    wait: [false, 'nothing'],
    discussion: ['off', 'nothing'],
    modelCard: [false, 'nothing'],
    compareMetric: ['eval_accuracy', 'nothing'],
    minImprovement: [0.1, 'nothing'],
    publishTo: ['acme/digits', 'nothing'],
    publishPublic: [true, 'nothing'],
    publishOver: [true, 'nothing'],
    publishCode: [true, 'nothing'],
    startFrom: ['published', 'both'],
  }

describe('The hashes of a recipe', () => {
  test.each(Object.entries(rows))('Another %s changes %j.', (name, [other, changes]) => {
    const before = recipeHashes(base)
    const after = recipeHashes({ ...base, [name]: other })
    expect(after.howItRuns !== before.howItRuns).toBe(changes !== 'nothing')
    expect(after.whatItMakes !== before.whatItMakes).toBe(changes === 'both')
  })

  test('They are stable: an update of the action does not train everything again.', () => {
    expect(recipeHashes(base)).toMatchObject({
      howItRuns: expect.stringMatching(/^[0-9a-f]{16}$/),
      whatItMakes: expect.stringMatching(/^[0-9a-f]{16}$/),
    })
    expect(recipeHashes(recipe({ trainer: 'job' }))).toEqual(recipeHashes(base))
  })

  test('A value that is written out and the same as the default changes nothing: defaults are not what the user gave.', () => {
    const written = { ...base, hardware: 't4-small', timeout: 7_200_000, trainSplit: 'train', params: {} }
    expect(recipeHashes(written)).toEqual(recipeHashes(base))
  })

  test('The order in which people write a map means nothing, that of a list does.', () => {
    const one = recipeHashes({ ...base, params: { epochs: 3, lr: 0.1, deep: { a: 1, b: [1, 2] } } })
    const two = recipeHashes({ ...base, params: { deep: { b: [1, 2], a: 1 }, lr: 0.1, epochs: 3 } })
    const three = recipeHashes({ ...base, params: { deep: { b: [2, 1], a: 1 }, lr: 0.1, epochs: 3 } })
    expect(two).toEqual(one)
    expect(three).not.toEqual(one)
  })

  test('Text and number, and a null and nothing, are told apart.', () => {
    const hashes = [{ epochs: 3 }, { epochs: '3' }, { epochs: null }, {}].map(
      (params) => recipeHashes({ ...base, params }).whatItMakes,
    )
    expect(new Set(hashes).size).toBe(4)
  })
})

describe('The identity of a recipe', () => {
  const identity = ['inputDataset', 'ref', 'inputModel', 'targetNamespace', 'autotrainProjectPrefix', 'task']

  test.each(Object.entries(rows))(
    'Another %s is another recipe where it identifies one, and only there.',
    (name, [other]) => {
      const changed = { ...base, [name]: other }
      expect(recipeKey(changed) !== recipeKey(base)).toBe(identity.includes(name))
      const isOfFamily = identity.includes(name) && name !== 'inputDataset'
      expect(recipeFamily(changed) !== recipeFamily(base)).toBe(isOfFamily)
    },
  )
})
