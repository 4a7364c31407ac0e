import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Environment } from '../../src/relay/settings/settings.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const packaged = 'dist/relay/index.js'

/** Instead of the packaged relay when there is none, or with RELAY_PROGRAM=source. */
const fromSource = ['--import', './test/node-setup.js', 'src/relay/adapters/node-start.ts']

function programArguments(): string[] {
  const wantsSource = process.env.RELAY_PROGRAM === 'source' || !existsSync(`${root}${packaged}`)
  return wantsSource ? fromSource : [packaged]
}

/** A relay in its own process. */
export interface RelayProcess {
  /** Its address; empty when it ended before it listened. */
  readonly url: string
  readonly pid: number
  /** Everything written so far. */
  stdout(): string
  stderr(): string
  kill(signal: NodeJS.Signals): void
  /** Resolves with the exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>
}

/**
 * Starts the program and waits until it listens or ends.
 *
 * @param env the whole environment except PATH
 * @param words after the program's name
 */
export async function startRelayProcess(
  env: Environment,
  words: readonly string[] = [],
): Promise<RelayProcess> {
  const child = spawn(process.execPath, [...programArguments(), ...words], {
    cwd: root,
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr += text
  })
  const ended = once(child, 'close').then(([code, signal]) => code ?? signal)
  const url = () => /http:\/\/\S+/.exec(stdout)?.[0] ?? ''
  await Promise.race([
    ended,
    new Promise<void>((resolve) => child.stdout.on('data', () => url() !== '' && resolve())),
  ])
  return {
    url: url(),
    pid: child.pid ?? 0,
    stdout: () => stdout,
    stderr: () => stderr,
    kill: (signal) => child.kill(signal),
    ended,
  }
}
