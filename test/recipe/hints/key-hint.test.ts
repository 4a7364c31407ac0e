import { expect, test } from '@jest/globals'
import { settingInputs } from '../../../src/action/runner/inputs.ts'
import { settingNames } from '../../../src/recipe/hints/key-hint.ts'
import { resolveRecipes } from '../../../src/recipe/resolve.ts'
import { refusalOf } from '../refusal.ts'

const refusal = (key: string) =>
  refusalOf(() =>
    resolveRecipes({ file: { path: 'a.json', text: JSON.stringify({ [key]: 'x' }) }, inputs: {} }),
  )

test.each([
  ['base_model', 'did you mean "input_model"?'],
  ['backend', 'did you mean "hardware"?'],
  ['project_name', 'did you mean "autotrain_project_prefix"?'],
  ['username', 'did you mean "target_namespace"?'],
  ['validation_split', 'did you mean "valid_split"?'],
  ['epochs', 'it is a parameter of the training: put it under "params"'],
  ['lr', 'it is a parameter of the training: put it under "params"'],
  ['mixed-precision', 'it is a parameter of the training: put it under "params"'],
  ['hf_token', 'it is an input of the action: set hf-token in the workflow, under with'],
  ['dry-run', 'it is an input of the action: set dry-run in the workflow, under with'],
  ['FORCE', 'it is an input of the action: set force in the workflow, under with'],
])('The key %s of a file is refused: %s', (key, hint) => {
  expect(refusal(key)).toBe(`a.json: the key "${key}" is unknown: ${hint}`)
})

test('Every input that is no key of a recipe is known.', () => {
  expect([...settingNames].sort()).toEqual(Object.keys(settingInputs).sort())
})

test.each([
  ['T4-small', 't4-small'],
  ['A10G_LARGE', 'a10g-large'],
  ['L4 x1', 'l4-x1'],
])('The hardware %s is refused with its form.', (hardware, form) => {
  const names = { 'input-dataset': 'acme/pets', 'input-model': 'gpt2', 'target-namespace': 'acme' }
  expect(refusalOf(() => resolveRecipes({ file: null, inputs: { ...names, hardware } }))).toBe(
    `hardware: names of hardware are in lower case and have hyphens: write ${form}.`,
  )
})
