import { expect, test } from '@jest/globals'
import { recipeKeys, snakeCase } from '../../../src/recipe/keys.ts'
import { resolveRecipes } from '../../../src/recipe/resolve.ts'
import { refusalOf } from '../refusal.ts'

const names = { input_dataset: 'acme/pets', input_model: 'gpt2', target_namespace: 'acme' }
const json = (values: object) => ({ path: 'a.json', text: JSON.stringify(values) })
const keys = Object.keys(recipeKeys).map(snakeCase)

test.each(keys.filter((key) => !(key in names)))('null in a file is no value: %s has its default.', (key) => {
  const expected = resolveRecipes({ file: json(names), inputs: {} })
  expect(resolveRecipes({ file: json({ ...names, [key]: null }), inputs: {} })).toEqual(expected)
  for (const word of ['null', '~', '']) {
    const text = `${JSON.stringify(names).slice(0, -1)},\n"${key}": ${word}\n}`
    expect(resolveRecipes({ file: { path: 'a.yml', text }, inputs: {} })).toEqual(expected)
  }
})

test.each(Object.keys(names))('null in a file is no value: %s is missing.', (key) => {
  const sentence = refusalOf(() => resolveRecipes({ file: json({ ...names, [key]: null }), inputs: {} }))
  expect(sentence).toMatch(
    new RegExp(`^${key.replace('_', '-')} is missing: set it as an input, or as ${key} in a`),
  )
})
