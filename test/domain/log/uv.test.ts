import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { causeInLog } from '../../../src/domain/log/errors-in-log.ts'
import { lastLineOf } from '../../../src/domain/log/last-line.ts'
import { uvErrorAtEnd } from '../../../src/domain/log/uv.ts'
import { type UvRun, uvRuns } from '../../recorded-logs/recorded-logs.ts'

const versions = ['0.13.9', '0.9.30'] as const

/** What the log of each case that both versions end in the same way says as its cause. */
const causes: Readonly<Record<string, string | RegExp>> = {
  unsatisfiable:
    'No solution found when resolving script dependencies: Because you require packaging==24.2 and packaging<24, we can ' +
    'conclude that your requirements are unsatisfiable.',
  'no-such-package':
    'No solution found when resolving script dependencies: Because auto-retrain-no-such-package was not found in the ' +
    'package registry and you require auto-retrain-no-such-package, we can conclude that your requirements are unsatisfiable.',
  'no-such-version':
    'No solution found when resolving script dependencies: Because there is no version of packaging==999 and you require ' +
    'packaging==999, we can conclude that your requirements are unsatisfiable.',
  'requires-python':
    'No interpreter found for Python >=3.99 in virtual environments, managed installations, or search path',
  'python-not-there':
    'No interpreter found for Python 3.99 in virtual environments, managed installations, or search path',
  toml: /^TOML parse error at line 1, column \d+: unclosed array, expected `\]`$/,
  pep508:
    'TOML parse error at line 1, column 17: no such comparison operator "=>", must be one of ~= == != <= >= < > ===',
  'requires-python-text':
    /^TOML parse error at line 1, column 19: Failed to parse version: no such comparison/,
  'not-closed': /^An opening tag \(`# \/\/\/ script`\) was found without a closing tag/,
  'script-missing': /^Failed to spawn: `?\/code\/train\.py`?: No such file or directory \(os error 2\)$/,
  'git-unreachable':
    /`thing @ git\+http:\/\/localhost:1\/acme\/thing\.git`.*: fatal: unable to access '.*': Failed to connect to localhost port 1 after \d+ ms: Couldn't connect to server$/,
  'no-git':
    /`thing @ git\+http:\/\/localhost:1\/acme\/thing\.git`.*: Git executable not found\. Ensure that Git is installed and available\.$/,
  'registry-down':
    /^Request failed after 3 retries.*: Failed to fetch: .*: Connection refused \(os error 111\)$/,
  argparse: 'sft.py: error: argument --hub_private_repo: expected one argument',
  'argparse-subcommand': 'train.py fit: error: the following arguments are required: --epochs',
  'argparse-prog': 'trl sft: error: the following arguments are required: --epochs',
  raises: 'ValueError: no column label',
  'syntax-error': "SyntaxError: '(' was never closed",
  'module-not-found': "ModuleNotFoundError: No module named 'numpy'",
  'module-of-another-name': "ModuleNotFoundError: No module named 'PIL'",
  'import-error': /^ImportError: cannot import name 'no_such_name' from 'packaging'/,
  'stale-lock': /^The lockfile at `uv\.lock` needs to be updated, but `--locked` was provided\./,
  'build-fails':
    'Failed to build `thing @ file:///code/thing`: The build backend returned an error: RuntimeError: CUDA_HOME is not ' +
    'set: nvcc is needed',
  'read-only-cache':
    /^Failed to initialize cache at .*: failed to create directory .*: Read-only file system \(os error 30\)$/,
  'script-writes-read-only': "OSError: [Errno 30] Read-only file system: '/code/out.txt'",
}

/** The cases in which uv fails before it runs the script. */
const beforeScript = new Set([
  ...['unsatisfiable', 'no-such-package', 'no-such-version', 'requires-python', 'python-not-there', 'toml'],
  ...['pep508', 'requires-python-text', 'not-closed', 'script-missing', 'git-unreachable', 'no-git'],
  ...['registry-down', 'stale-lock', 'build-fails', 'read-only-cache'],
])

/** Those in which only the newer version fails: the older one goes on. */
const newerOnly = new Set([...beforeScript, 'two-headers', 'no-lock', 'read-only-project'])

