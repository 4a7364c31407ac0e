import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import type { Trainer, TrainingEnd } from '../../../src/domain/training.ts'
import { Refused } from '../../../src/domain/verdict.ts'
import { systemClock } from '../../../src/http/clock.ts'
import type { Hub } from '../../../src/hub/hub.ts'
import { createCommandTrainer } from '../../../src/trainers/command/command.ts'
import { digitFiles } from '../../demo/digits.ts'
import { connect } from '../../hub/connect.ts'
import type { SandboxHub } from '../../sandbox/hub/start.ts'
import { startHub } from '../../sandbox/hub/start.ts'
import { listen, order, type Told } from '../order.ts'

const token = 'hf_ann0token0of0the0test'
let sandbox: SandboxHub
let hub: Hub
let tempDir: string

const environment = {
  PATH: process.env.PATH,
  HOME: '/home/runner',
  RUNNER_TRACKING_ID: 'github_1',
  INPUT_WEBHOOK_SECRET: 'input',
  'INPUT_HF-TOKEN': 'input',
  STATE_PENDING: 'state',
  ACTIONS_RUNTIME_TOKEN: 'actions',
  GITHUB_OUTPUT: '/output',
  GITHUB_ENV: '/env',
  GITHUB_PATH: '/path',
  GITHUB_STATE: '/state',
  GITHUB_STEP_SUMMARY: '/summary',
  GITHUB_SHA: 'abc',
}

beforeEach(async () => {
  sandbox = await startHub()
  sandbox.addUser({ name: 'ann', token })
  hub = connect(sandbox.url, token).hub
  tempDir = mkdtempSync(join(tmpdir(), 'command-test-'))
})
afterEach(async () => {
  await sandbox.close()
  rmSync(tempDir, { recursive: true, force: true })
})

function trainer(change: { waitLimit?: number | null } = {}): Trainer {
  return createCommandTrainer({
    hub,
    clock: systemClock,
    waitLimit: null,
    environment: { ...environment, GITHUB_WORKSPACE: tempDir },
    tempDir,
    workflowUrl: 'https://github.com/acme/training/actions/runs/1',
    ...change,
  })
}

const orderOf = (command: string, change: Parameters<typeof order>[0] = {}) =>
  order({ trainer: 'command', command, ...change })

/** Runs a command from its start to its end. */
async function run(
  command: string,
  options: { timeout?: number; told?: Told } = {},
): Promise<{ end: TrainingEnd; told: Told }> {
  const { timeout = 60_000, told = listen() } = options
  const asked = orderOf(command, { timeout })
  const { start, follow } = trainer()
  const started = await start(asked, listen())
  const end = await follow?.(asked, started, told)
  if (end === undefined) throw new Error('The trainer does not follow.')
  return { end, told }
}

/** A process that ended but was not yet waited for does not count. */
const isAlive = (pid: number) =>
  existsSync(`/proc/${pid}/stat`) && !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))

const pidsOf = (lines: readonly string[]) =>
  lines.flatMap((line) => (line.startsWith('pid ') ? [Number(line.slice(4))] : []))

test('a command that ends with 0 succeeds, with what it measured', async () => {
  const { end, told } = await run(`
    echo "{'loss': 0.7, 'learning_rate': 5e-05, 'epoch': 0.5}"
    echo "{'eval_loss': nan, 'eval_accuracy': 0.91, 'epoch': 1.0}" >&2
  `)
  expect(end).toMatchObject({ verdict: 'succeeded', metrics: { loss: 0.7, eval_accuracy: 0.91 }, cost: null })
  expect(end.curve).toHaveLength(2)
  expect(told.lines).toHaveLength(2)
  expect(told.progresses.at(-1)).toMatchObject({ stage: 'RUNNING', cost: null })
})

test('the card of a model that the command pushed counts more than its log', async () => {
  sandbox.createModel({
    name: 'ann/digits-1',
    files: { 'README.md': '# m\n\n## Validation Metrics\n\naccuracy: 0.5\n' },
  })
  const { end } = await run(`echo "{'eval_accuracy': 0.91, 'eval_f1': 0.8, 'epoch': 1.0}"`)
  expect(end.metrics).toEqual({ eval_accuracy: 0.5, eval_f1: 0.8 })
})

test('a Hub that does not show the model makes no command a failed one', async () => {
  sandbox.fault({ path: /api\/models/, status: 500, times: Number.POSITIVE_INFINITY })
  expect((await run('true')).end).toMatchObject({ verdict: 'succeeded', metrics: {} })
})

