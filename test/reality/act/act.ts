import { copyFileSync, cpSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseDocument } from 'yaml'
import { names } from '../../sandbox/world.ts'
import { mustRun, type Ran, runCommand } from '../tools/command.ts'

/** How the examples name this action. */
const action = 'OWNER/auto-retrain@FULL_COMMIT_SHA'

/** A run of `act`. */
export interface ActRun {
  readonly event: string
  /** A file of `.github/workflows`. */
  readonly workflow: string
  /** The event's payload. @default none */
  readonly payload?: unknown
  /** More environment of the job. */
  readonly environment?: Readonly<Record<string, string>>
  /** Once it has printed this, act is interrupted as by Ctrl-C. */
  readonly interruptAt?: string
}

/** act 0.2.89 refuses a workflow with `queue`, which is newer, and does not regard `concurrency` in any case. */
function withoutQueue(workflow: string): string {
  const document = parseDocument(workflow)
  if (document.hasIn(['concurrency', 'queue'])) document.deleteIn(['concurrency', 'queue'])
  return document.toString({ lineWidth: 0 })
}

/**
 * Lays out what act needs: the action as GitHub fetches it, a repository with the examples as its workflows.
 *
 * @returns the head of the repository
 */
export async function layOut(folder: string): Promise<string> {
  const [repository, fetched] = [join(folder, 'repository'), join(folder, 'action')]
  mkdirSync(join(repository, '.github/workflows'), { recursive: true })
  mkdirSync(fetched)
  copyFileSync('action.yml', join(fetched, 'action.yml'))
  cpSync('dist', join(fetched, 'dist'), { recursive: true })
  const own = fileURLToPath(new URL('check.yml', import.meta.url))
  for (const file of [...globSync('examples/*.yml'), own]) {
    const workflow = withoutQueue(readFileSync(file, 'utf8'))
    writeFileSync(join(repository, '.github/workflows', basename(file)), workflow)
  }
  mkdirSync(join(folder, 'home/.config/act'), { recursive: true })
  writeFileSync(join(folder, 'home/.config/act/actrc'), '')
  const git = (...args: string[]) =>
    mustRun('git', ['-C', repository, '-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', ...args])
  await git('init', '-q', '-b', 'main')
  await git('add', '-A')
  await git('commit', '-q', '-m', 'Workflows')
  await git('remote', 'add', 'origin', `https://github.com/${names.repository}.git`)
  return (await git('rev-parse', 'HEAD')).stdout.trim()
}

const asFile = (values: Readonly<Record<string, string>>) =>
  Object.entries(values)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('')

/** Runs workflows in act's host mode: without Docker, on this machine. */
export function createAct(options: {
  program: string
  folder: string
  environment: Readonly<Record<string, string>>
  secrets: Readonly<Record<string, string>>
}): (run: ActRun) => Promise<Ran> {
  const { program, folder, environment, secrets } = options
  let count = 0
  return ({ event, workflow, payload, environment: more, interruptAt }) => {
    count += 1
    const file = (name: string, text: string) => {
      writeFileSync(join(folder, name), text, { mode: 0o600 })
      return join(folder, name)
    }
    const runId = { GITHUB_RUN_ID: String(1000 + count) }
    const platforms = ['ubuntu-latest', 'ubuntu-24.04'].flatMap((name) => ['-P', `${name}=-self-hosted`])
    const args = [
      event,
      ...['-W', `.github/workflows/${workflow}`],
      ...platforms,
      ...['--pull=false', '--no-cache-server', '--action-cache-path', join(folder, 'cache')],
      ...['--local-repository', `${action}=${join(folder, 'action')}`],
      ...['--secret-file', file('secrets', asFile(secrets))],
      ...['--env-file', file('environment', asFile({ ...environment, ...more, ...runId }))],
      ...(payload === undefined ? [] : ['-e', file(`event-${count}.json`, JSON.stringify(payload))]),
    ]
    return runCommand(program, args, {
      cwd: join(folder, 'repository'),
      // act takes the first `node` of the path for every JavaScript action.
      env: { PATH: `${dirname(process.execPath)}:${process.env.PATH}`, HOME: join(folder, 'home') },
      timeoutMs: 180_000,
      ...(interruptAt !== undefined && { onOutput: (sofar) => sofar.includes(interruptAt) }),
    })
  }
}

/** @returns the exit code and the verdicts, for example `0 planned succeeded` */
export function verdictsOf({ code, output }: Ran): string {
  const verdicts = Array.from(output.matchAll(/::set-output:: verdict=(\w+)/g), ([, verdict]) => verdict)
  return [code, ...verdicts].join(' ')
}
