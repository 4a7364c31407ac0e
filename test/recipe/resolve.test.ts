import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { Recipe, RecipeSettings } from '../../src/domain/recipe.ts'
import { Refused } from '../../src/domain/verdict.ts'
import { kebabCase, recipeKeys, snakeCase } from '../../src/recipe/keys.ts'
import { recipeInputNames, resolveRecipes } from '../../src/recipe/resolve.ts'
import { keyRows } from './key-rows/recipe-key-rows.ts'
import { refusalOf } from './refusal.ts'

const inputs = {
  'input-dataset': 'acme/digits',
  'input-model': 'microsoft/resnet-50',
  'target-namespace': 'acme',
}
const values = { input_dataset: 'acme/digits', input_model: 'microsoft/resnet-50', target_namespace: 'acme' }
const rows = Object.entries(keyRows).map(([key, row]) => ({
  ...row,
  key: key as keyof RecipeSettings,
  name: kebabCase(key),
}))

type Inputs = Record<string, string>

const fileOf = (content: unknown) => ({ path: 'auto-retrain.json', text: JSON.stringify(content) })
const fromInputs = (change: Inputs = {}) => resolveRecipes({ file: null, inputs: { ...inputs, ...change } })
const fromFile = (change: Record<string, unknown> = {}, given: Inputs = {}) =>
  resolveRecipes({ file: fileOf({ ...values, ...change }), inputs: given })
const fromList = (recipes: unknown[], given: Inputs = {}) =>
  resolveRecipes({ file: fileOf({ recipes }), inputs: given })
/** JSON has no NaN and no Infinity, YAML has. */
function yamlOf(value: unknown): string {
  if (typeof value === 'number' && !Number.isFinite(value)) return Number.isNaN(value) ? '.nan' : '.inf'
  return JSON.stringify(value)
}

/** For titles. */
const show = (value: unknown) => yamlOf(value).slice(0, 80)

const oneOf = (recipes: Recipe[]): Recipe => {
  expect(recipes).toHaveLength(1)
  return recipes[0] as Recipe
}

test('The three required names make a recipe, and everything else has its default.', () => {
  const recipe = oneOf(fromInputs())
  expect(recipe).toMatchObject({
    inputDataset: 'acme/digits',
    inputModel: 'microsoft/resnet-50',
    targetNamespace: 'acme',
  })
  for (const { key, fallback } of rows)
    if (fallback !== undefined) expect([key, recipe[key]]).toEqual([key, fallback])
})

test('The same values in a config file make the same recipe.', () => {
  expect(fromFile()).toEqual(fromInputs())
})

test('Every key of a recipe has a row in the table of these tests, and an input.', () => {
  expect(Object.keys(keyRows).sort()).toEqual(Object.keys(recipeKeys).sort())
  expect([...recipeInputNames].sort()).toEqual(rows.map(({ name }) => name).sort())
})

describe.each(rows)('$name', ({ key, name, fallback, beside, ...row }) => {
  const snake = snakeCase(key)
  const { allowed } = recipeKeys[key]

  test.each(row.inputs.map(([text, meaning]) => ({ shown: show(text), text, meaning })))(
    'The input $shown is accepted.',
    ({ text, meaning }) => {
      expect(oneOf(fromInputs({ ...beside, [name]: text }))[key]).toEqual(meaning)
    },
  )

  test.each(row.values.map(([value, meaning]) => ({ shown: show(value), value, meaning })))(
    'The value $shown of a file is accepted.',
    ({ value, meaning }) => {
      expect(oneOf(fromFile({ [snake]: value }, beside))[key]).toEqual(meaning)
    },
  )

  test('An input overrides the file, and the file overrides the default.', () => {
    const [text, meaning] = row.inputs[0] ?? ['', '']
    const [value, fromFileOnly] = row.values[0] ?? ['', '']
    expect(oneOf(fromFile({ [snake]: value }, beside))[key]).toEqual(fromFileOnly)
    expect(oneOf(fromFile({ [snake]: value }, { ...beside, [name]: text }))[key]).toEqual(meaning)
    if (fallback === undefined) return
    expect(meaning).not.toEqual(fallback)
  })

  test('Its error is one sentence that begins with the name and says what is allowed in a few words.', () => {
    expect(`${name} must be ${allowed}.`).toMatch(/^[a-z-]+ must be [^\n]{3,600}[^.]\.$/)
  })

  // A key whose sentences depend on another key has its own tests.
  if (row.wrongInputs.length === 0) return

  test.each(row.wrongInputs.map((text) => [show(text), text]))(
    'The input %s is refused with its name and what is allowed.',
    (_, text) => {
      expect(refusalOf(() => fromInputs({ ...beside, [name]: text }))).toBe(`${name} must be ${allowed}.`)
    },
  )

  test.each(row.wrongValues.map((value) => [show(value), value]))(
    'The value %s of a file is refused with its place and name.',
    (_, value) => {
      const lines = Object.entries({ ...values, [snake]: value }).map(
        ([entry, given]) => `${entry}: ${yamlOf(given)}`,
      )
      const file = { path: 'a.yml', text: lines.join('\n') }
      expect(refusalOf(() => resolveRecipes({ file, inputs: beside ?? {} }))).toBe(
        `a.yml: ${snake} must be ${allowed}.`,
      )
    },
  )
})

