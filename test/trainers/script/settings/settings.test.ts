import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { mergeSettings, type RecipeSettings } from '../../../../src/trainers/script/settings/settings.ts'

const defaults = { image: 'uv:python3.12', flavor: 't4-small', timeoutMs: 7_200_000 }
const silent: RecipeSettings = {
  image: null,
  flavor: null,
  timeoutMs: null,
  python: null,
  env: {},
  secrets: [],
  givesToken: true,
}

const merge = (hfJobs: Readonly<Record<string, unknown>> | null, recipe: Partial<RecipeSettings> = {}) =>
  mergeSettings({ hfJobs, recipe: { ...silent, ...recipe }, defaults })

const header = {
  image: 'acme/train:py3.11',
  flavor: 'a10g-small',
  timeout: '2h',
  python: '3.11',
  name: 'digits',
  env: { WANDB_PROJECT: 'digits', SEED: '1' },
  labels: { team: 'vision' },
  volumes: ['hf://datasets/acme/more@main:/more', 'hf://buckets/acme/out:/out'],
  secrets: ['WANDB_API_KEY', 'HF_TOKEN'],
}

describe('The settings of a Job', () => {
  test('are the defaults where neither the recipe nor the script has others.', () => {
    expect(merge(null)).toEqual({
      settings: {
        image: { value: 'uv:python3.12', from: 'default' },
        flavor: { value: 't4-small', from: 'default' },
        timeoutMs: { value: 7_200_000, from: 'default' },
        python: { value: null, from: 'default' },
        name: { value: null, from: 'default' },
        env: {},
        labels: {},
        volumes: [],
      },
      problems: [],
    })
  })

  test("are the script's where the recipe has none.", () => {
    const { settings, problems } = merge(header, { secrets: ['WANDB_API_KEY'] })
    expect(problems).toEqual([])
    expect(settings).toMatchObject({
      image: { value: 'acme/train:py3.11', from: 'script' },
      flavor: { value: 'a10g-small', from: 'script' },
      timeoutMs: { value: 7_200_000, from: 'script' },
      python: { value: '3.11', from: 'script' },
      name: { value: 'digits', from: 'script' },
      env: { WANDB_PROJECT: { value: 'digits', from: 'script' }, SEED: { value: '1', from: 'script' } },
      labels: { team: { value: 'vision', from: 'script' } },
      volumes: [
        { value: { mountPath: '/more', revision: 'main' } },
        { value: { mountPath: '/out', readOnly: false } },
      ],
    })
  })

  test("are the recipe's where both have some, for variables and labels by name, for volumes by mount path.", () => {
    const volume = {
      type: 'dataset',
      source: 'acme/other',
      revision: null,
      path: null,
      mountPath: '/more',
      readOnly: true,
    } as const
    const { settings } = merge(header, {
      image: 'python:3.12',
      flavor: 'l4x1',
      timeoutMs: 60_000,
      python: '3.12',
      secrets: ['WANDB_API_KEY'],
      env: { SEED: '2' },
      labels: { team: 'text' },
      volumes: [volume],
    })
    expect(settings).toMatchObject({
      image: { value: 'python:3.12', from: 'recipe' },
      flavor: { value: 'l4x1', from: 'recipe' },
      timeoutMs: { value: 60_000, from: 'recipe' },
      python: { value: '3.12', from: 'recipe' },
      env: { WANDB_PROJECT: { from: 'script' }, SEED: { value: '2', from: 'recipe' } },
      labels: { team: { value: 'text', from: 'recipe' } },
      volumes: [
        { value: { mountPath: '/out' }, from: 'script' },
        { value: volume, from: 'recipe' },
      ],
    })
  })

  test("take the script's name over a label with that name.", () => {
    expect(merge({ labels: { name: 'a' } }).settings).toMatchObject({ name: { value: 'a' }, labels: {} })
    expect(merge({ name: 'b', labels: { name: 'a' } }).settings.name.value).toBe('b')
  })

  test.each([
    ['2h', 7_200_000],
    ['1.5h', 5_400_000],
    ['90m', 5_400_000],
    ['60', 60_000],
    ['1d', 86_400_000],
    [7200, 7_200_000],
    [7200n, 7_200_000],
  ])('have a time limit of %j as the client reads it.', (timeout, ms) => {
    expect(merge({ timeout }).settings.timeoutMs).toEqual({ value: ms, from: 'script' })
  })
})

