import { execFile } from 'node:child_process'
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { messageOf } from '../../domain/error-message.ts'
import { Refused } from '../../domain/verdict.ts'
import { commandEnvironment } from './command-environment.ts'

const run = promisify(execFile)

/** A shell that does nothing takes some milliseconds, also on a busy runner. */
const shellWithinMs = 20_000

/**
 * Checks that a command can run on this runner, before anything is claimed: a shell, the folder it starts in, and a
 * folder for the config file.
 *
 * @param options.environment of the runner's step
 * @param options.tempDir where the config file will be written
 * @throws Refused with what is missing and what to do
 */
export async function checkCommandRunner(options: {
  environment: Readonly<Record<string, string | undefined>>
  tempDir: string
  signal: AbortSignal
}): Promise<void> {
  const { environment, tempDir, signal } = options
  if (environment.RUNNER_OS === 'Windows') {
    throw new Refused(
      'trainer: command needs a runner with Linux or macOS, where everything that a script starts can be stopped: ' +
        'change runs-on, or use trainer: job.',
    )
  }
  const directory = environment.GITHUB_WORKSPACE || '.'
  await check('command: GITHUB_WORKSPACE', directory, () => checkFolder(directory), signal)
  await check(
    'command: the folder for temporary files (RUNNER_TEMP)',
    tempDir,
    () => tryFolder(tempDir),
    signal,
  )
  const env = commandEnvironment(environment, {})
  const shell = () =>
    run('bash', ['-eo', 'pipefail', '-c', ':'], { cwd: directory, env, timeout: shellWithinMs, signal })
  await check('command: the shell', 'bash', shell, signal)
}

async function check(
  what: string,
  value: string,
  work: () => Promise<unknown>,
  signal: AbortSignal,
): Promise<void> {
  try {
    await work()
  } catch (cause) {
    signal.throwIfAborted()
    throw new Refused(
      `${what} (${value}) cannot be used on this runner: ${messageOf(cause).split('\n')[0]}. Nothing was started.`,
      { cause },
    )
  }
}

async function checkFolder(path: string): Promise<void> {
  if (!(await stat(path)).isDirectory()) throw new Error('it is not a folder')
}

async function tryFolder(path: string): Promise<void> {
  const folder = await mkdtemp(join(path, 'auto-retrain-check-'))
  try {
    await writeFile(join(folder, 'check'), 'x')
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