describe('A required key', () => {
  test.each(Object.keys(inputs))('Without %s the error names the input and the key.', (name) => {
    const { [name]: _, ...rest } = inputs as Inputs
    const snake = name.replaceAll('-', '_')
    expect(refusalOf(() => resolveRecipes({ file: null, inputs: rest }))).toMatch(
      new RegExp(
        `^${name} is missing: set it as an input, or as ${snake} in a config file ` +
          '\\(none was found at \\.github/auto-retrain\\.json, \\.github/auto-retrain\\.yml, \\.github/auto-retrain\\.yaml; ' +
          'add a step with actions/checkout before this one\\); it must be .+\\.$',
      ),
    )
  })

  test('The error names a config file that lacks it, and does not mention a checkout.', () => {
    const file = fileOf({ input_dataset: 'acme/digits', target_namespace: 'acme' })
    expect(refusalOf(() => resolveRecipes({ file, inputs: {} }))).toMatch(
      new RegExp(
        `^input-model is missing: set it as an input, or as input_model in ${file.path}; it must be `,
      ),
    )
  })

  test('An input provides it when the file does not.', () => {
    const file = fileOf({ input_dataset: 'acme/digits', target_namespace: 'acme' })
    expect(oneOf(resolveRecipes({ file, inputs: { 'input-model': 'gpt2' } })).inputModel).toBe('gpt2')
  })
})

describe('A falsy value', () => {
  test('Zero, false, null and empty lists and maps of the file are not replaced by defaults.', () => {
    const falsy = {
      settle: '0s',
      max_cost: 0,
      max_runs_per_day: 0,
      min_improvement: 0,
      wait: false,
      model_card: false,
      paths: [],
      paths_ignore: [],
      params: {},
      valid_split: null,
    }
    expect(oneOf(fromFile(falsy))).toMatchObject({
      settle: 0,
      maxCost: 0,
      maxRunsPerDay: 0,
      minImprovement: 0,
      wait: false,
      modelCard: false,
      paths: [],
      pathsIgnore: [],
      params: {},
      validSplit: null,
    })
  })

  test('Zero and false from inputs override other values of the file.', () => {
    const file = { max_cost: 9, max_runs_per_day: 9, settle: '9s', wait: true }
    const given = { 'max-cost': '0', 'max-runs-per-day': '0', settle: '0s', wait: 'false' }
    expect(oneOf(fromFile(file, given))).toMatchObject({
      maxCost: 0,
      maxRunsPerDay: 0,
      settle: 0,
      wait: false,
    })
  })
})

describe('A list of recipes', () => {
  const second = { ...values, input_dataset: 'acme/letters' }

  test('It becomes one recipe per entry, in the order of the file.', () => {
    expect(fromList([values, second]).map(({ inputDataset }) => inputDataset)).toEqual([
      'acme/digits',
      'acme/letters',
    ])
  })

  test.each(['input-dataset', 'input-model', 'target-namespace', 'autotrain-project-prefix'])(
    'The input %s is refused beside it, because it belongs to no recipe.',
    (name) => {
      expect(refusalOf(() => fromList([values, second], { [name]: 'acme/x' }))).toBe(
        `${name} cannot be combined with a list of recipes: set it in each recipe instead.`,
      )
    },
  )

  test('A list with one recipe counts as a list.', () => {
    expect(refusalOf(() => fromList([values], { 'input-model': 'gpt2' }))).toMatch(
      /^input-model cannot be combined/,
    )
  })

  test('Other inputs apply to every recipe.', () => {
    const recipes = fromList([{ ...values, max_cost: 3 }, second], { 'max-cost': '1', settle: '1m' })
    expect(recipes.map(({ maxCost, settle }) => [maxCost, settle])).toEqual([
      [1, 60_000],
      [1, 60_000],
    ])
  })

  test('A wrong value is refused with the number of its recipe.', () => {
    expect(refusalOf(() => fromList([values, { ...second, max_cost: 'much' }]))).toMatch(
      /^auto-retrain\.json, recipe 2: max_cost must be /,
    )
  })

  test('Two recipes whose projects would have the same names are refused.', () => {
    expect(refusalOf(() => fromList([values, { ...values, input_model: 'gpt2' }]))).toBe(
      'Two recipes for acme/digits would create projects of the same name in acme: ' +
        'give each its own autotrain_project_prefix.',
    )
  })

  test('A default prefix equals the same prefix written out.', () => {
    const written = { ...values, autotrain_project_prefix: 'auto-retrain' }
    expect(refusalOf(() => fromList([values, written]))).toMatch(/^Two recipes for acme\/digits/)
  })

  test('Names that differ only in case are the same on the Hub.', () => {
    const shouted = { ...values, target_namespace: 'ACME', autotrain_project_prefix: 'Auto-Retrain' }
    expect(refusalOf(() => fromList([values, shouted]))).toMatch(/^Two recipes for acme\/digits/)
  })

  test.each([
    ['dataset', { input_dataset: 'acme/letters' }],
    ['namespace', { target_namespace: 'other' }],
    ['prefix', { autotrain_project_prefix: 'second' }],
  ])('Two recipes that differ in %s are accepted.', (_, change) => {
    expect(fromList([values, { ...values, ...change }])).toHaveLength(2)
  })
})