const refusals: [Record<string, unknown>, RegExp][] = [
  [
    { namespace: 'acme' },
    /^namespace in \[tool\.hf-jobs\] is not allowed here: Jobs run in target-namespace/,
  ],
  [{ network_group: 'x' }, /^network_group .* a training runs alone.*billed apart/],
  [{ network_aliases: ['x'] }, /^network_aliases .* a training runs alone/],
  [{ attempts: 3 }, /^"attempts" .* is unknown: a failed training is never paid for again/],
  [{ attemps: 3 }, /attempts is not allowed either/],
  [{ flavour: 't4-small' }, /is unknown: did you mean flavor\?$/],
  [{ hardware: 't4-small' }, /did you mean flavor\?$/],
  [{ dependencies: [] }, /packages stand at the top of the header/],
  [{ qqqqqqqqq: 1 }, /the known keys are image, /],
  [{ image: 3 }, /^image .* must be a Docker image.*and is a number/],
  [{ image: 'a b' }, /^image .* and is "a b"/],
  [{ image: '' }, /^image .* and is ""/],
  [{ flavor: 'T4 small' }, /^flavor .* must be hardware/],
  [{ python: '--offline' }, /^python .* must be a version/],
  [{ python: 3.12 }, /^python .* and is a number/],
  [{ name: '' }, /^name .* must be a name/],
  [{ timeout: true }, /^timeout .* must be a duration.*and is true or false/],
  [{ timeout: '2 hours' }, /^timeout .* and is "2 hours"/],
  [{ timeout: 1.5 }, /^timeout .* and is "1.5"/],
  [{ timeout: -5 }, /^timeout .* and is "-5"/],
  [{ timeout: 'nanh' }, /^timeout .* and is "nanh"/],
  [{ timeout: '10s' }, /^timeout .* must be from 1 min to 365 days/],
  [{ timeout: '999999999d' }, /^timeout .* to 365 days/],
  [{ env: ['A=1'] }, /^env .* must be a table of texts, and is a list/],
  [{ env: { A: 1 } }, /^env\."A" .* must be a text in quotes, and is a number/],
  [{ env: { 'A-B': '1' } }, /^env\."A-B" .* not the name of an environment variable/],
  [{ env: { AUTO_RETRAIN_MODEL: 'x' } }, /is set by the action/],
  [{ env: { HF_TOKEN: 'x' } }, /is a secret: remove it, and set give-token/],
  [{ labels: { ledger: 'x' } }, /^labels\."ledger" .* begins with ledger.*rename it/],
  [{ labels: { 'auto-retrain-x': 'x' } }, /begins with auto-retrain/],
  [{ labels: { Recipe: 'x' } }, /begins with recipe/],
  [{ labels: { revision: 'x', dataset: 'y' } }, /begins with revision/],
  [{ labels: { x: 'y'.repeat(101) } }, /at most 100 characters/],
  [{ volumes: 'hf://acme/d:/x' }, /^volumes .* must be a list of texts, and is a text/],
  [{ volumes: [1] }, /a list of other things/],
  [{ volumes: ['hf://datasets/acme/d:/data'] }, /^volumes .* has "hf:.*", which is mounted at \/data/],
  [{ volumes: ['hf://acme/a:/x', 'hf://acme/b:/x/'] }, /two volumes at \/x/],
  [{ secrets: { WANDB_API_KEY: 'x' } }, /^secrets .* must be a list of names.*values never belong/],
  [{ secrets: ['WANDB_API_KEY=abc'] }, /^secrets .* must be names of environment variables/],
  [{ secrets: ['WANDB_API_KEY'] }, /^the script asks for the secret WANDB_API_KEY.*add it to secrets/],
]

