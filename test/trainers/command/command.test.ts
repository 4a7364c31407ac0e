import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { Refused } from '../../../src/domain/verdict.ts'
import { listen } from '../order.ts'
import { type CommandStage, isAlive, orderOf, stageCommands, token } from './command-stage.ts'

let stage: CommandStage

beforeEach(async () => {
  stage = await stageCommands()
})
afterEach(() => stage.close())

const pidsOf = (lines: readonly string[]) =>
  lines.flatMap((line) => (line.startsWith('pid ') ? [Number(line.slice(4))] : []))

test('A command that ends with exit code 0 succeeds, with its metrics', async () => {
  const { end, recorded } = await stage.run(`
    echo "{'loss': 0.7, 'learning_rate': 5e-05, 'epoch': 0.5}"
    echo "{'eval_loss': nan, 'eval_accuracy': 0.91, 'epoch': 1.0}" >&2
  `)
  expect(end).toMatchObject({
    verdict: 'succeeded',
    cause: null,
    began: true,
    trainedMs: expect.any(Number),
    reason: 'The command finished with exit code 0. No model was checked (expect-model: false).',
    metrics: { loss: 0.7, eval_accuracy: 0.91 },
    cost: null,
  })
  expect(end.curve).toHaveLength(2)
  expect(recorded.lines).toHaveLength(2)
  expect(recorded.progresses.at(-1)).toMatchObject({ stage: 'RUNNING', cost: null })
})

test('The reason of a failed command has its exit code and the error from its output', async () => {
  const { end } = await stage.run('echo "ValueError: no classes"; exit 7')
  expect(end).toMatchObject({
    verdict: 'failed',
    reason: 'The command failed with exit code 7: ValueError: no classes',
    logTail: ['ValueError: no classes'],
  })
})

test.each([
  ['A command that fails ends the script', 'false; echo never'],
  ['A failure inside a pipe ends the script', 'false | cat; echo never'],
])('%s', async (_title, command) => {
  const { end, recorded } = await stage.run(command)
  expect(end).toMatchObject({ verdict: 'failed', reason: 'The command failed with exit code 1.' })
  expect(recorded.lines).toEqual([])
})

test('The environment of a command has the order and the variables of the step, without those of the action', async () => {
  const { recorded } = await stage.run(
    'env | cut -d= -f1 | sort; echo "$AUTO_RETRAIN_DATASET $AUTO_RETRAIN_REVISION"',
  )
  const names = recorded.lines.slice(0, -1)
  expect(names).toEqual(
    expect.arrayContaining([
      'AUTO_RETRAIN_BASE_MODEL',
      'AUTO_RETRAIN_BASE_REVISION',
      'AUTO_RETRAIN_CONFIG',
      'AUTO_RETRAIN_CONFIG_FILE',
      'AUTO_RETRAIN_MODEL',
      'AUTO_RETRAIN_PUBLISHED_MODEL',
      'AUTO_RETRAIN_PUBLISHED_REVISION',
      'GITHUB_SHA',
      'HF_TOKEN',
      'HOME',
      'RUNNER_TRACKING_ID',
    ]),
  )
  expect(
    names.filter((name) => /^(INPUT_|STATE_|ACTIONS_|JEST|GITHUB_(OUTPUT|ENV|PATH|STATE|STEP))/.test(name)),
  ).toEqual([])
  expect(recorded.lines.at(-1)).toBe(`ann/digits ${'a'.repeat(40)}`)
})

test('The config file for AutoTrain exists only while the command runs', async () => {
  const { recorded } = await stage.run('echo "$AUTO_RETRAIN_CONFIG_FILE"; cat "$AUTO_RETRAIN_CONFIG_FILE"')
  const [file = '', ...text] = recorded.lines
  expect(parse(text.join('\n'))).toMatchObject({ project_name: 'digits-1', data: { path: 'ann/digits' } })
  expect(text.join('\n')).not.toContain(token)
  expect(existsSync(file)).toBe(false)
  expect(readdirSync(stage.tempDir)).toEqual([])
})

test('The token is hidden in the log, its tail and the reason, in every encoding', async () => {
  const { end, recorded } = await stage.run(
    'echo "token=$HF_TOKEN"; printf %s "$HF_TOKEN" | base64 -w0; echo; echo "OSError: $HF_TOKEN"; exit 1',
  )
  expect(recorded.lines[0]).toBe('token=***')
  const all = JSON.stringify([recorded.lines, end])
  expect(all).not.toContain(token)
  expect(all).not.toContain(Buffer.from(token).toString('base64').slice(0, -2))
})

test('Workflow commands and progress bars arrive as plain lines', async () => {
  const { recorded } = await stage.run(
    String.raw`echo "::set-output name=a::b"; printf '10%%\r20%%\r\e[32m30%%\e[0m\nlast'`,
  )
  expect(recorded.lines).toEqual(['::set-output name=a::b', '30%', 'last'])
})

test('Output from before the run is followed is not lost', async () => {
  const asked = orderOf('seq 1 20000')
  const { start, follow } = stage.trainer()
  const started = await start(asked, listen())
  await new Promise((resolve) => setImmediate(resolve))
  const recorded = listen()
  await follow?.(asked, started, recorded)
  expect(recorded.lines).toHaveLength(20_000)
})

