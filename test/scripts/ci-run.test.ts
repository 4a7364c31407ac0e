import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'

/** Stands in for npm: records its arguments, fails as configured, and writes jest's report where it is asked for one. */
const npm = `#!/usr/bin/env bash
echo "$*" >>"$STANDIN_CALLS"
for argument in "$@"; do
  if [[ $argument == --outputFile=* && -n $STANDIN_REPORT ]]; then
    echo "$STANDIN_REPORT" >"\${argument#--outputFile=}"
  fi
done
if read -r line; then echo "standard input is open"; exit 9; fi
[[ "$CI" == true ]] || exit 9
[[ ! " $* " =~ $STANDIN_FAILS ]]
`

let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ci-run-'))
  mkdirSync(join(folder, 'bin'))
  writeFileSync(join(folder, 'bin/npm'), npm, { mode: 0o755 })
  writeFileSync(join(folder, 'bin/chromium'), '#!/bin/sh\n', { mode: 0o755 })
  mkdirSync(join(folder, 'project/.ci'), { recursive: true })
  copyFileSync('.ci/run', join(folder, 'project/.ci/run'))
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Situation {
  /** Which calls of npm fail: a pattern. */
  fails?: string
  /** Jest's report of each of the three test steps; null: none is written. */
  report?: Record<string, number> | null
}

function run({ fails = 'nothing', report = {} }: Situation = {}) {
  const calls = join(folder, 'calls')
  writeFileSync(calls, '')
  const good = { numPassedTests: 40, numFailedTests: 0, numRuntimeErrorTestSuites: 0 }
  const { status, stdout } = spawnSync('bash', [join(folder, 'project/.ci/run')], {
    cwd: tmpdir(),
    encoding: 'utf8',
    env: {
      PATH: `${join(folder, 'bin')}:${dirname(process.execPath)}:/usr/bin:/bin`,
      STANDIN_CALLS: calls,
      STANDIN_FAILS: fails,
      STANDIN_REPORT: report === null ? '' : JSON.stringify({ ...good, ...report }),
    },
  })
  const asked = readFileSync(calls, 'utf8').trim().split('\n')
  return { status, stdout, asked, lastLine: stdout.trimEnd().split('\n').at(-1) }
}

test('When every step passes, .ci/run exits with 0, and its last line counts the tests and the other steps.', () => {
  const { status, lastLine, asked } = run()
  expect({ status, lastLine }).toEqual({ status: 0, lastLine: '128 passed, 0 failed' })
  expect(asked).toEqual([
    'ci',
    'run typecheck',
    'run lint',
    'run check-dist',
    expect.stringMatching(/^test -- --json --outputFile=\S+$/),
    expect.stringMatching(/^run test:e2e -- --json --outputFile=\S+$/),
    expect.stringMatching(/^run test:browser -- --json --outputFile=\S+$/),
    'run chaos -- --events 2000 --seed 7',
    'run chaos -- --events 1000 --seed 7 --rounds 0 --clock reconcile',
    'run demo',
    'run reality -- --minutes 8',
  ])
})

describe('When a step of .ci/run fails, the others still run and it exits with 1', () => {
  test.each([
    'ci',
    'run typecheck',
    'run lint',
    'run check-dist',
    'run chaos -- --events 2000',
    'run chaos -- --events 1000',
    'run demo',
    'run reality',
  ])('The failure of npm %s counts as one.', (call) => {
    const { status, lastLine, asked } = run({ fails: `^ ${call} ` })
    expect({ status, lastLine }).toEqual({ status: 1, lastLine: '127 passed, 1 failed' })
    expect(asked).toHaveLength(11)
  })

  test('Failed tests count one by one.', () => {
    const { status, lastLine, asked } = run({
      fails: '--json',
      report: { numPassedTests: 37, numFailedTests: 3 },
    })
    expect({ status, lastLine }).toEqual({ status: 1, lastLine: '119 passed, 9 failed' })
    expect(asked.at(-1)).toBe('run reality -- --minutes 8')
  })

  test('A suite that cannot run counts as one failure.', () => {
    const { status, lastLine } = run({ fails: '--json', report: { numRuntimeErrorTestSuites: 1 } })
    expect({ status, lastLine }).toEqual({ status: 1, lastLine: '128 passed, 3 failed' })
  })

  test('A test step that writes no report counts as one failure.', () => {
    const { status, lastLine } = run({ fails: '--json', report: null })
    expect({ status, lastLine }).toEqual({ status: 1, lastLine: '8 passed, 3 failed' })
  })

  test('A test step without tests counts as one failure.', () => {
    const { status, lastLine } = run({ report: { numPassedTests: 0 } })
    expect({ status, lastLine }).toEqual({ status: 1, lastLine: '8 passed, 3 failed' })
  })

  test('A test step that fails although every test passed counts as one failure.', () => {
    const { status, lastLine } = run({ fails: '--json' })
    expect({ status, lastLine }).toEqual({ status: 1, lastLine: '128 passed, 3 failed' })
  })

  test('The failed steps are listed by name.', () => {
    const { status, lastLine, stdout } = run({ fails: '.', report: null })
    expect({ status, lastLine }).toEqual({ status: 1, lastLine: '0 passed, 11 failed' })
    expect(stdout).toContain('failed: lint and format\n')
  })
})
