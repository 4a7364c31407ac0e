import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { StringDecoder } from 'node:string_decoder'
import { signal } from './machine.ts'

/** How long the runner waits, in milliseconds. */
export interface Waits {
  /**
   * After SIGINT, before SIGTERM.
   * https://github.com/actions/runner/blob/main/src/Runner.Sdk/ProcessInvoker.cs
   * @default 7500
   */
  interrupt: number
  /** After SIGTERM, before SIGKILL. @default 2500 */
  terminate: number
  /** After a process ended, for others that still hold its output open. @default 5000 */
  streams: number
  /** After a cancellation, before the whole machine is taken away. @default 300000 */
  force: number
  /** What a minute of `timeout-minutes` lasts. @default 60000 */
  minute: number
}

/**
 * Runs a command as the runner runs a step's: no stdin, lines handed on as they come, SIGINT then SIGTERM then
 * SIGKILL when told to stop.
 *
 * @param options.onLine one line of stdout or stderr; a lone carriage return ends a line, too
 * @param options.onText the same output as it came
 * @param options.stop asks the process to end
 * @param options.dead the machine is gone: nothing is waited for
 * @param options.killAll kills every process of the job
 * @returns the exit code; 128 + the signal's number when a signal ended it
 */
export async function runProcess(options: {
  command: string
  args: string[]
  cwd: string
  env: Record<string, string>
  onLine: (line: string) => void
  onText: (text: string) => void
  stop: AbortSignal
  dead: AbortSignal
  killAll: () => void
  waits: Waits
}): Promise<number> {
  const { command, args, cwd, env, waits, killAll } = options
  const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
  const started = new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve)
    child.once('error', reject)
  })
  const exited = new Promise<number>((resolve) => {
    child.once('exit', (code, name) => resolve(code ?? 128 + (name === null ? 0 : constants.signals[name])))
  })
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()))
  readLines(child.stdout, options)
  readLines(child.stderr, options)
  await started
  const done = (async () => {
    const code = await exited
    if (!(await within(closed, waits.streams))) killAll()
    return code
  })()

  let stopping: Promise<void> | undefined
  const onStop = () => {
    stopping ??= stopGently(child.pid as number, done, options)
  }
  const onDead = () => {
    signal(child.pid as number, 'SIGKILL')
    killAll()
  }
  options.stop.addEventListener('abort', onStop)
  options.dead.addEventListener('abort', onDead)
  if (options.stop.aborted) onStop()
  if (options.dead.aborted) onDead()
  const code = await done
  options.stop.removeEventListener('abort', onStop)
  options.dead.removeEventListener('abort', onDead)
  await stopping
  return code
}

async function stopGently(
  pid: number,
  done: Promise<unknown>,
  options: { waits: Waits; killAll: () => void },
): Promise<void> {
  signal(pid, 'SIGINT')
  if (await within(done, options.waits.interrupt)) return
  signal(pid, 'SIGTERM')
  if (await within(done, options.waits.terminate)) return
  signal(pid, 'SIGKILL')
  options.killAll()
}

/** Whether the promise settles in that many milliseconds. */
async function within(promise: Promise<unknown>, milliseconds: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, milliseconds, false)
  })
  const inTime = await Promise.race([promise.then(() => true), late])
  clearTimeout(timer)
  return inTime
}

function readLines(
  stream: NodeJS.ReadableStream,
  options: { onLine: (line: string) => void; onText: (text: string) => void },
): void {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  const take = (text: string, last: boolean) => {
    options.onText(text)
    // A carriage return at the very end may be the first half of a CRLF: it waits for what follows.
    const lines = (rest + text).split(last ? /\r\n|\n|\r/ : /\r\n|\n|\r(?!$)/)
    rest = lines.pop() ?? ''
    for (const line of lines) options.onLine(line)
    if (last && rest !== '') options.onLine(rest)
  }
  stream.on('data', (chunk: Buffer) => take(decoder.write(chunk), false))
  stream.on('end', () => take(decoder.end(), true))
}
