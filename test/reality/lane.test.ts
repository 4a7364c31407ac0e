import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { countAnswers, differences, spoil } from './answers.ts'
import { compareCurve, readRealLog } from './autotrain/real-log.ts'
import { checks } from './checks.ts'
import {
  type Check,
  describe as describeOutcome,
  runLane,
  selectChecks,
  selectSabotaged,
  summarize,
} from './lane.ts'
import { CannotRun } from './tools/cannot-run.ts'
import { installOnce } from './tools/install.ts'
import type { Need, Tools } from './tools/tools.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lane-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const toolsWith = (...here: Need[]): Tools => ({
  cache: folder,
  has: (need) => here.includes(need),
  python: () => Promise.reject(new Error('not in this test')),
  uv: () => Promise.reject(new Error('not in this test')),
  go: () => Promise.reject(new Error('not in this test')),
})

const check = (name: string, rest: Partial<Check> = {}): Check => ({
  name,
  group: 'lint',
  needs: [],
  answers: { colour: 'red', parts: { count: 3 } },
  observe: async () => ({ seen: { colour: 'red', parts: { count: 3 } }, against: 'paint 1.0' }),
  ...rest,
})

async function run(
  chosen: readonly Check[],
  options: { sabotaged?: string[]; limitMs?: number; here?: Need[] } = {},
) {
  const { sabotaged = [], limitMs = 1e9, here = [] } = options
  let time = 0
  const outcomes = await runLane({
    checks: chosen,
    tools: toolsWith(...here),
    sabotaged,
    limitMs,
    now: () => (time += 1000),
    keepLog: (name) => `kept/${name}`,
    report: () => undefined,
  })
  return { outcomes, text: outcomes.map(describeOutcome).join('\n'), summary: summarize(outcomes) }
}

describe('A check', () => {
  test('It passes when everything that was seen is right, and says what it was held against.', async () => {
    const { text, summary } = await run([check('paint')])
    expect([text, summary]).toEqual([
      `passed     1.0 s  paint\n${' '.repeat(18)}2 answers; paint 1.0`,
      '1 passed, 0 failed, 0 skipped',
    ])
  })

  test('It fails with each difference and where its log is, and the checks after it run.', async () => {
    const observe = async () => ({ seen: { colour: 'blue' }, against: 'paint 2.0', log: 'all of it' })
    const { text, summary } = await run([check('paint', { observe }), check('brush')])
    expect(text).toContain('colour: right is "red", seen was "blue"')
    expect(text).toContain('parts.count: right is 3, seen was nothing')
    expect(text).toContain('log: kept/paint')
    expect(summary).toBe('1 passed, 1 failed, 0 skipped')
  })

  test('It fails when it throws.', async () => {
    const { text, summary } = await run([
      check('paint', { observe: () => Promise.reject(new Error('spilled')) }),
    ])
    expect([text, summary]).toEqual([
      expect.stringContaining('Error: spilled'),
      '0 passed, 1 failed, 0 skipped',
    ])
  })

  test('It is skipped when a program that it needs is not on the machine, which is named.', async () => {
    const { text, summary } = await run([check('paint', { needs: ['go', 'git'] })], { here: ['git'] })
    expect([text, summary]).toEqual([
      expect.stringContaining('not on this machine: go'),
      '0 passed, 0 failed, 1 skipped',
    ])
  })

  test('It is skipped when what it needs cannot be installed, and the reason is shown.', async () => {
    const observe = () => Promise.reject(new CannotRun('the registry did not answer'))
    const { text } = await run([check('paint', { observe })])
    expect(text).toMatch(/^skipped .*\n {18}the registry did not answer$/)
  })

  test('It is skipped when the time of the lane is over.', async () => {
    const { outcomes } = await run([check('paint'), check('brush')], { limitMs: 1500 })
    expect(outcomes.map(({ result }) => result)).toEqual(['passed', 'skipped'])
  })
})

