import { expect, test } from '@jest/globals'
import { type RecipeIdentity, recipeKey } from '../../src/recipe/recipe-key.ts'

const recipe: RecipeIdentity = {
  inputDataset: 'acme/secret-digits',
  ref: 'refs/heads/main',
  inputModel: 'microsoft/resnet-50',
  targetNamespace: 'Acme_Corp',
  autotrainProjectPrefix: 'Digits',
  task: 'image-classification',
}

test('The key of a recipe is readable, stable and without the name of the dataset.', () => {
  expect(recipeKey(recipe)).toBe('acme-corp-digits-4d4cb3c0')
})

test.each([
  ['inputDataset', 'acme/other'],
  ['ref', 'refs/heads/dev'],
  ['inputModel', 'microsoft/resnet-18'],
  ['targetNamespace', 'acme.corp'],
  ['autotrainProjectPrefix', 'digits'],
  ['task', 'text-classification'],
] as const)('Another %s is another recipe.', (name, value) => {
  expect(recipeKey({ ...recipe, [name]: value })).not.toBe(recipeKey(recipe))
})

test('Trainer, hardware and parameters do not change the key of a recipe.', () => {
  const edited = { ...recipe, trainer: 'job', hardware: 'a100-large', params: { epochs: 9 }, maxCost: 1 }
  expect(recipeKey(edited)).toBe(recipeKey(recipe))
})

test('Recipes whose joined values are the same have different keys.', () => {
  const left = { ...recipe, targetNamespace: 'a-b', autotrainProjectPrefix: 'c' }
  const right = { ...recipe, targetNamespace: 'a', autotrainProjectPrefix: 'b-c' }
  expect(recipeKey(left).slice(0, -8)).toBe(recipeKey(right).slice(0, -8))
  expect(recipeKey(left)).not.toBe(recipeKey(right))
})

test('The key is valid in a ref for any names: at most 49 characters, lower case, single hyphens.', () => {
  for (const targetNamespace of ['___', 'x'.repeat(96), 'A.b_C--d', `${'ab-'.repeat(13)}abc`]) {
    const key = recipeKey({ ...recipe, targetNamespace, autotrainProjectPrefix: 'P' })
    expect(key).toMatch(/^(?=.{10,49}$)[a-z0-9]+(-[a-z0-9]+)*-[0-9a-f]{8}$/)
  }
})
