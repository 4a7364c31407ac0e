#!/usr/bin/env node
// Stands in for uv 0.13 in Jobs of the sandbox, so that a training script can be tried end to end on a machine that has
// only Node: uv run [--locked] [--python V] [--with D]... SCRIPT [ARGS...]. It reads the script's header and its lock,
// refuses what uv refuses in uv's words and with its exit code, prints "Installed N packages in ...", and forwards the
// script's exit code.
//
// It runs no Python, and downloads nothing. The first line after the header must be
//     # stand-in: sh
// and the rest of the file is then a shell script, which `sh` runs with the same arguments; to `sh` the header is a
// comment. Any other script is refused with 2. A Job of the sandbox has its mounts elsewhere on this machine, and paths
// are replaced in commands and variables only: a script takes /code and /data from its arguments or its environment.
// A registry that UV_DEFAULT_INDEX names is really asked: one that does not answer fails the Job as it does with uv.
//
// What it cannot show: that Python runs the script, that the packages fit together (it knows only names that end in
// -that-does-not-exist, and pins that contradict a range), how long they take. test/reality holds it against the real uv.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { constants } from 'node:os'
import { dirname, join } from 'node:path'
import { satisfies } from '@renovatebot/pep440'
import { readLock, resolve } from './resolve.ts'
import { readHeader, type ScriptHeader, specifierOf } from './script-header.ts'
import { UvError } from './uv-error.ts'

interface Command {
  isLocked: boolean
  python?: string
  with: string[]
  script: string
  args: readonly string[]
}

/** Everything after the script is the script's own, also what looks like an option of uv. */
function readCommand([subcommand, ...rest]: readonly string[]): Command {
  if (subcommand !== 'run') {
    throw new UvError(
      2,
      `error: unrecognized subcommand '${subcommand ?? ''}'`,
      '',
      'Usage: uv [OPTIONS] <COMMAND>',
    )
  }
  const found: Omit<Command, 'script' | 'args'> = { isLocked: false, with: [] }
  const words = [...rest]
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (!word.startsWith('-')) return { ...found, script: word, args: words }
    const [option = '', inline] = word.split(/=(.*)/s)
    if (word === '--locked') found.isLocked = true
    else if (option === '--python') found.python = inline ?? words.shift() ?? ''
    else if (option === '--with') found.with.push(inline ?? words.shift() ?? '')
    else {
      throw new UvError(
        2,
        `error: unexpected argument '${option}' found`,
        '',
        'Usage: uv run [OPTIONS] [COMMAND]',
      )
    }
  }
  throw new UvError(
    2,
    'Provide a command or script to invoke with `uv run <command>` or `uv run <script>.py`.',
  )
}

function readScript(path: string): string {
  if (!path.endsWith('.py') || !existsSync(path)) {
    throw new UvError(2, `error: Failed to spawn: ${path}`, '  cause: No such file or directory (os error 2)')
  }
  return readFileSync(path, 'utf8')
}

/** The image has the newest patch release of its Python. */
function checkPython(wanted: string | undefined): void {
  const { SANDBOX_IMAGE_PYTHON: image, UV_PYTHON_DOWNLOADS: downloads } = process.env
  if (wanted === undefined && image !== undefined) return
  const range = wanted === undefined || /^\d/.test(wanted) ? `==${wanted ?? '3'}.*` : wanted
  if (image !== undefined && satisfies(`${image}.99`, range)) return
  const named = wanted === undefined ? '' : ` for Python ${wanted}`
  if (downloads === 'never') {
    throw new UvError(
      2,
      `error: No interpreter found${named} in virtual environments, managed installations, or search path`,
      '',
      `hint: A managed Python download is available${named}, but Python downloads are set to 'never'`,
    )
  }
  throw new UvError(
    2,
    'error: Request failed after 3 retries in 4.9s',
    '  cause: Failed to download the interpreter',
  )
}

const readOnly = (script: string) =>
  `error: Read-only file system (os error 30) at path "${join(dirname(script), '.tmpStandIn')}"`

/** @returns how many packages the script's environment has */
async function environmentOf(command: Command, header: ScriptHeader | null): Promise<number> {
  const { isLocked, script } = command
  const { dependencies = [] } = header ?? {}
  const lockFile = `${script}.lock`
  const hasLock = existsSync(lockFile)
  if (isLocked && header === null)
    console.error('warning: `--locked` has no effect when used outside of a project')
  else if (isLocked && !hasLock) {
    throw new UvError(
      2,
      'error: Unable to find lockfile for Python script, but `--locked` was provided. To create a lockfile, run `uv lock --script`.',
    )
  }
  const index = process.env.UV_DEFAULT_INDEX
  if (header === null || !hasLock) return resolve([...dependencies, ...command.with], index)
  if (header.requiresPython === undefined) {
    const image = process.env.SANDBOX_IMAGE_PYTHON
    console.error(
      `warning: No \`requires-python\` value found in the workspace. Defaulting to \`>=${image}\`.`,
    )
  }
  const { packages, isFresh } = readLock(readFileSync(lockFile, 'utf8'), dependencies)
  if (!isFresh && isLocked) {
    throw new UvError(
      1,
      'error: The lockfile at `uv.lock` needs to be updated, but `--locked` was provided.',
      '',
      'hint: To update the lockfile, run `uv lock`.',
    )
  }
  // Without the option uv writes a new lock, which a mounted repository does not let it do.
  if (!isFresh) throw new UvError(2, readOnly(script))
  return packages + (command.with.length > 0 ? await resolve(command.with, index) : 0)
}

function checkMarker(text: string): void {
  const lines = text.split(/\r?\n/)
  const body = lines.slice(lines.lastIndexOf('# ///') + 1).find((line) => line.trim() !== '')
  if (body === '# stand-in: sh') return
  throw new UvError(
    2,
    'The stand-in for uv runs no Python: the first line after the header must be "# stand-in: sh", and the rest is for sh.',
  )
}

async function main(words: readonly string[]): Promise<number> {
  if (words[0] === '--version') {
    console.log('uv 0.13.9 (stand-in)')
    return 0
  }
  const command = readCommand(words)
  const text = readScript(command.script)
  const header = readHeader(text)
  const wrong = command.with.find((each) => specifierOf(each) === null)
  if (wrong !== undefined) throw new UvError(2, `error: Failed to parse: \`${wrong}\``)
  checkPython(command.python ?? header?.requiresPython)
  const packages = await environmentOf(command, header)
  checkMarker(text)
  if (packages > 0) console.error(`Installed ${packages} package${packages === 1 ? '' : 's'} in 3ms`)
  const child = spawn('sh', [command.script, ...command.args], { stdio: 'inherit' })
  // uv forwards it and waits; here the sandbox sends it to the script as well.
  process.on('SIGTERM', () => undefined)
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null]
  return code ?? 128 + constants.signals[signal ?? 'SIGKILL']
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  if (!(error instanceof UvError)) throw error
  console.error(error.message)
  process.exitCode = error.code
}
