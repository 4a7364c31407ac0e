import { setImmediate } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { listen } from '../order.ts'
import { type CommandStage, isAlive, orderOf, stageCommands } from './command-stage.ts'

let stage: CommandStage

beforeEach(async () => {
  stage = await stageCommands()
})
afterEach(() => stage.close())

describe('A command that another process left behind', () => {
  test('is ended with its children, by its pid and start time', async () => {
    const { start, processOf, cancel, follow } = stage.trainer()
    const asked = orderOf('sleep 100 & wait')
    const started = await start(asked, listen())
    const process = processOf?.(started) ?? null
    if (process === null) throw new Error('The process is not known.')
    expect(isAlive(process.pid)).toBe(true)
    const following = follow?.(asked, started, listen())
    expect(await stage.trainer().endProcess?.(process)).toBe(true)
    expect(isAlive(process.pid)).toBe(false)
    await following
    expect(await stage.trainer().endProcess?.(process)).toBe(false)
    await cancel?.(asked, started, new AbortController().signal)
  })

  test('is ended with its children when only those are left', async () => {
    const { start, processOf, follow } = stage.trainer()
    const asked = orderOf('sleep 100 & disown; echo ready; exec sleep 101')
    const started = await start(asked, listen())
    const left = processOf?.(started) ?? null
    if (left === null) throw new Error('The process is not known.')
    const heard = listen()
    const following = follow?.(asked, started, heard)
    while (!heard.lines.includes('ready')) await setImmediate()
    process.kill(left.pid, 'SIGKILL')
    while (isAlive(left.pid)) await setImmediate()
    expect(process.kill(-left.pid, 0)).toBe(true)
    expect(await stage.trainer().endProcess?.(left)).toBe(true)
    expect(() => process.kill(-left.pid, 0)).toThrow('ESRCH')
    await following
  })

  test('is not ended when another process has its pid by now', async () => {
    const { start, processOf, cancel } = stage.trainer()
    const asked = orderOf('sleep 100')
    const started = await start(asked, listen())
    const process = processOf?.(started) ?? null
    if (process === null) throw new Error('The process is not known.')
    expect(await stage.trainer().endProcess?.({ ...process, startTime: '1' })).toBe(false)
    expect(isAlive(process.pid)).toBe(true)
    await cancel?.(asked, started, new AbortController().signal)
  })

  test('is not known to a trainer that did not start it', () => {
    expect(
      stage.trainer().processOf?.({ id: 'unknown', url: 'https://github.com', nextStep: null }),
    ).toBeNull()
  })
})