describe.each(versions)('A log of uv %s', (version) => {
  const runs = uvRuns(version)
  const find = (name: string): UvRun => {
    const run = runs.find((each) => each.name === name)
    if (run === undefined) throw new Error(`There is no log of ${name}.`)
    return run
  }

  test.each(Object.entries(causes))('names its cause in one line: %s', (name, cause) => {
    const { lines } = find(name)
    const found = causeInLog(lines, 200)
    if (typeof cause === 'string') expect(found).toBe(cause)
    else expect(found).toMatch(cause)
    // The Hub and shells add lines of their own.
    expect(causeInLog([...lines, '', '===== Job ended ====='], 200)).toBe(found)
  })

  test.each(runs.map((run) => [run.name, run] as const))(
    'says whether uv or the script failed: %s',
    (name, run) => {
      const failedBefore = (version === '0.13.9' ? newerOnly : beforeScript).has(name)
      expect(uvErrorAtEnd(run.lines)?.isBeforeScript ?? false).toBe(failedBefore)
    },
  )

  test('says that only a server that did not answer may be tried again', () => {
    const passing = runs.filter(({ lines }) => uvErrorAtEnd(lines)?.mayPass === true)
    expect(passing.map(({ name }) => name)).toEqual(['registry-down'])
  })

  test.each([
    ['sys-exit-text', 'The dataset has no images: put them into class folders.'],
    ['sys-exit-number', 'the validation set is empty'],
    ['no-dependencies', 'nothing to train on'],
    ['killed', 'epoch 1'],
    ['segfault', 'epoch 1'],
  ])('without an error is known by the last line of the script: %s', (name, last) => {
    expect(causeInLog(find(name).lines, 200)).toBeNull()
    expect(lastLineOf(find(name).lines)).toBe(last)
  })
})

test('What uv prints while it installs is never the last line that says something.', () => {
  expect(
    lastLineOf(['Loading /data', ' Downloading torch (731.2MiB)', 'Installed 96 packages in 560ms']),
  ).toBe('Loading /data')
})

const failed = ['error: Failed to fetch: x', '  cause: HTTP status server error (503 Service Unavailable)']

test('An error of uv after it installed what the script needs is not one of the environment.', () => {
  expect(uvErrorAtEnd(failed)).toMatchObject({ isBeforeScript: true, mayPass: true })
  expect(uvErrorAtEnd(['Installed 3 packages in 8ms', ...failed])).toMatchObject({ isBeforeScript: false })
})

test('An error of uv after lines of another program is not one of the environment.', () => {
  const shell = [
    '===== Job started =====',
    '+ pip install uv',
    'Collecting uv',
    'Successfully installed uv-0.13.9',
    '+ uv run train.py',
  ]
  expect(uvErrorAtEnd([...shell, ...failed])).toMatchObject({ isBeforeScript: true })
  expect(uvErrorAtEnd(['epoch 1', ...failed])).toMatchObject({ isBeforeScript: false })
})

test('An error of uv that the script went on after is not its end.', () => {
  const lines = [...failed, 'training without it', 'Traceback (most recent call last):', 'ValueError: bad']
  expect(uvErrorAtEnd(lines)).toBeNull()
  expect(causeInLog(lines, 200)).toBe('ValueError: bad')
})

test('Another program that writes error: is not taken for uv.', () => {
  expect(uvErrorAtEnd(['error: Recipe `train` failed on line 2 with exit code 1'])).toBeNull()
  expect(uvErrorAtEnd(['error: unknown option --lr'])).toBeNull()
  expect(uvErrorAtEnd(['error: Failed to read config.yaml'])).toBeNull()
})

const piece = fc.oneof(
  fc.constantFrom(
    'error: ',
    '  cause: ',
    '  × ',
    '  ├─▶ ',
    '  ╰─▶ ',
    '  │ ',
    '      ',
    'hint: ',
    'TOML parse error at ',
  ),
  fc.string({ unit: 'grapheme', maxLength: 30 }),
)
const line = fc.array(piece, { maxLength: 4 }).map((pieces) => pieces.join(''))

test('Any text gives one line of at most 400 characters, or nothing.', () => {
  const property = fc.property(fc.array(line, { maxLength: 12 }), (lines) => {
    const text = uvErrorAtEnd(lines)?.text ?? ''
    expect(text).not.toMatch(/[\n\r\p{Cc}]/u)
    expect(text.length).toBeLessThanOrEqual(401)
  })
  fc.assert(property, { numRuns: 1000 })
})

test('A long log of nothing but beginnings of errors is read in one pass.', () => {
  const lines = Array.from({ length: 1000 }, () => `error: Failed to spawn: x ${'error: '.repeat(280)}`)
  expect(uvErrorAtEnd(lines)?.text).toContain('Failed to spawn: x')
})
