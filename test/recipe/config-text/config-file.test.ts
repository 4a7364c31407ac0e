import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { Refused } from '../../../src/domain/verdict.ts'
import { readConfigFile } from '../../../src/recipe/config-text/config-file.ts'
import { refusalOf } from '../refusal.ts'

const minimal = { target_namespace: 'acme', input_dataset: 'acme/digits', input_model: 'microsoft/resnet-50' }

const read = (text: string, path = 'auto-retrain.yml') => readConfigFile({ path, text })
const readJson = (value: unknown) => read(JSON.stringify(value), 'auto-retrain.json')

test("The guide's unchanged config.json is one recipe.", () => {
  const text = `{
  "target_namespace": "sbrandeis-test-org",
  "input_dataset": "huggingface-projects/auto-retrain-input-dataset",
  "input_model": "microsoft/resnet-50",
  "autotrain_project_prefix": "auto-retrain"
}
`
  expect(read(text, 'config.json')).toEqual({
    isList: false,
    entries: [{ where: 'config.json', values: JSON.parse(text) }],
  })
})

test('The same file in YAML has the same content.', () => {
  const text = 'target_namespace: acme\ninput_dataset: acme/digits # ours\ninput_model: microsoft/resnet-50\n'
  expect(read(text).entries[0]?.values).toEqual(minimal)
})

describe('A list of recipes', () => {
  test('Each entry has its place in the file.', () => {
    expect(readJson({ recipes: [minimal, { ...minimal, task: 'text-regression' }] })).toEqual({
      isList: true,
      entries: [
        { where: 'auto-retrain.json, recipe 1', values: minimal },
        { where: 'auto-retrain.json, recipe 2', values: { ...minimal, task: 'text-regression' } },
      ],
    })
  })

  test.each([[[]], [null], ['acme/digits'], [{}], [0], [false]])(
    '"recipes": %j is refused, because it must be a list with entries.',
    (recipes) => {
      expect(refusalOf(() => readJson({ recipes }))).toBe(
        'auto-retrain.json: "recipes" must be a list of one or more recipes.',
      )
    },
  )

  test.each(['text', 5, null, ['input_dataset'], true])(
    'An entry that is %j is refused with its place.',
    (entry) => {
      expect(refusalOf(() => readJson({ recipes: [minimal, entry] }))).toBe(
        'auto-retrain.json, recipe 2 must be a map of recipe keys.',
      )
    },
  )

  test.each(['input_dataset', 'task', 'version'])(
    'The key %s beside "recipes" is refused, because it belongs to no recipe.',
    (key) => {
      expect(refusalOf(() => readJson({ [key]: 'x', recipes: [minimal] }))).toBe(
        `auto-retrain.json: the key "${key}" is not allowed beside "recipes": move it into each recipe.`,
      )
    },
  )

  test('Recipes within a recipe are refused.', () => {
    expect(refusalOf(() => readJson({ recipes: [{ recipes: [minimal] }] }))).toMatch(
      /^auto-retrain\.json, recipe 1: the key "recipes" is unknown/,
    )
  })
})

describe('An unknown key', () => {
  test.each([
    ['input_datset', 'input_dataset'],
    ['dataset', 'input_dataset'],
    ['model', 'input_model'],
    ['namespace', 'target_namespace'],
    ['prefix', 'autotrain_project_prefix'],
    ['input-model', 'input_model'],
    ['inputModel', 'input_model'],
    ['targetnamespace', 'target_namespace'],
    ['project_prefix', 'autotrain_project_prefix'],
    ['Task', 'task'],
    ['trainers', 'trainer'],
    ['param', 'params'],
    ['discussions', 'discussion'],
    ['recipe', 'recipes'],
  ])('The unknown key %s is refused with the nearest known one, %s.', (key, nearest) => {
    expect(refusalOf(() => readJson({ ...minimal, [key]: 'x' }))).toBe(
      `auto-retrain.json: the key "${key}" is unknown: did you mean "${nearest}"?`,
    )
  })

  test('A key that resembles no other is refused with a list of the known keys.', () => {
    expect(refusalOf(() => readJson({ ...minimal, webhook_url: 'x' }))).toMatch(
      /^auto-retrain\.json: the key "webhook_url" is unknown: the known keys are input_dataset, input_model, .+$/,
    )
  })

  test('In a list of recipes the error names the recipe.', () => {
    expect(refusalOf(() => readJson({ recipes: [minimal, { ...minimal, tasks: 'x' }] }))).toMatch(
      /^auto-retrain\.json, recipe 2: the key "tasks" is unknown: did you mean "task"\?$/,
    )
  })

  test('The error shows a hostile key as a short JSON string.', () => {
    const message = refusalOf(() => readJson({ [`::error::\n${'x'.repeat(5000)}`]: 1 }))
    expect(message).not.toContain('\n')
    expect(message.length).toBeLessThan(1000)
  })
})