describe('--only and --sabotage', () => {
  test('--only takes groups, and refuses a name that is none.', () => {
    expect(new Set(selectChecks(checks, 'hf, lint').map(({ group }) => group))).toEqual(
      new Set(['hf', 'lint']),
    )
    expect(() => selectChecks(checks, 'hf,uvx')).toThrow(
      '--only: there is no group uvx. The groups are lint, hf, publish, act, autotrain.',
    )
  })

  test('--sabotage takes a check, a group or all, and refuses a name that is none.', () => {
    const [first] = checks
    expect(selectSabotaged(checks, first?.name)).toEqual([first?.name])
    expect(selectSabotaged(checks, 'all')).toHaveLength(checks.length)
    expect(selectSabotaged(checks, 'act')).toHaveLength(1)
    expect(() => selectSabotaged(checks, 'none')).toThrow(
      'there is no check none. Name a group, all, or one of',
    )
  })

  test('A sabotaged check fails, and only that one.', async () => {
    const { outcomes } = await run([check('paint'), check('brush')], { sabotaged: ['brush'] })
    expect(outcomes.map(({ result }) => result)).toEqual(['passed', 'failed'])
  })
})

describe('The table of checks', () => {
  test('No two checks have one name, and each has its group in front.', () => {
    const names = checks.map(({ name }) => name)
    expect(names).toEqual([...new Set(names)])
    expect(checks.filter(({ name, group }) => !name.startsWith(`${group}: `))).toEqual([])
  })

  /** What would be right: the answers themselves. A pattern stands for texts that are not known here. */
  const right = (value: unknown): unknown => {
    if (value instanceof RegExp) return 'a text'
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, right(inner)]))
  }

  test.each(checks.map((one) => [one.name, one] as const))(
    'Each wrong answer of "%s" is noticed.',
    (_, { answers }) => {
      const seen = right(answers)
      const usual = differences(answers, seen)
      for (let at = 0; at < countAnswers(answers); at += 1) {
        expect([at, differences(spoil(answers, at), seen)]).not.toEqual([at, usual])
      }
    },
  )
})

describe('An installation', () => {
  const count = () => readFileSync(join(folder, 'count'), 'utf8').length
  const steps = (script: string) => () => [['sh', '-c', script] as const]
  const counted = `printf x >> "${'$'}COUNT"`

  test('It happens once; an interrupted one starts over.', async () => {
    const env = { COUNT: join(folder, 'count') }
    const install = () => installOnce({ cache: folder, name: 'paint', steps: steps(counted), env })
    const target = await install()
    await install()
    expect(count()).toBe(1)
    rmSync(join(target, '.installed'))
    writeFileSync(join(target, 'half'), '')
    await install()
    expect([count(), existsSync(join(target, 'half'))]).toEqual([2, false])
  })

  test.each([
    'WARNING: Retrying (Retry(total=4, connect=None)) after connection broken',
    'error: Request failed after 3 retries',
    'dial tcp: lookup proxy.example on 127.0.0.1:53: no such host',
  ])('A registry that does not answer is a reason to skip: %s', async (said) => {
    const work = installOnce({ cache: folder, name: 'far', steps: steps(`echo '${said}' >&2; exit 1`) })
    await expect(work).rejects.toThrow(CannotRun)
    await expect(work).rejects.toThrow(said)
  })

  test.each([
    'go: example.test/act@v1.0.0 requires go >= 1.26 (running go 1.19)',
    'The virtual environment was not created successfully because ensurepip is not available.',
    'OSError: [Errno 28] No space left on device',
  ])('A machine that is not fit is a reason to skip: %s', async (said) => {
    const work = installOnce({ cache: folder, name: 'old', steps: steps(`echo "${said}"; exit 1`) })
    await expect(work).rejects.toThrow(CannotRun)
    await expect(work).rejects.toThrow(said)
  })

  test('Any other failure of an installation is a failure.', async () => {
    const work = installOnce({ cache: folder, name: 'odd', steps: steps('echo "No solution found"; exit 1') })
    await expect(work).rejects.toThrow(/No solution found/)
    await expect(work).rejects.not.toThrow(CannotRun)
    expect(existsSync(join(folder, 'odd'))).toBe(false)
  })
})

