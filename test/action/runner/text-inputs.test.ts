import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { readEnvironment } from '../../../src/action/runner/environment.ts'
import { readInputs } from '../../../src/action/runner/inputs.ts'
import { loadConfigFile } from '../../../src/action/runner/load-config.ts'
import { maskSecrets } from '../../../src/action/runner/secrets.ts'
import { resolveRecipes } from '../../../src/recipe/resolve.ts'
import { refusalOf } from '../../recipe/refusal.ts'

const before = { ...process.env }
let folder: string

beforeEach(() => {
  process.env['INPUT_HF-TOKEN'] = 'hf_ann'
  folder = mkdtempSync(join(tmpdir(), 'text-inputs-test-'))
})
afterEach(() => {
  for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name]
  rmSync(folder, { recursive: true, force: true })
})

const give = (name: string, value: string) => {
  process.env[`INPUT_${name.toUpperCase()}`] = value
}

/** What clipboards, editors and secret stores leave around a value. */
const wrappings: [what: string, wrap: (value: string) => string][] = [
  ['a byte-order mark', (value) => `\ufeff${value}`],
  ['a line end of Windows', (value) => `${value}\r\n`],
  ['non-breaking spaces', (value) => `\u00a0${value}\u00a0`],
  ['zero-width characters', (value) => `\u200b${value}\u2060`],
]

describe.each(wrappings)('Inputs with %s around them', (_what, wrap) => {
  test('They are read without it.', () => {
    give('hf-token', wrap('hf_bob'))
    give('github-token', wrap('ghs_1'))
    give('webhook-secret', wrap('sixteen-letters!'))
    give('dry-run', wrap('TRUE'))
    give('revision', wrap('main'))
    give('max-age', wrap('2h'))
    give('input-dataset', wrap('acme/digits'))
    expect(readInputs()).toMatchObject({
      hfToken: 'hf_bob',
      githubToken: 'ghs_1',
      webhookSecrets: ['sixteen-letters!'],
      dryRun: true,
      revision: 'main',
      maxAgeMs: 7_200_000,
      recipe: { 'input-dataset': 'acme/digits' },
    })
  })

  test('A recipe is what it is without.', () => {
    const plain = {
      'input-dataset': 'acme/digits',
      'input-model': 'microsoft/resnet-50',
      'target-namespace': 'acme',
      'max-cost': '0.5',
      wait: 'FALSE',
      timeout: '1h',
      params: '{"epochs": 3}',
      paths: 'data/**\r\n*.csv',
      trainer: 'command',
      command: 'python train.py \\\r\n  --fast',
    }
    const recipeOf = (values: Record<string, string>) => {
      for (const [name, value] of Object.entries(values)) give(name, value)
      return resolveRecipes({ file: null, inputs: readInputs().recipe })
    }
    const expected = recipeOf(plain)
    expect(expected[0]?.command).toBe('python train.py \\\n  --fast')
    expect(expected[0]?.paths).toEqual(['data/**', '*.csv'])
    const wrapped = Object.entries(plain).map(([name, value]) => [name, wrap(value)])
    expect(recipeOf(Object.fromEntries(wrapped))).toEqual(expected)
  })

  test('A secret is masked as it was given and as it is used.', () => {
    give('webhook-secret', wrap('sixteen-letters!'))
    const write = jest.spyOn(process.stdout, 'write').mockReturnValue(true)
    maskSecrets()
    const printed = write.mock.calls.map(([text]) => String(text))
    write.mockRestore()
    expect(printed).toContain('::add-mask::sixteen-letters!\n')
  })
})

test('An input of invisible characters only counts as not set.', () => {
  give('config', '\u200b\ufeff')
  expect(readInputs().config).toBeNull()
})

test('Quotes around a token are dropped, those of a webhook secret belong to it.', () => {
  give('hf-token', '"hf_bob"')
  give('webhook-secret', '"sixteen-letters"')
  expect(readInputs()).toMatchObject({ hfToken: 'hf_bob', webhookSecrets: ['"sixteen-letters"'] })
})

test.each([
  ['hf-token', 'hf_bob hf_eve'],
  ['hf-token', 'hf_b\r\nob'],
  ['hf-token', 'hf_b\u200bob'],
  ['github-token', 'ghs_1\nghs_2'],
])('%s with something inside that no token has is refused, and not shown.', (name, value) => {
  give(name, value)
  expect(refusalOf(readInputs)).toBe(
    `${name} contains a space, a line break or another character that no token has: copy it again.`,
  )
})

test.each(['sixteen\nletters!!', 'sechzehn-zeichen-ä'])(
  'A webhook secret that the Hub could not send is refused: %j.',
  (value) => {
    give('webhook-secret', value)
    expect(refusalOf(readInputs)).toMatch(/^webhook-secret must be printable ASCII on one line/)
  },
)

describe('The config file', () => {
  const load = (path: string | null = null) => loadConfigFile({ path, workspace: folder })
  const write = (name: string, content: string | Uint8Array) => writeFileSync(join(folder, name), content)

  test('It is read without its byte-order mark and with line feeds.', () => {
    write('a.yml', '\ufefftask: x\r\nref: y\r\n')
    expect(load('a.yml')).toEqual({ path: 'a.yml', text: 'task: x\nref: y\n' })
  })

  test.each([
    ['UTF-16 text', Buffer.from('\ufefftask: x', 'utf16le')],
    ['UTF-16 text', Buffer.from('task: x', 'utf16le')],
    ['not UTF-8 text (byte 7, line 1)', Buffer.from('task: é', 'latin1')],
    ['UTF-32 text', Buffer.from([0x7b, 0, 0, 0, 0x7d, 0, 0, 0])],
  ])('A file that is %s is named as such.', (found, content) => {
    write('a.yml', content)
    expect(refusalOf(() => load('a.yml'))).toBe(`config: a.yml is ${found}: save it as UTF-8.`)
  })

  test.each([
    ['composed', 'é.yml', 'e\u0301.yml'],
    ['decomposed', 'e\u0301.yml', 'é.yml'],
  ])(
    'A path that is typed %s finds the file whose name is stored in the other form.',
    (_form, typed, stored) => {
      write(stored, 'task: x')
      expect(load(typed)).toEqual({ path: 'é.yml', text: 'task: x' })
    },
  )
})

describe('The event file', () => {
  const read = (content: string | Uint8Array) => {
    const path = join(folder, 'event.json')
    writeFileSync(path, content)
    return readEnvironment({
      GITHUB_REPOSITORY: 'acme/retrain',
      GITHUB_RUN_ID: '1',
      GITHUB_EVENT_NAME: 'schedule',
      GITHUB_EVENT_PATH: path,
    }).workflow
  }
  const event = '{"repository": {"private": false}}'

  test('A byte-order mark before it is ignored.', () => {
    expect(read(`\ufeff${event}`).visibility).toBe('public')
  })

  test('UTF-16 is named as such.', () => {
    expect(refusalOf(() => read(Buffer.from(`\ufeff${event}`, 'utf16le')))).toBe(
      'The file at GITHUB_EVENT_PATH is UTF-16 text: save it as UTF-8.',
    )
  })

  test('What is no JSON is no event.', () => {
    expect(refusalOf(() => read('{'))).toBe('The file at GITHUB_EVENT_PATH is not an event of GitHub.')
  })
})
