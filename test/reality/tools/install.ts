import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CannotRun } from './cannot-run.ts'
import { runCommand } from './command.ts'

/** What pip, uv and go say when they do not reach a registry. */
const unreachable =
  /\(killed after |Retrying \(Retry\(|Request failed after \d+ retr|error sending request|Failed to fetch|Could not (?:connect|resolve)|Temporary failure in name resolution|Name or service not known|dial tcp|no such host|i\/o timeout|Connection (?:refused|reset|timed out)|Network is unreachable|tls: |certificate verify failed|proxyconnect|(?:403|407|5\d\d) (?:Forbidden|Proxy|Bad Gateway|Service)/i

/** What they say when this machine is too old, too small or not whole. */
const unfit =
  /requires go >= |ensurepip is not available|No module named (?:pip|venv)|No space left on device|No interpreter found|current Python version .{1,40} does not satisfy/i

/** Some gigabytes at a few megabytes a second; a registry that hangs would hang forever. */
const stepLimitMs = 8 * 60_000

/** One command of an installation. */
export type Step = readonly [file: string, ...args: readonly string[]]

/**
 * The name of a folder for what is installed: another version gets another folder.
 *
 * @param what what decides about the content
 */
export function folderName(name: string, what: readonly string[]): string {
  return `${name}-${createHash('sha256').update(JSON.stringify(what)).digest('hex').slice(0, 12)}`
}

/**
 * Installs into a folder of the cache, once: a folder without its mark was interrupted, and is installed again.
 *
 * @param options.steps what to run, given the folder
 * @param options.env more environment of the steps
 * @returns the folder
 * @throws CannotRun when a registry cannot be reached or this machine is not fit; Error when a step fails otherwise
 */
export async function installOnce(options: {
  cache: string
  name: string
  steps: (folder: string) => readonly Step[]
  env?: NodeJS.ProcessEnv
}): Promise<string> {
  const folder = join(options.cache, options.name)
  const mark = join(folder, '.installed')
  if (existsSync(mark)) return folder
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  for (const [file, ...args] of options.steps(folder)) {
    const { code, output } = await runCommand(file, args, {
      env: { ...process.env, ...options.env },
      timeoutMs: stepLimitMs,
    })
    if (code === 0) continue
    rmSync(folder, { recursive: true, force: true })
    const lines = output.trimEnd().split('\n')
    if (unreachable.test(output)) {
      const last = lines.findLast((line) => unreachable.test(line)) ?? ''
      throw new CannotRun(
        `cannot install ${options.name}: the registry did not answer (${last.trim().slice(0, 200)})`,
      )
    }
    const why = lines.find((line) => unfit.test(line))
    if (why !== undefined) throw new CannotRun(`cannot install ${options.name}: ${why.trim().slice(0, 200)}`)
    throw new Error(
      `Installing ${options.name} failed (${file} ended with ${code}):\n${lines.slice(-12).join('\n')}`,
    )
  }
  writeFileSync(mark, '')
  return folder
}
