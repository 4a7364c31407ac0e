import { describe, expect, test } from '@jest/globals'
import { resolveRecipes } from '../../src/recipe/resolve.ts'
import { refusalOf } from './refusal.ts'

const inputs = { 'input-dataset': 'acme/pets', 'input-model': 'gpt2', 'target-namespace': 'acme' }
const fromInputs = (change: Record<string, string>) =>
  resolveRecipes({ file: null, inputs: { ...inputs, ...change } })

function fromFile(change: Record<string, unknown>) {
  const names = { input_dataset: 'acme/pets', input_model: 'gpt2', target_namespace: 'acme' }
  return resolveRecipes({
    file: { path: 'a.json', text: JSON.stringify({ ...names, ...change }) },
    inputs: {},
  })
}

describe('A word for none is never taken as a name:', () => {
  test.each([
    [
      'valid-split',
      'none',
      '"none" is not taken as a name: leave it out for none (a split of that name is default:none).',
    ],
    [
      'train-split',
      'None',
      '"None" is not taken as a name: leave it out for the default, train (a split of that name is default:None).',
    ],
    [
      'image',
      'none',
      '"none" is not taken as a name: leave it out for none (an image of that name is none:latest).',
    ],
    [
      'image',
      'null',
      '"null" is not taken as a name: leave it out for none (an image of that name is null:latest).',
    ],
    ['compare-metric', 'none', '"none" is not taken as a name: leave it out for none.'],
    ['compare-metric', '–', '"–" is not taken as a name: leave it out for none.'],
    ['valid-split', '—', '"—" is not taken as a name: leave it out for none.'],
    ['valid-split', '~', '"~" is not taken as a name: leave it out for none.'],
    ['command', 'none', '"none" is not taken as a name: leave it out for none.'],
    ['hardware', 'none', '"none" is not taken as a name: leave it out for the default, t4-small.'],
    [
      'autotrain-project-prefix',
      'nan',
      '"nan" is not taken as a name: leave it out for the default, auto-retrain.',
    ],
    [
      'target-namespace',
      'null',
      '"null" is not taken as a name: it must be a user or an organisation on the Hub, such as acme.',
    ],
    [
      'input-model',
      'None',
      '"None" is not taken as a name: it must be a model on the Hub, such as microsoft/resnet-50.',
    ],
  ])('%s: %s', (name, word, sentence) => {
    expect(refusalOf(() => fromInputs({ [name]: word }))).toBe(`${name}: ${sentence}`)
    const key = name.replaceAll('-', '_')
    expect(refusalOf(() => fromFile({ [key]: word }))).toBe(`a.json: ${key}: ${sentence}`)
  })

  test('null of a file is absent where nothing may be.', () => {
    expect(fromFile({ valid_split: null, image: null, compare_metric: null, command: null })).toMatchObject([
      { validSplit: null, image: null, compareMetric: null, command: null },
    ])
  })

  test.each(['nonesuch', 'train-none', 'default:none', 'nan2'])('%s is a name.', (name) => {
    expect(fromInputs({ 'valid-split': name })).toMatchObject([{ validSplit: name }])
  })
})
