import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'

/** In place of npm: writes down what it was asked, fails as it is told, and leaves jest's report where it is wanted. */
const npm = `#!/usr/bin/env bash
echo "$*" >>"$STANDIN_CALLS"
for argument in "$@"; do
  if [[ $argument == --outputFile=* && -n $STANDIN_REPORT ]]; then
    echo "$STANDIN_REPORT" >"\${argument#--outputFile=}"
  fi
done
if read -r line; then echo "somebody answered"; exit 9; fi
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
  /** Jest's report; null: none is written. */
  report?: Record<string, number> | null
  scripts?: string[]
}

function run({ fails = 'nothing', report = {}, scripts = ['demo', 'test'] }: Situation = {}) {
  const calls = join(folder, 'calls')
  writeFileSync(calls, '')
  const manifest = { scripts: Object.fromEntries(scripts.map((name) => [name, 'x'])) }
  writeFileSync(join(folder, 'project/package.json'), JSON.stringify(manifest))
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

test('When everything is good, the last line counts the tests and one for each other step, and the exit code is 0.', () => {
  const { status, lastLine, asked } = run()
  expect({ status, lastLine }).toEqual({ status: 0, lastLine: '45 passed, 0 failed' })
  expect(asked).toEqual([
    'ci',
    'run typecheck',
    'run lint',
    'run check-dist',
    expect.stringMatching(/^test -- --json --outputFile=\S+$/),
    'run demo',
  ])
})

test('Browser tests and chaos are steps where the scripts are there.', () => {
  const { status, lastLine, asked } = run({ scripts: ['demo', 'test', 'test:browser', 'chaos'] })
  expect({ status, lastLine }).toEqual({ status: 0, lastLine: '47 passed, 0 failed' })
  expect(asked.slice(5)).toEqual(['run test:browser', 'run chaos -- --events 300 --seed 7', 'run demo'])
})

describe('When something fails, every other step still runs and the exit code says so', () => {
  test.each(['ci', 'run typecheck', 'run lint', 'run check-dist', 'run demo'])('npm %s', (call) => {
    const { status, lastLine, asked } = run({ fails: `^ ${call} ` })
    expect({ status, lastLine }).toEqual({ status: 1, lastLine: '44 passed, 1 failed' })
    expect(asked).toHaveLength(6)
  })

  test('Failed tests are counted one by one.', () => {
    const { status, lastLine, asked } = run({
      fails: '--json',
      report: { numPassedTests: 37, numFailedTests: 3 },
    })
    expect({ status, lastLine }).toEqual({ status: 1, lastLine: '42 passed, 3 failed' })
    expect(asked.at(-1)).toBe('run demo')
  })

  test('A suite that could not run counts as one.', () => {
    const { status, lastLine } = run({ fails: '--json', report: { numRuntimeErrorTestSuites: 1 } })
    expect({ status, lastLine }).toEqual({ status: 1, lastLine: '45 passed, 1 failed' })
  })

  test('Tests that end without a report count as one.', () => {
    const { status, lastLine } = run({ fails: '--json', report: null })
    expect({ status, lastLine }).toEqual({ status: 1, lastLine: '5 passed, 1 failed' })
  })

  test('No test at all is a failure.', () => {
    const { status, lastLine } = run({ report: { numPassedTests: 0 } })
    expect({ status, lastLine }).toEqual({ status: 1, lastLine: '5 passed, 1 failed' })
  })

  test('Tests that all passed, in a run that failed, count as one failure.', () => {
    const { status, lastLine } = run({ fails: '--json' })
    expect({ status, lastLine }).toEqual({ status: 1, lastLine: '45 passed, 1 failed' })
  })

  test('Everything at once.', () => {
    const { status, lastLine, stdout } = run({ fails: '.', report: null })
    expect({ status, lastLine }).toEqual({ status: 1, lastLine: '0 passed, 6 failed' })
    expect(stdout).toContain('failed: lint and format\n')
  })
})
