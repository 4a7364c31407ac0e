import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { type SandboxGitHub, startGitHub } from '../sandbox/github/github.ts'
import { type SandboxHub, startHub } from '../sandbox/hub/start.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const githubToken = 'ghs_writes_the_ledger'

let hub: SandboxHub
let github: SandboxGitHub
let folder: string

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'main-test-'))
  hub = await startHub()
  hub.addUser({ name: 'ada', token: 'hf_ada' })
  hub.createBaseModel('microsoft/resnet-50')
  hub.createDataset({ name: 'ada/digits', files: { 'train/0/a.txt': 'zero' } })
  github = await startGitHub({
    repositories: [
      { name: 'ada/retrain', tokens: { [githubToken]: { contents: 'write', metadata: 'read' } } },
    ],
  })
})
afterEach(async () => {
  await Promise.all([hub.close(), github.close()])
  rmSync(folder, { recursive: true, force: true })
})

/** What the step printed, its outputs and its exit code. */
interface Ran {
  readonly code: number
  readonly lines: string[]
  readonly outputs: string
}

function runStep(
  eventName: string,
  options: { force?: boolean; commit?: string; payload?: object } = {},
): Promise<Ran> {
  const { force = false, commit = github.repositories[0]?.headSha ?? '' } = options
  const { payload = { repository: { visibility: 'private' } } } = options
  const event = join(folder, 'event.json')
  writeFileSync(event, JSON.stringify(payload))
  for (const name of ['output', 'summary', 'state']) writeFileSync(join(folder, name), '')
  const inputs = {
    'hf-token': 'hf_ada',
    'github-token': githubToken,
    'input-dataset': 'ada/digits',
    'input-model': 'microsoft/resnet-50',
    'target-namespace': 'ada',
    trainer: 'command',
    command: 'echo trained',
    'expect-model': 'false',
    discussion: 'off',
    force: String(force),
  }
  const env = {
    PATH: process.env.PATH ?? '',
    GITHUB_REPOSITORY: 'ada/retrain',
    GITHUB_RUN_ID: '1',
    GITHUB_EVENT_NAME: eventName,
    GITHUB_EVENT_PATH: event,
    GITHUB_SHA: commit,
    GITHUB_OUTPUT: join(folder, 'output'),
    GITHUB_STEP_SUMMARY: join(folder, 'summary'),
    GITHUB_STATE: join(folder, 'state'),
    GITHUB_API_URL: github.url,
    HF_ENDPOINT: hub.url,
    RUNNER_TEMP: folder,
    ...Object.fromEntries(
      Object.entries(inputs).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]),
    ),
  }
  const args = ['--import', './test/node-setup.js', 'src/index.ts']
  return new Promise((resolve) => {
    execFile(process.execPath, args, { cwd: root, env }, (error, stdout) => {
      const code = typeof error?.code === 'number' ? error.code : 0
      const outputs = readFileSync(join(folder, 'output'), 'utf8')
      resolve({ code, lines: stdout.split('\n'), outputs })
    })
  })
}

const verdictOf = ({ outputs }: Ran) => /^verdict<<(.*)\r?\n(.*)\r?\n/m.exec(outputs)?.[2]
const ignored = /^::warning.*force is ignored: it counts only when a person starts the workflow/

describe('The input force', () => {
  test('It counts when a person starts the workflow.', async () => {
    expect(verdictOf(await runStep('workflow_dispatch'))).toBe('succeeded')
    const again = await runStep('workflow_dispatch', { force: true })
    expect(verdictOf(again)).toBe('succeeded')
    expect(again.lines.filter((line) => ignored.test(line))).toEqual([])
  })

  test.each(['schedule', 'push', 'workflow_run'])(
    'It is ignored with a warning for the event %s.',
    async (eventName) => {
      expect(verdictOf(await runStep('schedule'))).toBe('succeeded')
      const again = await runStep(eventName, { force: true })
      expect(verdictOf(again)).toBe('skipped')
      expect(again.lines.filter((line) => ignored.test(line))).toHaveLength(1)
    },
  )
})

test('A commit of the workflow that GitHub does not know is refused with what to do.', async () => {
  const { code, lines } = await runStep('schedule', { commit: 'd'.repeat(40) })
  expect(code).toBe(1)
  expect(lines).toContainEqual(expect.stringMatching(/^::error.*not a commit of ada\/retrain.*push it first/))
})

describe('Who can read the repository of the workflow', () => {
  const schedule = { payload: { schedule: '17 * * * *' } }
  const isNamed = ({ lines }: Ran) => lines.some((line) => line.includes('ada/digits'))
  const asked = () => github.requests.filter(({ path }) => path === '/repos/ada/retrain')

  const refused = /answered 400.*: "Bad (.*)"/m
  const words = ({ lines }: Ran) => refused.exec(lines.join('\n'))?.[1]

  beforeEach(() => {
    hub.setPrivate('ada/digits', true)
    hub.fault({ path: /ada\/digits\/revision/, status: 400, body: { error: 'Bad Ada/digits' }, times: 9 })
  })

  test('is asked of GitHub once where the event does not say it: a private log names its private dataset.', async () => {
    github.repositories[0]!.private = true
    expect(words(await runStep('schedule', schedule))).toBe('Ada/digits')
    expect(asked()).toHaveLength(1)
  })

  test.each<[string, () => void]>([
    ['it is public', () => undefined],
    [
      'GitHub does not say',
      () => void github.fault({ path: /^\/repos\/ada\/retrain$/, status: 500, times: 9 }),
    ],
  ])('A private dataset is not named where %s.', async (_when, prepare) => {
    prepare()
    const ran = await runStep('schedule', schedule)
    expect(asked().length).toBeGreaterThan(0)
    expect(words(ran)).toBe('the dataset')
    expect(isNamed(ran)).toBe(false)
  })

  test('is not asked where the event says it.', async () => {
    await runStep('schedule')
    expect(asked()).toEqual([])
  })
})