describe('AutoTrain on the runner', () => {
  const program = fileURLToPath(new URL('../../sandbox/bin/autotrain', import.meta.url))
  const autotrain = () =>
    `export HF_ENDPOINT=${sandbox.url}; node ${program} --config "$AUTO_RETRAIN_CONFIG_FILE"`

  beforeEach(() => {
    sandbox.createBaseModel('microsoft/resnet-50')
    sandbox.createDataset({ name: 'ann/digits', files: digitFiles({ from: 0, perDigit: 5 }) })
  })

  test('trains with the config file that the command finds', async () => {
    const { end } = await run(autotrain())
    expect(end).toMatchObject({ verdict: 'succeeded', metrics: { train_loss: expect.any(Number) } })
    expect(sandbox.repository('ann/digits-1', 'model').commits.size).toBeGreaterThan(1)
  })

  test('that fails and ends with 0 is a failed training, with its error', async () => {
    sandbox.createModel({ name: 'ann/digits-1' })
    const { end } = await run(autotrain())
    expect(end).toMatchObject({
      verdict: 'failed',
      reason: expect.stringMatching(/exit code 0, but its model has no README\.md.*: .*409/),
    })
  })
})

test('a command that fails says its exit code and the error that its output names', async () => {
  const { end } = await run('echo "ValueError: no classes"; exit 7')
  expect(end).toMatchObject({
    verdict: 'failed',
    reason: 'The command failed with exit code 7: ValueError: no classes',
    logTail: ['ValueError: no classes'],
  })
})

test.each([
  ['a command that fails ends the script', 'false; echo never'],
  ['a failure inside a pipe ends the script', 'false | cat; echo never'],
])('%s', async (_title, command) => {
  const { end, told } = await run(command)
  expect(end).toMatchObject({ verdict: 'failed', reason: 'The command failed with exit code 1.' })
  expect(told.lines).toEqual([])
})

test('a command that the kernel kills is a failure that names the signal', async () => {
  expect((await run('kill -KILL $$')).end).toMatchObject({
    verdict: 'failed',
    reason: 'The command was ended by SIGKILL from outside.',
  })
})

test('the environment has the order and the runner’s own, and nothing of the action', async () => {
  const { told } = await run('env | cut -d= -f1 | sort; echo "$AUTO_RETRAIN_DATASET $AUTO_RETRAIN_REVISION"')
  const names = told.lines.slice(0, -1)
  expect(names).toEqual(
    expect.arrayContaining([
      'AUTO_RETRAIN_BASE_MODEL',
      'AUTO_RETRAIN_CONFIG',
      'AUTO_RETRAIN_CONFIG_FILE',
      'AUTO_RETRAIN_MODEL',
      'GITHUB_SHA',
      'HF_TOKEN',
      'HOME',
      'RUNNER_TRACKING_ID',
    ]),
  )
  expect(
    names.filter((name) => /^(INPUT_|STATE_|ACTIONS_|JEST|GITHUB_(OUTPUT|ENV|PATH|STATE|STEP))/.test(name)),
  ).toEqual([])
  expect(told.lines.at(-1)).toBe(`ann/digits ${'a'.repeat(40)}`)
})

test('AutoTrain’s config is a file for as long as the command runs', async () => {
  const { told } = await run('echo "$AUTO_RETRAIN_CONFIG_FILE"; cat "$AUTO_RETRAIN_CONFIG_FILE"')
  const [file = '', ...text] = told.lines
  expect(parse(text.join('\n'))).toMatchObject({ project_name: 'digits-1', data: { path: 'ann/digits' } })
  expect(text.join('\n')).not.toContain(token)
  expect(existsSync(file)).toBe(false)
  expect(readdirSync(tempDir)).toEqual([])
})

test('the token is hidden in the log, its tail and the reason, in every form', async () => {
  const { end, told } = await run(
    'echo "token=$HF_TOKEN"; printf %s "$HF_TOKEN" | base64 -w0; echo; echo "OSError: $HF_TOKEN"; exit 1',
  )
  expect(told.lines[0]).toBe('token=***')
  const all = JSON.stringify([told.lines, end])
  expect(all).not.toContain(token)
  expect(all).not.toContain(Buffer.from(token).toString('base64').slice(0, -2))
})

test('workflow commands and progress bars arrive as plain lines', async () => {
  const { told } = await run(
    String.raw`echo "::set-output name=a::b"; printf '10%%\r20%%\r\e[32m30%%\e[0m\nlast'`,
  )
  expect(told.lines).toEqual(['::set-output name=a::b', '30%', 'last'])
})

test('what is printed before anybody follows is not lost', async () => {
  const asked = orderOf('seq 1 20000')
  const { start, follow } = trainer()
  const started = await start(asked, listen())
  await new Promise((resolve) => setImmediate(resolve))
  const told = listen()
  await follow?.(asked, started, told)
  expect(told.lines).toHaveLength(20_000)
})