test('A command that outlives its timeout is stopped with all its processes', async () => {
  const { end, recorded } = await stage.run('sleep 100 & echo "pid $!"; echo "pid $$"; wait', {
    timeout: 1500,
  })
  expect(end).toMatchObject({
    verdict: 'failed',
    cause: 'limit',
    reason: 'The command ran longer than its timeout of 1.5 s and was stopped.',
  })
  expect(pidsOf(recorded.lines)).toHaveLength(2)
  expect(pidsOf(recorded.lines).filter(isAlive)).toEqual([])
})

test('A command that ignores SIGTERM is killed', async () => {
  const script =
    'trap "" TERM; (trap "" TERM; echo "pid $BASHPID"; while :; do sleep 1; done) & echo "pid $$"; wait; wait'
  const { end, recorded } = await stage.run(script, { timeout: 1000 })
  expect(end.verdict).toBe('failed')
  expect(pidsOf(recorded.lines).filter(isAlive)).toEqual([])
})

test('Child processes have time to clean up after the shell has ended', async () => {
  const script = `bash -c 'trap "sleep 0.3; echo saved > saved; exit" TERM; echo ready; while :; do sleep 0.05; done'`
  await stage.run(`${script}; true`, { timeout: 1500 })
  expect(readFileSync(join(stage.tempDir, 'saved'), 'utf8')).toBe('saved\n')
})

test('A cancelled workflow stops the command with all its processes', async () => {
  const controller = new AbortController()
  const reason = new Error('The workflow was cancelled.')
  const recorded = listen({
    signal: controller.signal,
    onLine: (line) => line === 'ready' && controller.abort(reason),
  })
  await expect(stage.run('sleep 100 & echo "pid $!"; echo ready; wait', { recorded })).rejects.toBe(reason)
  expect(pidsOf(recorded.lines)).toHaveLength(1)
  expect(pidsOf(recorded.lines).filter(isAlive)).toEqual([])
  expect(readdirSync(stage.tempDir)).toEqual([])
})

test.each([
  ['Background processes of a command end with it', 'sleep 100 & echo "pid $!"'],
  [
    'Background processes of a command that ignore SIGTERM are killed',
    `(trap '' TERM; echo "pid $BASHPID"; while :; do sleep 0.1; done) & sleep 0.3`,
  ],
])('%s', async (_title, command) => {
  const { end, recorded } = await stage.run(command)
  expect(end.verdict).toBe('succeeded')
  expect(pidsOf(recorded.lines)).toHaveLength(1)
  expect(pidsOf(recorded.lines).filter(isAlive)).toEqual([])
})

test('A command can be cancelled by its id, even when it has ended', async () => {
  const asked = orderOf('sleep 100')
  const { start, cancel, follow } = stage.trainer()
  const started = await start(asked, listen())
  const { signal } = new AbortController()
  await cancel?.(asked, started, signal)
  await cancel?.(asked, started, signal)
  expect(await follow?.(asked, started, listen())).toMatchObject({ verdict: 'cancelled', cause: 'workflow' })
  await cancel?.(asked, { ...started, id: 'unknown' }, signal)
})

test('A command of another step cannot be followed, and the error says what to do', async () => {
  const started = { id: 'unknown', url: 'https://github.com', nextStep: null }
  await expect(async () => stage.trainer().follow?.(orderOf('true'), started, listen())).rejects.toThrow(
    /started by another step.*Run workflow/,
  )
})

describe('A command', () => {
  const { signal } = new AbortController()

  test.each([
    ['is refused without a script', { command: null }, /^command: /],
    ['is refused with an image', { image: 'python:3.12' }, /^image: /],
    ['is refused with wait: false', { wait: false }, /^wait: /],
    ['is refused with a parameter that overrides a key', { params: { token: 'x' } }, /^params: token/],
    ['is refused when it outlives the runner', { timeout: 30_000_000 }, /^timeout: .*self-hosted/],
  ])('%s', async (_title, change, sentence) => {
    const asked = orderOf('true', change)
    const planning = stage.trainer({ waitLimitMs: 21_600_000 }).plan(asked, signal)
    await expect(planning).rejects.toBeInstanceOf(Refused)
    await expect(planning).rejects.toThrow(sentence)
  })

  test('is planned with its timeout and without a price', async () => {
    expect(await stage.trainer().plan(orderOf('true', { timeout: 60_000 }), signal)).toMatchObject({
      readsOnlyHead: false,
      hardware: null,
      timeoutMs: 60_000,
      cost: null,
    })
  })

  test('certainly never began when it cannot be started', async () => {
    const asked = orderOf('true\0')
    await expect(stage.trainer().start(asked, listen())).rejects.toMatchObject({ name: 'NotStarted' })
    expect(readdirSync(stage.tempDir)).toEqual([])
    const recorded = listen({ signal: AbortSignal.abort() })
    await expect(stage.trainer().start(orderOf('true'), recorded)).rejects.toMatchObject({
      name: 'NotStarted',
    })
  })

  test('can be neither found nor inspected by another process', () => {
    expect(stage.trainer().find).toBeUndefined()
    expect(stage.trainer().inspect).toBeUndefined()
  })
})
