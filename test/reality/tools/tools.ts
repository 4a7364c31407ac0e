import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { CannotRun } from './cannot-run.ts'
import { mustRun, runCommand } from './command.ts'
import { folderName, installOnce } from './install.ts'
import type { GoProgram, PythonSet, Versions } from './versions.ts'

/** Programs that the lane does not install. `python` is uv or a Python that has pip. */
export type Need = 'python' | 'go' | 'git'

/** A Python environment of the cache. */
interface PythonEnvironment {
  readonly folder: string
  /** The path of a program in it. */
  program(name: string): string
  /** Name and version of its packages, for example `torch 2.5.1`. */
  versions(...names: readonly string[]): Promise<string>
}

/** What is on this machine, and what can be installed. Each thing is installed once and stays in the cache. */
export interface Tools {
  /** A folder outside of the repository. */
  readonly cache: string
  has(need: Need): boolean
  /** @throws CannotRun when the registry cannot be reached, or no Python fits */
  python(set: PythonSet): Promise<PythonEnvironment>
  /** The path of uv and its version. @throws CannotRun when it is not here and cannot be installed */
  uv(): Promise<{ path: string; version: string }>
  /** The path of a Go program and its version. @throws CannotRun when the module proxy cannot be reached */
  go(program: GoProgram): Promise<{ path: string; version: string }>
}

/** @returns where a program is, or null */
function findProgram(name: string, path: string): string | null {
  for (const folder of path.split(delimiter).filter(Boolean)) {
    try {
      accessSync(join(folder, name), constants.X_OK)
      return join(folder, name)
    } catch {
      // Not in this folder.
    }
  }
  return null
}

/** Calls once for each key; what failed stays failed, so that a dead registry is waited for once. */
function remember<T>(work: (key: string) => Promise<T>): (key: string) => Promise<T> {
  const known = new Map<string, Promise<T>>()
  return (key) => {
    const found = known.get(key) ?? work(key)
    known.set(key, found)
    return found
  }
}

/**
 * @param options.cache the folder for installations
 * @param options.versions what to install
 * @param options.path where programs are searched for
 */
export function findTools(options: { cache: string; versions: Versions; path: string }): Tools {
  const { cache, versions, path } = options
  const find = (name: string) => findProgram(name, path)
  const uv = remember(
    async () => find('uv') ?? (await installUv({ cache, versions, python: find('python3') ?? '' })),
  )

  const installPython = remember(async (name) => {
    const { requirements, pythons } = versions.python[name as PythonSet]
    const program = await uv('')
    const python = await firstPython(program, pythons)
    const folder = await installOnce({
      cache,
      name: folderName(name, [python, versions.stamp, ...requirements]),
      steps: (target) => [
        [program, 'venv', '--quiet', '--allow-existing', '--python', python, target],
        [program, 'pip', 'install', '--quiet', '--python', join(target, 'bin/python'), ...requirements],
      ],
    })
    return environmentAt(folder, program)
  })

  const installGo = remember(async (name) => {
    const { module, version } = versions.go[name as GoProgram]
    const folder = await installOnce({
      cache,
      name: folderName(name, [module, version, versions.stamp]),
      steps: () => [[find('go') ?? 'go', 'install', `${module}@${version}`]],
      env: { GOBIN: join(cache, folderName(name, [module, version, versions.stamp])) },
    })
    const program = join(folder, name)
    const { output } = await mustRun(program, ['--version'])
    return { path: program, version: `${name} ${/\d+\.\d+\.\d+/.exec(output)?.[0] ?? output.trim()}` }
  })

  return {
    cache,
    has: (need) => (need === 'python' ? (find('uv') ?? find('python3')) !== null : find(need) !== null),
    python: installPython,
    async uv() {
      const path = await uv('')
      const { code, stdout } = await runCommand(path, ['--version'])
      if (code !== 0) throw new CannotRun(`${path} does not run here`)
      return { path, version: stdout.trim().replace(/ \(.*/, '') }
    },
    go: installGo,
  }
}

async function installUv(options: { cache: string; versions: Versions; python: string }): Promise<string> {
  const { cache, versions, python } = options
  const folder = await installOnce({
    cache,
    name: folderName('uv', [versions.uv, versions.stamp]),
    steps: (target) => [
      [python, '-m', 'venv', target],
      [
        join(target, 'bin/python'),
        '-m',
        'pip',
        'install',
        '--quiet',
        '--disable-pip-version-check',
        versions.uv,
      ],
    ],
  })
  return join(folder, 'bin/uv')
}

/** The first of some versions of Python that uv finds, or can fetch. */
async function firstPython(uv: string, pythons: readonly string[]): Promise<string> {
  for (const python of pythons) {
    const { code, stdout } = await runCommand(uv, ['python', 'find', '--quiet', '--no-project', python])
    if (code === 0) return stdout.trim()
  }
  for (const python of pythons) {
    const { code } = await runCommand(uv, ['python', 'install', '--quiet', python])
    if (code === 0) return python
  }
  throw new CannotRun(
    `there is no Python ${pythons.join(' or ')} on this machine, and uv could not fetch one`,
  )
}

function environmentAt(folder: string, uv: string): PythonEnvironment {
  return {
    folder,
    program: (name) => join(folder, 'bin', name),
    async versions(...names) {
      const listed = await mustRun(uv, [
        'pip',
        'list',
        '--format',
        'json',
        '--quiet',
        '--python',
        join(folder, 'bin/python'),
      ])
      const packages = JSON.parse(listed.stdout) as { name: string; version: string }[]
      const version = (wanted: string) =>
        packages.find(({ name }) => name === wanted)?.version ?? '(not installed)'
      return names.map((name) => `${name} ${version(name)}`).join(', ')
    },
  }
}