test('A task whose columns were not given is asked for them, not refused for those of pictures.', () => {
  expect(refusalOf(() => fromInputs({ task: 'text-classification' }))).toMatch(
    /^column-mapping lacks text_column, target_column: the task text-classification needs /,
  )
})

test('Any text in any input leads to a recipe or to one sentence that begins with the name of an input.', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.json(),
    fc.constantFrom(
      '0',
      'true',
      '5m',
      '{}',
      '[]',
      '&a [*a]',
      '!!js/function x',
      'none',
      '~',
      'a: &a {b: *a}',
      '<<: *a',
    ),
    fc
      .array(
        fc.constantFrom(
          '- ',
          'docs',
          '/',
          '**',
          ',',
          '"',
          '[',
          ']',
          '{',
          '}',
          '!',
          '\\\\',
          '.',
          ' ',
          '#',
          '\\n',
        ),
      )
      .map((parts) => parts.join('')),
  )
  fc.assert(
    fc.property(fc.constantFrom(...recipeInputNames), text, (name, value) => {
      try {
        expect(fromInputs({ [name]: value })).toHaveLength(1)
      } catch (error) {
        expect(error).toBeInstanceOf(Refused)
        expect((error as Refused).message).toMatch(
          new RegExp(`^(?:${name}|column-mapping)(?:: | must (?:be|have) | has | lacks )[^\\n]+[.?]$`),
        )
      }
    }),
    { numRuns: 1000 },
  )
})

/** What tools leave around a value, and how they end lines. */
const wrappings = ['\ufeff%', '%\r\n', '\u00a0%\u00a0', '\u200b%\u2060']

describe.each(wrappings)('A value inside %j', (wrapping) => {
  const wrap = (value: string) => wrapping.replace('%', value)

  test('In the config file it is what it is without, and so is its key.', () => {
    const plain = { hardware: 'l4x1', paths: ['data/**'] }
    const wrapped = { [wrap('hardware')]: wrap('l4x1'), paths: [wrap('data/**')] }
    expect(fromFile(wrapped)).toEqual(fromFile(plain))
  })
})

test.each(['\n', '\r\n', '\r'])('A list is read with lines that end in %j.', (end) => {
  expect(oneOf(fromInputs({ paths: ['data/**', '\u00a0', ' *.csv '].join(end) })).paths).toEqual([
    'data/**',
    '*.csv',
  ])
})

test('A script from Windows has the line ends that a shell reads.', () => {
  expect(oneOf(fromFile({ command: '\ufeffa\r\n  b\r\n' })).command).toBe('a\n  b\n')
})

test('Globs with accents are the same recipe however they are typed.', () => {
  expect(fromFile({ paths: ['donne\u0301es/**'] })).toEqual(fromInputs({ paths: 'données/**' }))
})

test('A branch may have a name in any script, of at most 1,000 bytes.', () => {
  const ref = 'refs/heads/entraînement/数据'
  expect(oneOf(fromInputs({ ref })).ref).toBe(ref)
  const long = `refs/heads/${'数'.repeat(330)}`
  expect(refusalOf(() => fromInputs({ ref: long }))).toMatch(/^ref must be a branch as a full ref/)
})

test('Any text from outside, in any Unicode form, gives the same recipe with and without what surrounds it.', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 30 })
  const forms = fc.constantFrom('NFC', 'NFD')
  fc.assert(
    fc.property(text, forms, fc.constantFrom(...wrappings), (name, form, wrapping) => {
      const glob = name.normalize(form)
      const outcome = (paths: string) => {
        try {
          return fromInputs({ paths })
        } catch (error) {
          return (error as Refused).message
        }
      }
      expect(outcome(wrapping.replace('%', () => glob))).toEqual(outcome(name))
    }),
  )
})

describe('A compare-metric that does not say which way is better', () => {
  const reason = (key: string) =>
    `${key} must have :max or :min at its end, because the name val/AR@100 does not say whether higher or lower is ` +
    'better: write val/AR@100:max or val/AR@100:min.'

  test('is refused with both forms, where it is an input', () => {
    expect(refusalOf(() => fromInputs({ 'compare-metric': 'val/AR@100' }))).toBe(reason('compare-metric'))
  })

  test('is refused with both forms, where it stands in the file', () => {
    expect(refusalOf(() => fromFile({ compare_metric: 'val/AR@100' }))).toBe(
      reason('auto-retrain.json: compare_metric'),
    )
  })

  test.each(['val/AR@100:max', 'val/AR@100:min'])('is taken as %s', (metric) => {
    expect(oneOf(fromInputs({ 'compare-metric': metric })).compareMetric).toBe(metric)
  })
})
