import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { checkCommandFiles } from '../../../src/action/runner/command-files/command-files.ts'
import { refusalOf } from '../../recipe/refusal.ts'

const names = ['GITHUB_STATE', 'GITHUB_OUTPUT', 'GITHUB_STEP_SUMMARY'] as const
let folder: string
let env: Record<string, string>

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'command-files-test-'))
  env = Object.fromEntries(names.map((name) => [name, join(folder, name)]))
  for (const path of Object.values(env)) writeFileSync(path, '')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('Where state, outputs and summary can be written, nothing is said, and no result is written yet.', () => {
  expect(checkCommandFiles(env)).toEqual([])
  expect(names.map((name) => readFileSync(join(folder, name), 'utf8').trim())).toEqual([
    'finished=',
    'verdict=',
    '',
  ])
})

test('A runner without these variables needs none.', () => {
  expect(checkCommandFiles({})).toEqual([])
})

/** What happens to files on runners. A full disk shows only when something is written. */
const faults: [what: string, path: () => string, problem: RegExp][] = [
  ['is on a full disk', () => '/dev/full', /ENOSPC: no space left on device/],
  ['does not exist', () => join(folder, 'missing'), /ENOENT/],
  ['is a folder', () => folder, /EISDIR/],
]

describe.each(faults)('A file that %s', (_what, path, problem) => {
  test.each(['GITHUB_STATE', 'GITHUB_OUTPUT'])('It is named and starts nothing when it is %s.', (name) => {
    const message = refusalOf(() => checkCommandFiles({ ...env, [name]: path() }))
    expect(message).toMatch(problem)
    expect(message).toContain(`${name} (${path()}) cannot be written`)
    expect(message).toContain('Nothing was started: ')
    expect(existsSync(join(folder, 'missing'))).toBe(false)
  })
})

test('A summary that cannot be written is a warning that names the file.', () => {
  const missing = join(folder, 'missing')
  expect(checkCommandFiles({ ...env, GITHUB_STEP_SUMMARY: missing })).toEqual([
    expect.stringContaining(
      `GITHUB_STEP_SUMMARY (${missing}) cannot be written: this run will have no summary`,
    ),
  ])
})
