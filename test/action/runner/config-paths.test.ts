import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { loadConfigFile } from '../../../src/action/runner/load-config.ts'
import { Refused } from '../../../src/domain/verdict.ts'
import { readConfigFile } from '../../../src/recipe/config-text/config-file.ts'
import { refusalOf } from '../../recipe/refusal.ts'

let workspace: string

beforeEach(() => {
  workspace = mkdtempSync(join(tmpdir(), 'config-paths-test-'))
  mkdirSync(join(workspace, '.github'))
})
afterEach(() => rmSync(workspace, { recursive: true, force: true }))

const write = (path: string, content: string | Uint8Array = '{"max_cost": 0.01}') =>
  writeFileSync(join(workspace, path), content)
const load = () => loadConfigFile({ path: null, workspace })

test.each(['.github/auto-retrain.json', '.github/auto-retrain.yml', '.github/auto-retrain.yaml'])(
  'The config file is found at %s.',
  (path) => {
    write(path)
    expect(load()).toEqual({ path, text: '{"max_cost": 0.01}' })
  },
)

test('Without a config file there is none.', () => {
  write('.github/dependabot.yml')
  expect(load()).toBeNull()
})

test.each([
  ['.github/auto-retrain.yml', '.github/auto-retrain.yaml'],
  ['.github/auto-retrain.json', '.github/auto-retrain.yaml'],
  ['.github/auto-retrain.json', '.github/auto-retrain.yml'],
])('Two config files are refused with their names: %s and %s.', (one, other) => {
  write(one)
  write(other)
  expect(refusalOf(load)).toBe(`The workspace has both ${one} and ${other}: delete one of them.`)
})

describe('A file that was meant for the config file is not dropped without a word:', () => {
  test.each([
    '.github/auto_retrain.yml',
    '.github/autoretrain.yaml',
    '.github/Auto-Retrain.YML',
    '.github/auto-retrain.jsonc',
    '.github/auto-retrain.toml',
    'auto-retrain.yml',
    'auto-retrain.json',
  ])('%s', (path) => {
    write(path)
    expect(refusalOf(load)).toBe(
      `The workspace has ${path}, which is not read: rename it to .github/auto-retrain.json, ` +
        '.github/auto-retrain.yml, .github/auto-retrain.yaml, or set config to its path.',
    )
    expect(loadConfigFile({ path, workspace })).toMatchObject({ path })
  })

  test('The workflow, a folder and files of other names are none.', () => {
    mkdirSync(join(workspace, '.github/workflows'))
    mkdirSync(join(workspace, 'auto-retrain.yml'))
    for (const path of [
      '.github/workflows/auto-retrain.yml',
      '.github/auto-retrain.md',
      '.github/retrain.yml',
    ]) {
      write(path)
    }
    expect(load()).toBeNull()
  })

  test('It does not matter beside a config file.', () => {
    write('.github/auto-retrain.json')
    write('auto-retrain.yml')
    expect(load()).toMatchObject({ path: '.github/auto-retrain.json' })
  })
})

test.each([
  ['JSON of Windows', '.github/auto-retrain.json', '\ufeff{\r\n  "max_cost": 0.01\r\n}\r\n'],
  ['YAML of Windows', '.github/auto-retrain.yaml', '\ufeffmax_cost: 0.01\r\n'],
  ['JSON with two marks', '.github/auto-retrain.json', '\ufeff\ufeff{"max_cost": 0.01}'],
])('A byte-order mark is ignored: %s.', (_what, path, content) => {
  write(path, content)
  const file = load()
  expect(file === null ? null : readConfigFile(file).entries).toEqual([
    { where: path, values: { max_cost: 0.01 } },
  ])
})

test('Any text in any encoding is read, or refused in one sentence that names the file.', () => {
  const encode: Readonly<Record<string, (text: string) => Uint8Array>> = {
    utf8: (text) => Buffer.from(text),
    'utf8 with a mark': (text) => Buffer.from(`\ufeff${text}`),
    utf16: (text) => Buffer.from(text, 'utf16le'),
    'utf16 with a mark': (text) => Buffer.from(`\ufeff${text}`, 'utf16le'),
    'utf16, big end first': (text) => Buffer.from(`\ufeff${text}`, 'utf16le').swap16(),
    latin1: (text) => Buffer.from(text, 'latin1'),
  }
  const text = fc.oneof(
    fc.constant('max_cost: 0.01\n# é\n'),
    fc.constant('{"max_cost": 0.01}'),
    fc.string({ unit: 'binary' }),
    fc.json(),
  )
  const name = fc.constantFrom('a.json', 'a.yml', 'a.yaml')
  fc.assert(
    fc.property(name, text, fc.constantFrom(...Object.keys(encode)), (path, content, encoding) => {
      write(path, encode[encoding]?.(content) ?? '')
      try {
        const file = loadConfigFile({ path, workspace })
        expect(file === null ? [] : readConfigFile(file).entries).toHaveLength(1)
      } catch (error) {
        expect(error).toBeInstanceOf(Refused)
        expect((error as Refused).message).toMatch(new RegExp(`^(?:config: )?${path}[^\\n]+$`))
      }
    }),
    { numRuns: 300 },
  )
})
