import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { type SandboxGitHub, startGitHub } from '../../test/sandbox/github/github.ts'
import { type SandboxHub, startHub } from '../../test/sandbox/hub/start.ts'
import { names } from '../../test/sandbox/world.ts'

/** A source file on the way of a delivery. */
export interface WalkedFile {
  readonly file: string
  /** Of the whole file. */
  readonly lines: number
  /** Of the functions that were called. */
  readonly entered: number
}

/** What a program's probe says of a file. */
interface Called {
  readonly file: string
  /** The numbers of the lines of called functions. */
  readonly called: readonly number[]
}

const preload = ['./test/node-setup.js', './scripts/walk/probe.ts']
/** At the head of the workflow's repository. */
const commit = 'a'.repeat(40)
const giveUpAfterMs = 60_000

/**
 * Lets the sandbox Hub deliver the first event of a dataset to the relay and starts the action with what the relay
 * dispatches, both from source, until the Hub gets the order of a Job.
 *
 * @returns the files of src in which a function was called on the way, in the order of their paths
 */
export async function deliveryWalk(): Promise<WalkedFile[]> {
  const hub = await startHub()
  const github = await startGitHub({
    repositories: [
      {
        name: names.repository,
        private: false,
        headSha: commit,
        tokens: { [names.relayToken]: { contents: 'write', metadata: 'read' } },
      },
    ],
  })
  const folder = mkdtempSync(join(tmpdir(), 'walk-'))
  const programs: Program[] = []
  try {
    hub.addUser({ name: names.user, token: names.hubToken, orgs: [names.org] })
    hub.createBaseModel(names.model)
    hub.createDataset({ name: names.dataset, files: { 'train/0/a.txt': 'zero' } })

    const relay = start('src/relay/adapters/node-start.ts', relayEnvironment(github))
    programs.push(relay)
    const url = await readyRelay(relay)
    // What the relay calls to start and to check its settings is not on the way of a delivery.
    await calledFiles(relay)
    hub.webhook({ url: `${url}/webhook`, secret: names.webhookSecret, watched: [names.dataset] })
    hub.commit(names.dataset, { files: { 'train/1/b.txt': 'one' } })
    await hub.settled()
    const [dispatch] = github.dispatches
    if (dispatch === undefined) throw new Error('The relay dispatched nothing.')
    // The relay writes its log line after the answer.
    await until(() => relay.output().includes('"dispatched"'), relay)
    const relayFiles = await calledFiles(relay)

    const event = join(folder, 'event.json')
    writeFileSync(event, JSON.stringify(dispatch.event))
    const order = hub.fault({ method: 'POST', path: /^\/api\/jobs\//, hang: true })
    const action = start('src/index.ts', actionEnvironment({ hub, github, event, folder }))
    programs.push(action)
    await until(() => order.hits > 0, action)
    const actionFiles = await calledFiles(action)

    return [...Map.groupBy([...relayFiles, ...actionFiles], ({ file }) => file)]
      .filter(([file]) => file.startsWith('src/'))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([file, both]) => ({
        file,
        lines: readFileSync(file, 'utf8').split('\n').length - 1,
        entered: new Set(both.flatMap(({ called }) => called)).size,
      }))
  } finally {
    for (const { child } of programs) child.kill('SIGKILL')
    await Promise.all([hub.close(), github.close()])
    rmSync(folder, { recursive: true })
  }
}

/** A program under the probe. */
interface Program {
  readonly child: ChildProcess
  output(): string
}

/** Only `env` and PATH are handed down. */
function start(program: string, env: Record<string, string>): Program {
  const child = fork(program, {
    execArgv: preload.flatMap((module) => ['--import', module]),
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  })
  let output = ''
  child.stdout?.setEncoding('utf8').on('data', (text) => {
    output += text
  })
  return { child, output: () => output }
}

/** The relay's URL, once it is ready. */
async function readyRelay(relay: Program): Promise<string> {
  const url = () => /listens on (http:\S+)/.exec(relay.output())?.[1]
  await until(() => url() !== undefined, relay)
  await (await fetch(`${url()}/readyz`)).arrayBuffer()
  return url() ?? ''
}

function relayEnvironment({ url }: SandboxGitHub): Record<string, string> {
  return {
    PORT: '0',
    HOST: '127.0.0.1',
    WEBHOOK_SECRET: names.webhookSecret,
    GITHUB_TOKEN: names.relayToken,
    GITHUB_REPOSITORY: names.repository,
    GITHUB_API_URL: url,
  }
}

function actionEnvironment(options: {
  hub: SandboxHub
  github: SandboxGitHub
  event: string
  folder: string
}): Record<string, string> {
  const { hub, github, event, folder } = options
  const inputs = {
    'hf-token': names.hubToken,
    'webhook-secret': names.webhookSecret,
    'github-token': github.issueToken(names.repository, { contents: 'write', metadata: 'read' }),
    'input-dataset': names.dataset,
    'input-model': names.model,
    'target-namespace': names.org,
    trainer: 'job',
    image: 'python:3.12',
    command: 'true',
  }
  return {
    HF_ENDPOINT: hub.url,
    GITHUB_API_URL: github.url,
    GITHUB_EVENT_NAME: 'repository_dispatch',
    GITHUB_EVENT_PATH: event,
    GITHUB_REPOSITORY: names.repository,
    GITHUB_RUN_ID: '1',
    GITHUB_SHA: commit,
    RUNNER_TEMP: folder,
    ...Object.fromEntries(
      Object.entries(inputs).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]),
    ),
  }
}

async function calledFiles({ child }: Program): Promise<Called[]> {
  child.send('take')
  const [files] = await once(child, 'message')
  return files
}

async function until(isSo: () => boolean, { child, output }: Program): Promise<void> {
  const end = performance.now() + giveUpAfterMs
  while (!isSo()) {
    if (child.exitCode !== null || performance.now() > end) {
      throw new Error(`${child.spawnargs.at(-1)} did not get to the next step of the delivery:\n${output()}`)
    }
    await wait(20)
  }
}
