import { spawn } from 'node:child_process'

/** How a program ended. */
export interface Ran {
  /** Null when it was killed: by a signal, or because its time was up. */
  readonly code: number | null
  /** Both streams, as they came. */
  readonly output: string
  /** The standard output alone. */
  readonly stdout: string
}

/** What a program runs with. */
export interface CommandOptions {
  readonly cwd?: string
  /** All of its environment. @default this process's */
  readonly env?: NodeJS.ProcessEnv
  /** @default 10 minutes */
  readonly timeoutMs?: number
  /** Takes what it prints. Returns true to interrupt it, as Ctrl-C does. */
  readonly onOutput?: (sofar: string) => boolean
}

/** The process groups that run, so that none is left when the lane ends. */
const running = new Set<number>()

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal)
  } catch {
    // It is gone already.
  }
}

/** Kills everything that the lane started and that still runs. */
export function killAll(): void {
  for (const pid of running) signalGroup(pid, 'SIGKILL')
  running.clear()
}

/** Runs a program at low priority to its end, with all that it starts. An exit code other than 0 is no error. */
export function runCommand(
  file: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<Ran> {
  const { cwd, env = process.env, timeoutMs = 600_000, onOutput } = options
  return new Promise((resolve, reject) => {
    const child = spawn('nice', ['-n', '5', file, ...args], {
      cwd,
      env,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const { pid } = child
    if (pid !== undefined) running.add(pid)
    let [output, stdout, isInterrupted] = ['', '', false]
    const add = (text: string) => {
      output += text
      if (isInterrupted || pid === undefined || onOutput?.(output) !== true) return
      isInterrupted = true
      child.kill('SIGINT')
    }
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
      add(text)
    })
    child.stderr.setEncoding('utf8').on('data', add)
    const limit = setTimeout(() => {
      output += `\n(killed after ${timeoutMs / 1000} s)`
      if (pid !== undefined) signalGroup(pid, 'SIGKILL')
    }, timeoutMs)
    child.on('error', reject)
    child.on('exit', () => {
      if (pid !== undefined) signalGroup(pid, 'SIGKILL')
    })
    child.on('close', (code) => {
      clearTimeout(limit)
      if (pid !== undefined) running.delete(pid)
      resolve({ code, output, stdout })
    })
  })
}

/**
 * Runs a program that must end well.
 *
 * @throws Error with the last lines of its output when it does not
 */
export async function mustRun(
  file: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<Ran> {
  const ran = await runCommand(file, args, options)
  if (ran.code === 0) return ran
  const tail = ran.output.trimEnd().split('\n').slice(-15).join('\n')
  throw new Error(`${file.split('/').at(-1)} ${args[0] ?? ''} ended with ${ran.code}:\n${tail}`)
}