describe('The table of a header is refused', () => {
  test.each(refusals)('%j.', (table, message) => {
    const { settings, problems } = merge(table)
    expect(problems[0]).toMatch(message)
    // Nothing of it gets through.
    expect(settings).toEqual(merge(null).settings)
  })

  test('where it asks for HF_TOKEN and the recipe does not give it.', () => {
    expect(merge({ secrets: ['HF_TOKEN'] }).problems).toEqual([])
    expect(merge({ secrets: ['HF_TOKEN'] }, { givesToken: false }).problems).toEqual([
      'the script asks for HF_TOKEN, which the recipe does not give it: set give-token to true, or remove it from [tool.hf-jobs]',
    ])
  })

  test('where it sets a variable that is a secret of the recipe.', () => {
    const { settings, problems } = merge({ env: { WANDB_API_KEY: 'x' } }, { secrets: ['WANDB_API_KEY'] })
    expect(problems).toEqual([
      'env."WANDB_API_KEY" in [tool.hf-jobs] is a secret of the recipe: remove it there',
    ])
    expect(settings.env).toEqual({})
  })

  test('without a word of a value that stands where a name belongs.', () => {
    expect(
      JSON.stringify(merge({ secrets: ['hf_secret-value'], env: { HF_TOKEN: 'hf_secret-value' } })),
    ).not.toContain('hf_secret')
  })

  test('with every thing that is wrong in it.', () => {
    expect(merge({ namespace: 'a', attempts: 2, timeout: 'x', secrets: ['A', 'A'] }).problems).toHaveLength(4)
  })
})

const tableValue = fc.oneof(
  fc.string(),
  fc.integer(),
  fc.boolean(),
  fc.array(fc.string()),
  fc.dictionary(fc.string(), fc.string()),
)
const anyTable = fc.dictionary(
  fc.oneof(
    fc.constantFrom(...Object.keys(header), 'namespace', 'network_group', 'network_aliases', '__proto__'),
    fc.string(),
  ),
  tableValue,
)
const anyHeader = fc.oneof(
  anyTable,
  fc.subarray(Object.entries(header)).map((entries) => Object.fromEntries(entries)),
  fc.subarray(refusals.map(([table]) => table)).map((tables) => Object.assign({}, ...tables)),
)
const anyRecipe = fc.record({
  image: fc.constantFrom(null, 'python:3.12'),
  flavor: fc.constantFrom(null, 'l4x1'),
  timeoutMs: fc.constantFrom(null, 60_000),
  python: fc.constantFrom(null, '3.12'),
  env: fc.dictionary(fc.constantFrom('SEED', 'A', 'WANDB_PROJECT'), fc.string()),
  labels: fc.dictionary(fc.constantFrom('team', 'x'), fc.string()),
  secrets: fc.subarray(['WANDB_API_KEY', 'A']),
})

test('Whatever a header has, merging never throws and the recipe wins.', () => {
  fc.assert(
    fc.property(anyHeader, anyRecipe, (table, recipe) => {
      const { settings } = merge(table, recipe)
      for (const key of ['image', 'flavor', 'timeoutMs', 'python'] as const) {
        if (recipe[key] !== null) expect(settings[key]).toEqual({ value: recipe[key], from: 'recipe' })
      }
      for (const key of ['env', 'labels'] as const) {
        for (const [name, value] of Object.entries(recipe[key])) {
          expect(settings[key][name]).toEqual({ value, from: 'recipe' })
        }
      }
    }),
  )
})

test('Whatever a header has, nothing that is refused is in the settings.', () => {
  fc.assert(
    fc.property(anyHeader, anyRecipe, (table, recipe) => {
      const { settings, problems } = merge(table, recipe)
      const own = /^(?:auto-retrain|ledger|recipe|revision|dataset)/i
      expect(Object.keys(settings)).toEqual(Object.keys(merge(null).settings))
      expect(Object.keys(settings.labels).filter((name) => own.test(name))).toEqual([])
      expect(Object.keys(settings.env).filter((name) => /^AUTO_RETRAIN_|^HF_TOKEN$/.test(name))).toEqual([])
      expect(settings.volumes.filter(({ value }) => /^\/(?:code|data)\b/.test(value.mountPath))).toEqual([])
      const fromScript = Object.entries(settings.env).filter(([, { from }]) => from === 'script')
      expect(fromScript.filter(([name]) => recipe.secrets.includes(name))).toEqual([])
      const unknown = Object.keys(table).filter((key) => !Object.hasOwn(header, key))
      if (unknown.length > 0) expect(problems.length).toBeGreaterThanOrEqual(unknown.length)
    }),
  )
})