test('a command that outlives its timeout is stopped with everything it started', async () => {
  const { end, told } = await run('sleep 100 & echo "pid $!"; echo "pid $$"; wait', { timeout: 1500 })
  expect(end).toMatchObject({
    verdict: 'failed',
    reason: 'The command ran longer than its timeout of 1.5 s and was stopped.',
  })
  expect(pidsOf(told.lines)).toHaveLength(2)
  expect(pidsOf(told.lines).filter(isAlive)).toEqual([])
})

test('a command that does not hear is ended by force', async () => {
  const script =
    'trap "" TERM; (trap "" TERM; echo "pid $BASHPID"; while :; do sleep 1; done) & echo "pid $$"; wait; wait'
  const { end, told } = await run(script, { timeout: 1000 })
  expect(end.verdict).toBe('failed')
  expect(pidsOf(told.lines).filter(isAlive)).toEqual([])
})

test('what the command started has time to tidy up when the shell is gone', async () => {
  const script = `bash -c 'trap "sleep 0.3; echo saved > saved; exit" TERM; echo ready; while :; do sleep 0.05; done'`
  await run(`${script}; true`, { timeout: 1500 })
  expect(readFileSync(join(tempDir, 'saved'), 'utf8')).toBe('saved\n')
})

test('a cancelled workflow stops the command with everything it started', async () => {
  const controller = new AbortController()
  const reason = new Error('The workflow was cancelled.')
  const told = listen({
    signal: controller.signal,
    onLine: (line) => line === 'ready' && controller.abort(reason),
  })
  await expect(run('sleep 100 & echo "pid $!"; echo ready; wait', { told })).rejects.toBe(reason)
  expect(pidsOf(told.lines)).toHaveLength(1)
  expect(pidsOf(told.lines).filter(isAlive)).toEqual([])
  expect(readdirSync(tempDir)).toEqual([])
})

test.each([
  ['what a command leaves in the background ends with it', 'sleep 100 & echo "pid $!"'],
  [
    'what a command leaves in the background and does not hear is ended by force',
    `(trap '' TERM; echo "pid $BASHPID"; while :; do sleep 0.1; done) & sleep 0.3`,
  ],
])('%s', async (_title, command) => {
  const { end, told } = await run(command)
  expect(end.verdict).toBe('succeeded')
  expect(pidsOf(told.lines)).toHaveLength(1)
  expect(pidsOf(told.lines).filter(isAlive)).toEqual([])
})

test('a command can be stopped by its id, also when it has ended', async () => {
  const asked = orderOf('sleep 100')
  const { start, cancel, follow } = trainer()
  const started = await start(asked, listen())
  const { signal } = new AbortController()
  await cancel?.(asked, started, signal)
  await cancel?.(asked, started, signal)
  expect(await follow?.(asked, started, listen())).toMatchObject({ verdict: 'failed' })
  await cancel?.(asked, { ...started, id: 'unknown' }, signal)
})

test('a command of another step cannot be followed, and the error says what to do', async () => {
  const started = { id: 'unknown', url: 'https://github.com', nextStep: null }
  await expect(async () => trainer().follow?.(orderOf('true'), started, listen())).rejects.toThrow(
    /started by another step.*force: true/,
  )
})

describe('a command', () => {
  const { signal } = new AbortController()

  test.each([
    ['without a script is refused', { command: null }, /^command: /],
    ['with an image is refused', { image: 'python:3.12' }, /^image: /],
    ['that nobody waits for is refused', { wait: false }, /^wait: /],
    ['with a parameter that hides a key is refused', { params: { token: 'x' } }, /^params: token/],
    ['that outlives the runner is refused', { timeout: 30_000_000 }, /^timeout: .*self-hosted/],
  ])('%s', async (_title, change, sentence) => {
    const asked = orderOf('true', change)
    const planning = trainer({ waitLimit: 21_600_000 }).plan(asked, signal)
    await expect(planning).rejects.toBeInstanceOf(Refused)
    await expect(planning).rejects.toThrow(sentence)
  })

  test('is planned with its timeout, and with no price', async () => {
    expect(await trainer().plan(orderOf('true', { timeout: 60_000 }), signal)).toMatchObject({
      readsOnlyHead: false,
      hardware: null,
      timeout: 60_000,
      cost: null,
    })
  })

  test('that cannot be started certainly never began', async () => {
    const asked = orderOf('true\0')
    await expect(trainer().start(asked, listen())).rejects.toMatchObject({ name: 'NotStarted' })
    expect(readdirSync(tempDir)).toEqual([])
    const told = listen({ signal: AbortSignal.abort() })
    await expect(trainer().start(orderOf('true'), told)).rejects.toMatchObject({ name: 'NotStarted' })
  })

  test('cannot be looked for: it lives on the runner', () => {
    expect(trainer().find).toBeUndefined()
    expect(trainer().inspect).toBeUndefined()
  })
})
