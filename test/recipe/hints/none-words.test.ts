import { describe, expect, test } from '@jest/globals'
import { resolveRecipes } from '../../../src/recipe/resolve.ts'
import { refusalOf } from '../refusal.ts'

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
    [
      'valid-split',
      'NIL',
      '"NIL" is not taken as a name: leave it out for none (a split of that name is default:NIL).',
    ],
    [
      'train-split',
      'undefined',
      '"undefined" is not taken as a name: leave it out for the default, train (a split of that name is default:undefined).',
    ],
    ['image', 'N/A', '"N/A" is not taken as a name: leave it out for none.'],
    [
      'valid-split',
      'false',
      '"false" is not taken as a name: leave it out for none (a split of that name is default:false).',
    ],
    ['compare-metric', 'off', '"off" is not taken as a name: leave it out for none.'],
    [
      'image',
      'no',
      '"no" is not taken as a name: leave it out for none (an image of that name is no:latest).',
    ],
    ['params', 'none', '"none" is not taken as a name: leave it out for the default, {}.'],
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

  test('A script may be the command false.', () => {
    expect(fromInputs({ command: 'false' })).toMatchObject([{ command: 'false' }])
  })

  test('A branch, a task and a mode that are no words for none keep their own sentences.', () => {
    expect(refusalOf(() => fromInputs({ discussion: 'none' }))).toBe(
      'discussion must be one of thread, each, off.',
    )
    expect(refusalOf(() => fromInputs({ ref: 'none' }))).toMatch(/^ref must be a branch as a full ref/)
  })

  test.each(['paths', 'paths-ignore'])('%s: a list has no word for none either.', (name) => {
    const sentence = 'has "none", which is not taken as a pattern: leave it out for the default'
    const key = name.replace('-', '_')
    expect(refusalOf(() => fromInputs({ [name]: 'none' }))).toBe(`${name} ${sentence}.`)
    expect(refusalOf(() => fromFile({ [key]: ['none'] }))).toBe(
      `a.json: ${key} ${sentence}, or write [] for no pattern.`,
    )
    expect(refusalOf(() => fromFile({ [key]: '~' }))).toMatch(
      new RegExp(`^a\\.json: ${key}: "~" is not taken as a name: leave it out`),
    )
  })

  test('A map that is null in YAML is absent, also in an input.', () => {
    expect(fromInputs({ params: 'null', 'column-mapping': '~' })).toEqual(fromInputs({}))
  })

  test.each(['nonesuch', 'train-none', 'default:none', 'nan2'])('%s is a name.', (name) => {
    expect(fromInputs({ 'valid-split': name })).toMatchObject([{ validSplit: name }])
  })
})
