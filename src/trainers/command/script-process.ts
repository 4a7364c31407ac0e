import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { PassThrough } from 'node:stream'
import type { RunnerProcess } from '../../domain/training.ts'
import type { Clock } from '../../http/clock.ts'
import { identifyProcess, terminateGroup } from './process-group.ts'
import { readLines } from './read-lines.ts'

/** How long to read on after the script has ended: a process outside the group may hold its output open for ever. */
const drainMs = 1_000

/** How a script ended. One of code and signal is null. */
export interface ScriptEnd {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** A shell script that runs in a process group of its own. */
export interface ScriptProcess {
  /** The leader of its process group; null where the system does not show it, or it has ended already. */
  readonly identity: RunnerProcess | null
  /** Resolves once the script has ended. Never rejects. */
  readonly ended: Promise<ScriptEnd>
  /** Aborted once the script has ended. */
  readonly over: AbortSignal
  /**
   * Reads each line that the script prints to stdout and stderr. Until this is called, the script blocks once its
   * pipes are full.
   *
   * @returns a promise that resolves once the script has ended and its last line was read
   */
  read(onLine: (line: string) => void): Promise<void>
  /**
   * Sends SIGTERM to the whole process group and, 5 s later, SIGKILL to what is left of it, even when the script itself
   * has ended. Resolves once the group is empty. Happens by itself when the script ends.
   */
  stop(): Promise<void>
}

/**
 * Starts `bash -eo pipefail -c`, the shell of a workflow's `run:`. Background processes of the script are stopped when
 * it ends.
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
    // In a process group of its own, so that everything the script starts can be stopped with it.
    detached: true,
  })
  // Node discards output that has no reader when the script ends.
  // https://github.com/nodejs/node/blob/main/lib/internal/child_process.js (flushStdio)
  const output = [child.stdout, child.stderr].map((stream) => stream.pipe(new PassThrough()))
  const over = new AbortController()
  let stopping: Promise<void> | undefined
  const stopGroup = () => {
    stopping ??= child.pid === undefined ? Promise.resolve() : terminateGroup(child.pid, clock)
    return stopping
  }
  const ended = new Promise<ScriptEnd>((resolve) => {
    child.once('exit', (code, signal) => {
      void stopGroup()
      over.abort()
      resolve({ code, signal })
    })
  })
  await once(child, 'spawn')
  const identity = child.pid === undefined ? null : await identifyProcess(child.pid)
  return {
    identity,
    ended,
    over: over.signal,
    read: async (onLine) => {
      const lines = Promise.all(output.map((stream) => readLines(stream, onLine)))
      await ended
      const drained = new AbortController()
      await Promise.race([lines, clock.sleep(drainMs, drained.signal).catch(() => undefined)])
      drained.abort()
      for (const stream of [child.stdout, child.stderr, ...output]) stream.destroy()
    },
    stop: async () => {
      await stopGroup()
      await ended
    },
  }
}