describe("A curve beside AutoTrain's own log", () => {
  const line = (dict: string) => `INFO     | 2026-11-26 | autotrain.trainers.common:on_log:367 - ${dict}`
  const log = readRealLog([
    line("{'loss': 1.2, 'grad_norm': nan, 'epoch': 0.5}"),
    "{'loss': 1.2, 'epoch': 0.5}",
    line("{'loss': 1.1, 'epoch': 0.6666666666666666}"),
    line("{'eval_loss': 1.3, 'epoch': 1.0}"),
    line("{'train_runtime': 3.0, 'train_loss': 1.15, 'epoch': 1.0}"),
    line("{'eval_loss': 1.0, 'epoch': 1.0}"),
  ])

  test('The same numbers are as in the log, also with rounded epochs.', () => {
    const curve = [
      { epoch: 0.5, values: { loss: 1.2 } },
      { epoch: 0.67, values: { loss: 1.1 } },
      { epoch: 1, values: { eval_loss: 1.3 } },
    ]
    expect(compareCurve(curve, { name: 'loss', log })).toBe('as in the log, 2 points')
    expect(compareCurve(curve, { name: 'eval_loss', log })).toBe('as in the log, 1 points')
  })

  test('An evaluation after the end of the training is no point, and one that is drawn is shown.', () => {
    const curve = [{ epoch: 1, values: { eval_loss: 1.0 } }]
    expect(compareCurve(curve, { name: 'eval_loss', log })).toBe('the log has [[1,1.3]], the curve [[1,1]]')
  })
})

describe('npm run reality', () => {
  const start = (path: string, ...args: string[]) => {
    const child = spawn(
      process.execPath,
      ['--import', './test/node-setup.js', 'test/reality/reality.ts', ...args],
      {
        env: { PATH: path, HOME: folder },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    )
    let output = ''
    const add = (text: string) => {
      output += text
    }
    child.stdout.setEncoding('utf8').on('data', add)
    child.stderr.setEncoding('utf8').on('data', add)
    return new Promise<{ code: number | null; output: string }>((resolve) =>
      child.on('close', (code) => resolve({ code, output })),
    )
  }

  test('Without any tool it skips everything, says why, and exits with 0; with --strict it exits with 1.', async () => {
    const { code, output } = await start('/nowhere')
    expect(output).toContain('not on this machine: python')
    expect(output).toContain('not on this machine: go, git')
    expect(output).toMatch(new RegExp(`\n0 passed, 0 failed, ${checks.length} skipped\n$`))
    expect(code).toBe(0)
    expect((await start('/nowhere', '--strict')).code).toBe(1)
  })

  test('Where no registry answers it skips what it cannot install, and asks each registry once.', async () => {
    const bin = join(folder, 'bin')
    mkdirSync(bin)
    const program = (name: string, script: string) =>
      writeFileSync(join(bin, name), `#!/bin/sh\necho "${name} $*" >> "${folder}/calls"\n${script}\n`, {
        mode: 0o755,
      })
    program('uv', 'case "$1" in python) echo /usr/bin/python3;; *) echo "Failed to fetch" >&2; exit 2;; esac')
    program('go', 'echo "dial tcp: no such host" >&2; exit 1')
    program('git', 'exit 0')
    const { code, output } = await start(`${bin}:/usr/bin:/bin`, '--cache', join(folder, 'cache'))
    expect(output).toContain('the registry did not answer (Failed to fetch)')
    expect(output).toContain('the registry did not answer (dial tcp: no such host)')
    expect([code, output.trim().split('\n').at(-1)]).toEqual([
      0,
      `0 passed, 0 failed, ${checks.length} skipped`,
    ])
    const calls = readFileSync(join(folder, 'calls'), 'utf8').trim().split('\n')
    expect(calls.filter((call) => call.startsWith('uv venv'))).toHaveLength(3)
    expect(calls.filter((call) => call.startsWith('go install'))).toHaveLength(2)
  })

  test('A group that is not there is refused with 2.', async () => {
    expect(await start('/nowhere', '--only', 'uvx')).toMatchObject({ code: 2 })
  })
})
