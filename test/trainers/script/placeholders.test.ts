import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { fillArguments } from '../../../src/trainers/script/placeholders.ts'

const values = {
  dataset: 'acme/digits',
  revision: 'abc123',
  data: '/data',
  model: 'acme/digits-1',
  'base-model': 'microsoft/resnet-50',
  'published-model': '',
  task: 'image-classification',
}
const names = Object.keys(values) as (keyof typeof values)[]

test.each<[string, string[]]>([
  ['{dataset}', ['acme/digits']],
  ['--data={dataset}@{revision}', ['--data=acme/digits@abc123']],
  ['--base_model={base-model}', ['--base_model=microsoft/resnet-50']],
  ['--out={{model}}', ['--out={model}']],
  ['{{{model}}}', ['{acme/digits-1}']],
  ['--json={{"lr": 1, "on": {{}}}}', ['--json={"lr": 1, "on": {}}']],
  ['--from={published-model}', []],
  ['--from={model}', ['--from=acme/digits-1']],
  ['{data}/train', ['/data/train']],
  ['plain', ['plain']],
])('The argument %j becomes %j.', (arg, filled) => {
  expect(fillArguments([arg], values)).toEqual(filled)
})

describe('An argument is refused', () => {
  test.each([
    [
      '{modle}',
      'script-args, argument 1: "{modle}" is unknown: did you mean {model}? For braces themselves, write {{ and }}.',
    ],
    ['{base_model}', 'did you mean {base-model}?'],
    ['{Dataset}', 'did you mean {dataset}?'],
    [
      '--x={secrets.HF_TOKEN}',
      'the known names are dataset, revision, data, model, base-model, published-model and task; for braces',
    ],
    ['{}', '"{}" is unknown'],
    ['{"lr": 1}', 'for braces themselves, write {{ and }}'],
    ['{ model}', 'did you mean {model}?'],
    ['--x={model', 'script-args, argument 1 has a single {: write {{ for a brace itself.'],
    ['--x=model}', 'has a single }: write }} for a brace itself.'],
    ['{published-model}', '{published-model} is empty in this training: remove it'],
    ['--x=a{published-model}', 'as in --option={published-model}, which is then left out'],
    ['x={published-model}', 'is empty in this training'],
    ['', 'script-args, argument 1 is empty, which a Job cannot get'],
  ])('%j.', (arg, message) => {
    expect(() => fillArguments([arg], values)).toThrow(message)
  })
})

const anyValues = fc.record(
  Object.fromEntries(names.map((name) => [name, fc.stringMatching(/^[a-z/{}-]{0,12}$/)])),
) as fc.Arbitrary<typeof values>

test('No placeholder is left in an argument, and a value is never read for others.', () => {
  const parts = fc.oneof(
    fc.constantFrom('--x=', 'a', '/', '@', ' ').map((text) => ({ text, is: () => text })),
    fc.constantFrom(...names).map((name) => ({ text: `{${name}}`, is: (all: typeof values) => all[name] })),
    fc.constantFrom('{', '}').map((brace) => ({ text: brace.repeat(2), is: () => brace })),
  )
  fc.assert(
    fc.property(fc.array(parts, { minLength: 1 }), anyValues, (all, given) => {
      const arg = all.map(({ text }) => text).join('')
      const hasEmpty = all.some(({ is }) => is(given) === '')
      if (!hasEmpty) expect(fillArguments([arg], given)).toEqual([all.map(({ is }) => is(given)).join('')])
    }),
  )
})

test('Filling in fails with a sentence, or leaves no empty argument and no known name in braces.', () => {
  const plain = { ...values, 'published-model': 'acme/stable' }
  const text = fc
    .array(fc.constantFrom('{', '}', 'model', 'base-model', 'x', '-'), { maxLength: 8 })
    .map((all) => all.join(''))
  fc.assert(
    fc.property(text, (arg) => {
      let filled: string[]
      try {
        filled = fillArguments([arg], plain)
      } catch (error) {
        expect(String(error)).toMatch(/^Refused: script-args, argument 1.*\.$/)
        return
      }
      expect(filled.every((one) => one !== '')).toBe(true)
      if (!/\{\{|\}\}/.test(arg)) expect(filled.join('')).not.toMatch(/\{(?:model|base-model)\}/)
    }),
  )
})
