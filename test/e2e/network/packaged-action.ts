import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { compileCache } from '../stage/checkout.ts'

const program = fileURLToPath(new URL('../../../dist/index.js', import.meta.url))

/** What the packaged action printed and set. */
export interface PackagedRun {
  readonly exitCode: number | null
  readonly log: string
  /** The file of GITHUB_OUTPUT. */
  readonly outputs: string
}

/**
 * Runs the packaged action by hand (`workflow_dispatch`) in a bare environment.
 *
 * @param options.inputs by kebab-case name
 * @param options.env on top of what every step has; the API's address is the caller's to set
 */
export async function runPackagedAction(options: {
  inputs: Readonly<Record<string, string>>
  env: Readonly<Record<string, string>>
}): Promise<PackagedRun> {
  const folder = mkdtempSync(join(tmpdir(), 'auto-retrain-step-'))
  const file = (name: string) => join(folder, name)
  for (const name of ['output', 'state', 'summary']) writeFileSync(file(name), '')
  writeFileSync(file('event.json'), '{}')
  mkdirSync(file('workspace'))
  const inputs = Object.entries(options.inputs).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value])
  const child = spawn(process.execPath, [program], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env.PATH,
      ...compileCache,
      GITHUB_REPOSITORY: 'acme/retrain',
      GITHUB_RUN_ID: '1',
      GITHUB_SHA: 'c'.repeat(40),
      GITHUB_EVENT_NAME: 'workflow_dispatch',
      GITHUB_EVENT_PATH: file('event.json'),
      GITHUB_WORKSPACE: file('workspace'),
      GITHUB_OUTPUT: file('output'),
      GITHUB_STATE: file('state'),
      GITHUB_STEP_SUMMARY: file('summary'),
      RUNNER_TEMP: folder,
      ...Object.fromEntries(inputs),
      ...options.env,
    },
  })
  let log = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text) => (log += text))
  const exitCode = await new Promise<number | null>((resolve) => child.once('close', resolve))
  const outputs = readFileSync(file('output'), 'utf8')
  rmSync(folder, { recursive: true })
  return { exitCode, log, outputs }
}
