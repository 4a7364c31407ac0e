import type { ChildProcessByStdio } from 'node:child_process'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { PassThrough, type Readable } from 'node:stream'
import type { Clock } from '../../http/clock.ts'
import { readLines } from './read-lines.ts'

/** Milliseconds that a script gets to tidy up after it was asked to end. */
const grace = 5000

/** Milliseconds for the kernel to carry out what nobody can refuse. */
const killTime = 1000

/** Milliseconds between two looks whether somebody is left in a group that was asked to end. */
const lookEvery = 50

/** Milliseconds for the last lines of a script that has ended: who else holds its output open is not waited for. */
const drainTime = 1000

/** How a script ended. One of code and signal is null. */
export interface ScriptEnd {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** A shell script that runs in a process group of its own. */
export interface ScriptProcess {
  /** Resolves once the script has ended. Never rejects. */
  readonly ended: Promise<ScriptEnd>
  /** Aborted once the script has ended. */
  readonly over: AbortSignal
  /**
   * Gives each line that it prints, on both of its streams. The script waits when nobody reads what it prints.
   *
   * @returns a promise that resolves once the script has ended and its last line was given
   */
  read(onLine: (line: string) => void): Promise<void>
  /**
   * Asks the whole group to end and, 5 s later, ends by force what is left of it, also when the script itself has
   * ended before; resolves once nothing of it is left. It begins by itself when the script ends.
   */
  stop(): Promise<void>
}

/**
 * Starts `bash -eo pipefail -c`, the shell of a workflow's `run:`. What the script leaves in the background is ended
 * with it.
 * https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstepsshell
 *
 * @throws Error when there is no bash, or the environment is too large
 */
export async function startScript(options: {
  script: string
  directory: string
  environment: Readonly<Record<string, string>>
  clock: Clock
}): Promise<ScriptProcess> {
  const { script, directory, environment, clock } = options
  const child = spawn('bash', ['-eo', 'pipefail', '-c', script], {
    cwd: directory,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
    // A process group of its own: everything that the script starts can be ended with it.
    detached: true,
  })
  // What nobody has begun to read when the script ends, Node throws away.
  // https://github.com/nodejs/node/blob/main/lib/internal/child_process.js (flushStdio)
  const printed = [child.stdout, child.stderr].map((stream) => stream.pipe(new PassThrough()))
  const over = new AbortController()
  let ending: Promise<void> | undefined
  const endAll = () => {
    ending ??= endGroup(child, clock)
    return ending
  }
  const ended = new Promise<ScriptEnd>((resolve) => {
    child.once('exit', (code, signal) => {
      void endAll()
      over.abort()
      resolve({ code, signal })
    })
  })
  await once(child, 'spawn')
  return {
    ended,
    over: over.signal,
    read: async (onLine) => {
      const lines = Promise.all(printed.map((stream) => readLines(stream, onLine)))
      await ended
      const drained = new AbortController()
      await Promise.race([lines, clock.sleep(drainTime, drained.signal).catch(() => undefined)])
      drained.abort()
      for (const stream of [child.stdout, child.stderr, ...printed]) stream.destroy()
    },
    stop: async () => {
      await endAll()
      await ended
    },
  }
}

type Child = ChildProcessByStdio<null, Readable, Readable>

/** Never rejects. */
async function endGroup(child: Child, clock: Clock): Promise<void> {
  signalGroup(child, 'SIGTERM')
  // The shell ends before what it started does, which may have a model to save.
  if (await isGone(child, { clock, within: grace })) return
  signalGroup(child, 'SIGKILL')
  await isGone(child, { clock, within: killTime })
}

async function isGone(child: Child, { clock, within }: { clock: Clock; within: number }): Promise<boolean> {
  const end = clock.now() + within
  while (signalGroup(child, 0)) {
    if (clock.now() >= end) return false
    await clock.sleep(lookEvery)
  }
  return true
}

/** Whether there was somebody to send the signal to; 0 only asks. */
function signalGroup({ pid }: Child, signal: NodeJS.Signals | 0): boolean {
  if (pid === undefined) return false
  try {
    return process.kill(-pid, signal)
  } catch {
    return false
  }
}
