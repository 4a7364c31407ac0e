import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { checkCommandRunner } from '../../../src/trainers/command/runner-check.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'runner-check-test-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const check = (
  environment: Record<string, string> = {},
  { tempDir = folder, signal = new AbortController().signal } = {},
) =>
  checkCommandRunner({
    environment: { PATH: process.env.PATH, GITHUB_WORKSPACE: folder, RUNNER_OS: 'Linux', ...environment },
    tempDir,
    signal,
  })

test('A runner with a shell and its folders can run a command, and nothing is left in them.', async () => {
  await check()
  expect(readdirSync(folder)).toEqual([])
})

test.each([
  [
    'a runner with Windows',
    () => check({ RUNNER_OS: 'Windows' }),
    /^trainer: command needs a runner with Linux or macOS/,
  ],
  [
    'a runner without bash',
    () => check({ PATH: folder }),
    /^command: the shell \(bash\) cannot be used .*ENOENT/,
  ],
  [
    'a workspace that does not exist',
    () => check({ GITHUB_WORKSPACE: join(folder, 'none') }),
    /^command: GITHUB_WORKSPACE \(.*none\) cannot be used .*ENOENT/,
  ],
  [
    'a workspace that is a file',
    () => {
      writeFileSync(join(folder, 'file'), '')
      return check({ GITHUB_WORKSPACE: join(folder, 'file') })
    },
    /it is not a folder/,
  ],
  [
    'a folder for temporary files that does not exist',
    () => check({}, { tempDir: join(folder, 'none') }),
    /^command: the folder for temporary files \(RUNNER_TEMP\) \(.*none\) cannot be used .*ENOENT/,
  ],
])('A command is refused for %s, with the reason.', async (_what, work, sentence) => {
  await expect(work()).rejects.toThrow(expect.objectContaining({ name: 'Refused' }))
  await expect(work()).rejects.toThrow(sentence)
})

test('A shell that fails is named.', async () => {
  const bin = join(folder, 'bin')
  mkdirSync(bin)
  writeFileSync(join(bin, 'bash'), '#!/bin/sh\nexit 3\n')
  chmodSync(join(bin, 'bash'), 0o755)
  await expect(check({ PATH: bin })).rejects.toThrow(/^command: the shell \(bash\) cannot be used/)
})

test('A cancelled workflow is no missing shell.', async () => {
  const signal = AbortSignal.abort(new Error('The workflow was cancelled.'))
  await expect(check({}, { signal })).rejects.toThrow('The workflow was cancelled.')
})
