import { existsSync, readFileSync } from 'node:fs'
import { afterEach, expect, test } from '@jest/globals'
import { type Clock, systemClock } from '../../../src/http/clock.ts'
import { type ScriptProcess, startScript } from '../../../src/trainers/command/script-process.ts'

const started: ScriptProcess[] = []
afterEach(async () => {
  await Promise.all(started.splice(0).map((script) => script.stop()))
})

async function start(script: string, clock: Clock = systemClock): Promise<ScriptProcess> {
  const process = await startScript({
    script,
    directory: '.',
    environment: { PATH: globalThis.process.env.PATH ?? '' },
    clock,
  })
  started.push(process)
  return process
}

async function linesOf(script: ScriptProcess): Promise<string[]> {
  const lines: string[] = []
  await script.read((line) => lines.push(line))
  return lines
}

/** A process that ended but was not yet waited for does not count. */
const isAlive = (pid: number) =>
  existsSync(`/proc/${pid}/stat`) && !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))

/** Long enough for Node to discard unread output of a process that has ended. */
async function afterItsEnd(script: ScriptProcess): Promise<void> {
  await script.ended
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
}

test('All output of a script can be read after the script has ended.', async () => {
  const script = await start('seq 1 500; seq 501 1000 >&2; printf last')
  await afterItsEnd(script)
  const lines = await linesOf(script)
  expect(lines.toSorted()).toEqual(
    [...Array.from({ length: 1000 }, (_, index) => String(index + 1)), 'last'].toSorted(),
  )
})

/** Prints its own id and ignores SIGTERM. */
const deaf = `(trap '' TERM; echo "$BASHPID"; exec >/dev/null 2>&1; while :; do sleep 0.1; done) &`

/** Returns the process id of a script's deaf child, which is the first line. */
async function deafChildOf(script: ScriptProcess): Promise<number> {
  const lines: string[] = []
  await script.read((line) => lines.push(line))
  const pid = Number(lines[0])
  expect(pid).toBeGreaterThan(1)
  return pid
}

test('A child that ignores SIGTERM is killed after the script has ended by itself.', async () => {
  const script = await start(`${deaf} sleep 0.3`)
  const pid = await deafChildOf(script)
  expect(await script.ended).toEqual({ code: 0, signal: null })
  await script.stop()
  expect(isAlive(pid)).toBe(false)
})

test('A child that ignores SIGTERM is killed even without a call of stop.', async () => {
  const script = await start(`${deaf} sleep 0.3`)
  const pid = await deafChildOf(script)
  const until = systemClock.now() + 15_000
  while (isAlive(pid) && systemClock.now() < until) await new Promise((resolve) => setImmediate(resolve))
  expect(isAlive(pid)).toBe(false)
})

test('A child that ignores SIGTERM is killed after the script has ended on SIGTERM.', async () => {
  const script = await start(`${deaf} echo ready; exec sleep 100`)
  const pid = await new Promise<number>((resolve) => {
    void script.read((line) => /^\d+$/.test(line) && resolve(Number(line)))
  })
  await script.stop()
  expect(await script.ended).toMatchObject({ signal: 'SIGTERM' })
  expect(isAlive(pid)).toBe(false)
})
