import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { createPending } from '../../src/run/close/pending.ts'
import { findSecrets } from '../e2e/stage/text/secret-forms.ts'
import { type SandboxGitHub, startGitHub } from '../sandbox/github/github.ts'
import { type SandboxHub, startHub } from '../sandbox/hub/start.ts'
import { order } from '../trainers/order.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const dataset = 'acme/unreleased-digits'
const secrets = {
  'hf-token': 'hf_Adas+Token/With=Signs&<Only>"Here"%41\\n',
  'webhook-secret': 'current "secret" & <signs> / +%20 \\ 0001',
  'webhook-secret-previous': 'previous "secret" & <signs> / +%20 \\ 0002',
  'github-token': 'ghs_WritesTheLedgerWithThis0003',
}

let hub: SandboxHub
let github: SandboxGitHub
let folder: string

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'step-debug-test-'))
  hub = await startHub()
  hub.addUser({ name: 'ada', token: secrets['hf-token'], orgs: ['acme'] })
  hub.createBaseModel('microsoft/resnet-50')
  hub.createDataset({ name: dataset, private: true, files: { 'train/0/a.txt': 'zero' } })
  github = await startGitHub({
    repositories: [{ name: 'acme/retrain', tokens: { [secrets['github-token']]: { contents: 'write' } } }],
  })
})
afterEach(async () => {
  await Promise.all([hub.close(), github.close()])
  rmSync(folder, { recursive: true, force: true })
})

/** Runs the program with step debug on, in a public repository; returns what it printed, without the masks. */
function runProgram(environment: Record<string, string> = {}): Promise<string> {
  const event = join(folder, 'event.json')
  writeFileSync(event, JSON.stringify({ repository: { visibility: 'public' } }))
  for (const name of ['output', 'summary', 'state']) writeFileSync(join(folder, name), '')
  const inputs = {
    ...secrets,
    'input-dataset': dataset,
    'input-model': 'microsoft/resnet-50',
    'target-namespace': 'acme',
    trainer: 'command',
    command: 'echo trained',
  }
  const env = {
    PATH: process.env.PATH ?? '',
    RUNNER_DEBUG: '1',
    ACTIONS_STEP_DEBUG: 'true',
    GITHUB_REPOSITORY: 'acme/retrain',
    GITHUB_RUN_ID: '1',
    GITHUB_EVENT_NAME: 'workflow_dispatch',
    GITHUB_EVENT_PATH: event,
    GITHUB_SHA: github.repositories[0]?.headSha ?? '',
    GITHUB_OUTPUT: join(folder, 'output'),
    GITHUB_STEP_SUMMARY: join(folder, 'summary'),
    GITHUB_STATE: join(folder, 'state'),
    GITHUB_API_URL: github.url,
    HF_ENDPOINT: hub.url,
    RUNNER_TEMP: folder,
    ...Object.fromEntries(
      Object.entries(inputs).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]),
    ),
    ...environment,
  }
  const args = ['--import', './test/node-setup.js', 'src/index.ts']
  return new Promise((resolve) => {
    execFile(process.execPath, args, { cwd: root, env }, (_error, stdout, stderr) => {
      resolve(`${stdout}\n${stderr}`.replaceAll(/^::add-mask::.*$/gm, ''))
    })
  })
}

const debugLines = (output: string) =>
  output.split('\n').flatMap((line) => /^::debug::(.*)$/.exec(line)?.[1] ?? [])

/** What a service answers that sends back what it was sent. */
const echo = () => {
  const values = Object.values(secrets)
  const encoded = values.map((value) => Buffer.from(value).toString('base64'))
  return { error: `You sent ${[...values, ...encoded, ...values.map(encodeURIComponent)].join(' ')}` }
}

describe('The step with step debug on', () => {
  test('It prints one line for each HTTP try, with method, origin, path, status and time.', async () => {
    const lines = debugLines(await runProgram({ 'INPUT_DRY-RUN': 'true' }))
    expect(lines).toContainEqual(
      expect.stringMatching(
        `^GET ${hub.url}/api/datasets/DATASET/revision/main: 200 in \\d+ ms \\(try 1\\)$`,
      ),
    )
    expect(lines).toContainEqual(
      expect.stringMatching(`^GET ${github.url}/repos/acme/retrain/git/matching-refs/.*: 200 in \\d+ ms`),
    )
  })

  test('It prints the chain of causes of a failure.', async () => {
    hub.fault({ path: /\/revision\//, status: 401, body: echo(), times: 9 })
    const lines = debugLines(await runProgram())
    const first = lines.findIndex((line) => line.startsWith('Error: '))
    expect(lines[first]).toMatch(/^Error: Refused: /)
    expect(lines[first + 1]).toMatch(/^Caused by: HttpError: GET .* answered 401/)
  })

  test.each([
    ['a dry run', { 'INPUT_DRY-RUN': 'true' }, () => {}],
    [
      'a Hub that sends back its token',
      {},
      () => hub.fault({ path: /\/tree\//, status: 422, body: echo(), times: 9 }),
    ],
    [
      'a Hub that sends back its token in headers',
      {},
      () =>
        hub.fault({
          path: /./,
          status: 403,
          headers: { 'x-request-id': secrets['hf-token'], 'x-error-message': secrets['hf-token'] },
          times: 9,
        }),
    ],
    [
      'a GitHub that sends back its token',
      {},
      () => github.fault({ path: /./, status: 403, body: echo(), times: 99 }),
    ],
    ['a secret in an input that is shown', { INPUT_REVISION: secrets['webhook-secret'] }, () => {}],
  ])('It prints no secret and no private name after %s.', async (_what, environment, arrange) => {
    arrange()
    const output = await runProgram(environment)
    expect(debugLines(output)).not.toEqual([])
    expect(findSecrets(output, secrets)).toEqual([])
    expect(output).not.toContain('unreleased-digits')
  })

  test('Its post prints why a training could not be stopped, and no secret.', async () => {
    let state = ''
    const pending = createPending((json) => {
      state = json
    })
    pending.add({
      order: order({ inputDataset: dataset }),
      run: null,
      process: null,
      claim: 'refs/auto-retrain/a/b',
      ended: null,
    })
    hub.fault({ path: /\/jobs\//, status: 403, body: echo(), times: 99 })
    const output = await runProgram({ STATE_isPost: 'true', STATE_pending: state })
    expect(output).toMatch(/^::error title=auto-retrain::The training digits-1 /m)
    expect(debugLines(output)).toContainEqual(expect.stringMatching(/^Error: HttpError: GET .* answered 403/))
    expect(findSecrets(output, secrets)).toEqual([])
    expect(output).not.toContain('unreleased-digits')
  })
})