describe('A config file that cannot be parsed', () => {
  test('A YAML error is reported in one line, with its line number.', () => {
    expect(refusalOf(() => read('input_dataset: acme/digits\ninput_model: a: b\n'))).toMatch(
      /^auto-retrain\.yml is not valid YAML at line 2, column 14: [^\n]+\.$/,
    )
  })

  test.each([
    ['a key twice', 'task: a\ntask: b\n', 2],
    ['a bad indent', 'params:\n  epochs: 3\n batch: 2\n', 3],
    ['an open quote', '\n\ninput_dataset: "acme\n', 4],
    ['two documents', 'task: a\n---\ntask: b\n', 2],
  ])('A YAML error (%s) is reported with its line number.', (_, text, line) => {
    expect(refusalOf(() => read(text))).toMatch(
      new RegExp(`^auto-retrain\\.yml is not valid YAML at line ${line}, column \\d+: `),
    )
  })

  test('The error of the YAML parser is the cause.', () => {
    let thrown: unknown
    try {
      read('a: [')
    } catch (error) {
      thrown = error
    }
    expect((thrown as Refused).cause).toMatchObject({ name: 'YAMLParseError' })
  })

  test.each(['', ' \n', '\ufeff', '# nothing yet\n', 'null', '---\n'])(
    'An empty file, %j, is refused.',
    (text) => {
      const reason = 'it must be a map of recipe keys, or have the key "recipes" with a list of recipes.'
      expect(refusalOf(() => read(text))).toBe(`auto-retrain.yml is empty: ${reason}`)
      if (text.trim() === '') expect(refusalOf(() => read(text, 'a.json'))).toBe(`a.json is empty: ${reason}`)
    },
  )

  test.each(['[]', '- a\n', '- input_dataset: acme/digits\n'])(
    'A list at the top, %j, is refused.',
    (text) => {
      expect(refusalOf(() => read(text))).toBe(
        'auto-retrain.yml is a list: put it under the key "recipes", as in "recipes: [...]".',
      )
    },
  )

  test.each(['text', '5', 'true', '"x"'])('A file without a map, %j, is refused.', (text) => {
    expect(refusalOf(() => read(text))).toBe(
      'auto-retrain.yml must be a map of recipe keys, or have the key "recipes" with a list of recipes.',
    )
  })

  test('A YAML file whose aliases expand without limit is refused.', () => {
    const names = [...'abcdefghij']
    const lines = names.map(
      (name, at) => `${name}: &${name} [${at === 0 ? 'x' : `*${names[at - 1]},`.repeat(10)}]`,
    )
    expect(refusalOf(() => read(lines.join('\n')))).toMatch(/^auto-retrain\.yml is not valid YAML: /)
  })

  test('Any text is parsed or refused in one line, in both formats.', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc.string({ unit: 'binary', maxLength: 20 }).map((inner) => `\ufeff${inner}`),
      fc.json().map((inner) => `${inner.slice(0, -1)},${inner.slice(-1)}`),
      fc
        .array(
          fc.constantFrom(
            'task',
            ': ',
            '\n',
            '  ',
            '- ',
            '"',
            '{',
            '}',
            '[',
            ',',
            '&a ',
            '*a',
            '|',
            '#',
            '\t',
            '<<: ',
            '*b',
            '!x ',
            '---\n',
            '\ufeff',
            '// ',
            "'",
          ),
        )
        .map((parts) => parts.join('')),
      fc.json(),
    )
    fc.assert(
      fc.property(text, fc.constantFrom('c.json', 'c.yml'), (content, path) => {
        try {
          expect(read(content, path).entries.length).toBeGreaterThan(0)
        } catch (error) {
          expect(error).toBeInstanceOf(Refused)
          expect((error as Refused).message).toMatch(new RegExp(`^${path}[^\\n]+$`))
        }
      }),
      { numRuns: 500 },
    )
  })
})

test('A byte-order mark and the line ends of Windows do not change what a file says.', () => {
  const json = JSON.stringify(minimal, null, 2).replaceAll('\n', '\r\n')
  const yaml = 'target_namespace: acme\r\ninput_dataset: acme/digits\r\ninput_model: microsoft/resnet-50\r\n'
  expect(read(`\ufeff${json}`, 'config.json').entries[0]?.values).toEqual(minimal)
  expect(read(`\ufeff${yaml}`).entries[0]?.values).toEqual(minimal)
})

test('An unknown key is never cut inside a character.', () => {
  const message = refusalOf(() => readJson({ ...minimal, [`${'x'.repeat(99)}😀😀`]: 1 }))
  expect(message.isWellFormed()).toBe(true)
  expect(message).toContain(`"${'x'.repeat(99)}"`)
})
