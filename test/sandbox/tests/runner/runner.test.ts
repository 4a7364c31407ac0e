import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, test } from '@jest/globals'
import {
  type Fixture,
  type FixtureOptions,
  jobOf,
  startFixture,
  stepOf,
  workflowOf,
} from '../../runner/fixture.ts'
import { readWorkflows } from '../../runner/workflow/workflow.ts'

let fixture: Fixture | undefined

afterEach(async () => {
  await fixture?.close()
  fixture = undefined
})

async function start(options: FixtureOptions = {}): Promise<Fixture> {
  fixture = await startFixture(options)
  return fixture
}

const printEnvironment = "for (const pair of Object.entries(process.env)) console.log(pair.join('='))"

test('A dispatch that GitHub accepts starts the workflow, and its action finds the payload in the event file.', async () => {
  const { github, runner } = await start({
    main: `
      const { readFileSync, appendFileSync } = require('node:fs')
      const event = JSON.parse(readFileSync(process.env.GITHUB_EVENT_PATH, 'utf8'))
      appendFileSync(process.env.GITHUB_OUTPUT, 'dataset=' + event.client_payload.dataset + '\\n')`,
  })
  await fetch(`${github.url}/repos/acme/retrain/dispatches`, {
    method: 'POST',
    headers: { authorization: `Bearer ${github.issueToken('acme/retrain', { contents: 'write' })}` },
    body: JSON.stringify({ event_type: 'hub-webhook', client_payload: { dataset: 'acme/cats' } }),
  })
  await runner.settled()
  const [run] = runner.runs
  expect(run).toMatchObject({ name: 'hub-webhook', event: 'repository_dispatch', conclusion: 'success' })
  expect(run && stepOf(run, 'action').outputs).toEqual({ dataset: 'acme/cats' })
})

test('A dispatch starts only workflows whose types name its event.', async () => {
  const { runner } = await start({
    workflow:
      'on: { repository_dispatch: { types: [a, b] } }\njobs: { j: { runs-on: x, steps: [{ run: "true" }] } }',
  })
  expect(await runner.dispatch('c')).toEqual([])
  expect(await runner.dispatch('b')).toMatchObject([{ path: '.github/workflows/fixture.yml' }])
  await runner.settled()
})

test('A workflow file that GitHub would not accept fails to start and says why.', async () => {
  const { runner } = await start({ workflow: 'on: repository_dispatch\njobs: { j: { steps: [] } }' })
  const [run] = await runner.dispatch('x')
  expect(run).toMatchObject({ conclusion: 'startup_failure' })
  expect(run?.problems.join()).toContain('runs-on')
})

test('A workflow that uses a feature the sandbox lacks fails to start.', async () => {
  const { runner } = await start({
    workflow:
      'on: repository_dispatch\njobs: { j: { runs-on: x, strategy: { matrix: { n: [1] } }, steps: [{ run: "true" }] } }',
  })
  const [run] = await runner.dispatch('x')
  expect(run?.problems).toEqual(["Job 'j': the sandbox runner does not know 'strategy'."])
})

test.each(['.github/workflows', 'examples'])(
  'The runner understands every workflow of %s in this repository.',
  async (name) => {
    const folder = fileURLToPath(new URL(`../../../../${name}`, import.meta.url))
    const files = await readWorkflows({ folder, extra: {} })
    expect(files.length).toBeGreaterThan(0)
    expect(files.flatMap(({ problems }) => problems)).toEqual([])
  },
)

describe('The environment of an action', () => {
  test('An action gets its inputs in upper case with hyphens kept, spaces as underscores and defaults filled in.', async () => {
    const { run } = await start({
      action: `
name: Fixture
description: x
inputs:
  input-dataset: { description: x }
  two words: { description: x, default: '\${{ github.repository }}' }
  github-token: { description: x, default: '\${{ github.token }}' }
  needed: { description: x, required: true }
runs: { using: node24, main: main.js }`,
      main: printEnvironment,
      workflow: workflowOf('- uses: ./\n  id: action\n  with: { input-dataset: acme/cats, Extra: 1 }'),
    })
    const step = stepOf(await run(), 'action')
    const lines = step.rawOutput.split('\n')
    expect(lines).toEqual(
      expect.arrayContaining([
        'INPUT_INPUT-DATASET=acme/cats',
        'INPUT_TWO_WORDS=acme/retrain',
        'INPUT_NEEDED=',
      ]),
    )
    expect(lines.some((line) => /^INPUT_GITHUB-TOKEN=ghs_/.test(line))).toBe(true)
    expect(step.conclusion).toBe('success')
    expect(step.annotations).toEqual([
      {
        kind: 'warning',
        message:
          "Unexpected input(s) 'Extra', valid inputs are ['input-dataset', 'two words', 'github-token', 'needed']",
      },
    ])
  })

  test('An action gets the variables of the runner, the machine and the workflow, and no GITHUB_TOKEN.', async () => {
    const { run, github } = await start({
      main: printEnvironment,
      environment: { HF_ENDPOINT: 'http://127.0.0.1:1' },
      variables: { PLACE: 'here' },
      workflow: workflowOf(
        `- uses: ./\n  id: action\n  env: { STEP: "\${{ vars.PLACE }}" }`,
        'env: { TOP: top }',
      ),
    })
    const finished = await run()
    const lines = stepOf(finished, 'action').rawOutput.split('\n')
    const expected = [
      `GITHUB_API_URL=${github.url}`,
      'GITHUB_ACTION=action',
      'GITHUB_ACTOR=acme',
      'GITHUB_EVENT_NAME=repository_dispatch',
      'GITHUB_JOB=only',
      'GITHUB_REF=refs/heads/main',
      'GITHUB_REPOSITORY=acme/retrain',
      'GITHUB_REPOSITORY_OWNER=acme',
      'GITHUB_RUN_ATTEMPT=1',
      `GITHUB_RUN_ID=${finished.id}`,
      `GITHUB_SHA=${github.repositories[0]?.headSha}`,
      'GITHUB_WORKFLOW=.github/workflows/fixture.yml',
      'GITHUB_WORKFLOW_REF=acme/retrain/.github/workflows/fixture.yml@refs/heads/main',
      'GITHUB_ACTIONS=true',
      'CI=true',
      'RUNNER_OS=Linux',
      'HF_ENDPOINT=http://127.0.0.1:1',
      'TOP=top',
      'STEP=here',
    ]
    expect(expected.filter((line) => !lines.includes(line))).toEqual([])
    expect(lines.filter((line) => /^(GITHUB_TOKEN|RUNNER_DEBUG|NODE_OPTIONS)=/.test(line))).toEqual([])
  })

  test('An action gets an empty workspace before a checkout, and the files of the repository after it.', async () => {
    const { run } = await start({
      repositoryFiles: { 'data/a.txt': 'from the folder', 'b.txt': 'old' },
      files: { 'b.txt': 'new' },
      workflow: workflowOf('- run: cat data/a.txt b.txt\n  id: after').replace(
        '- uses: actions',
        '- run: ls -A\n        id: before\n      - uses: actions',
      ),
    })
    const finished = await run()
    expect(stepOf(finished, 'before').rawOutput).toBe('')
    expect(stepOf(finished, 'after').rawOutput).toBe('from the foldernew')
  })

  test('An action whose folder was not checked out fails with a hint to check out.', async () => {
    const { run } = await start({ workflow: workflowOf('- uses: ./elsewhere\n  id: action') })
    const finished = await run()
    expect(finished.conclusion).toBe('failure')
    expect(stepOf(finished, 'action').annotations[0]?.message).toContain(
      'Did you forget to run actions/checkout',
    )
  })
})

test('An action of another repository runs from the folder that stands for it.', async () => {
  const { run, folder } = await start({
    main: 'console.log(process.env.GITHUB_ACTION_REPOSITORY, process.env.GITHUB_ACTION_REF)',
    actions: {},
    workflow: workflowOf('- uses: acme/elsewhere@v1\n  id: action'),
  })
  const refused = await run()
  expect(jobOf(refused).annotations[0]?.message).toContain('cannot download acme/elsewhere@v1')
  expect(jobOf(refused).steps).toEqual([])
  await fixture?.close()
  const { run: again } = await start({
    main: 'console.log(process.env.GITHUB_ACTION_REPOSITORY, process.env.GITHUB_ACTION_REF)',
    actions: { 'acme/elsewhere': folder },
    workflow: workflowOf('- uses: acme/elsewhere@v1\n  id: action'),
  })
  expect((await again()).conclusion).toBe('failure')
})

test('A step with another exit code than 0 fails, and later steps are skipped except with failure() and always().', async () => {
  const { run } = await start({
    main: 'process.exitCode = 3',
    workflow: workflowOf(`
- uses: ./
  id: action
- run: echo never
  id: next
- run: echo failed
  id: failed
  if: failure()
- run: echo always
  id: always
  if: always()
- run: echo \${{ steps.action.outcome }} \${{ steps.next.conclusion }}
  id: last
  if: \${{ !cancelled() && steps.action.outcome == 'failure' }}`),
  })
  const finished = await run()
  expect(finished.conclusion).toBe('failure')
  expect(stepOf(finished, 'action')).toMatchObject({ exitCode: 3, conclusion: 'failure', annotations: [] })
  expect(stepOf(finished, 'next').conclusion).toBe('skipped')
  expect(stepOf(finished, 'failed').rawOutput).toBe('failed\n')
  expect(stepOf(finished, 'always').rawOutput).toBe('always\n')
  expect(stepOf(finished, 'last').rawOutput).toBe('failure skipped\n')
})

test('A step with continue-on-error does not fail its job.', async () => {
  const { run } = await start({
    workflow: workflowOf('- run: exit 4\n  id: may\n  continue-on-error: true\n- run: "true"\n  id: next'),
  })
  const finished = await run()
  expect(finished.conclusion).toBe('success')
  expect(stepOf(finished, 'may')).toMatchObject({ exitCode: 4, outcome: 'failure', conclusion: 'success' })
  expect(stepOf(finished, 'next').conclusion).toBe('success')
})

test('A run: step is bash -e, and an expression with untrusted text becomes part of the script.', async () => {
  const { run } = await start({
    workflow: workflowOf(`
- run: |
    echo 'it''s' \${HOME:+home} { } "$SAFE"
    echo "dataset: \${{ github.event.client_payload.dataset }}"
    false
    echo never
  id: script
  env:
    SAFE: \${{ github.event.client_payload.dataset }}`),
  })
  const step = stepOf(await run({ dataset: 'a"; echo injected #' }), 'script')
  expect(step.rawOutput).toBe('its home { } a"; echo injected #\ndataset: a\ninjected\n')
  expect(step).toMatchObject({ exitCode: 1, conclusion: 'failure' })
  expect(step.annotations).toEqual([{ kind: 'error', message: 'Process completed with exit code 1.' }])
})

test('Multi-line texts with expressions follow the rules of YAML.', async () => {
  const { run } = await start({
    workflow: workflowOf(
      `
- name: >-
    folded
    \${{ github.job }}
  id: folded
  run: |
    cat <<END
      two \${{ 1 }}
    END
- run: "echo 'a\\tb'\\
    \${{ 'c' }}"
  id: quoted`,
      `run-name: "event\n\n  \${{ github.event.action }}"`,
    ),
  })
  const finished = await run()
  expect(finished.name).toBe('event\nhub-webhook')
  expect(stepOf(finished, 'folded')).toMatchObject({ name: 'folded only', rawOutput: '  two 1\n' })
  expect(stepOf(finished, 'quoted').rawOutput).toBe('a\tbc\n')
})

describe('A workflow that is started by hand', () => {
  const show = `- run: |\n    cat <<'END'\n    \${{ toJSON(inputs) }}\n    END\n  id: show`
  const workflow = workflowOf(show).replace(
    '  workflow_dispatch:',
    `  workflow_dispatch:
    inputs:
      dry-run: { type: boolean, default: false }
      revision: { description: x }
      count: { type: number, default: 2 }
      size: { type: choice, options: [small, large], default: small }
      why: { required: true }`,
  )

  test('The inputs of a manual run arrive typed, with defaults for the rest.', async () => {
    const { runner } = await start({ workflow })
    const { id } = await runner.manual('fixture.yml', { why: 'test', 'dry-run': 'true' })
    const run = await runner.finished(id)
    expect(run.event).toBe('workflow_dispatch')
    expect(JSON.parse(stepOf(run, 'show').rawOutput)).toEqual({
      'dry-run': true,
      revision: '',
      count: 2,
      size: 'small',
      why: 'test',
    })
  })

  const refused: [string, Record<string, string>, RegExp][] = [
    ['without an input that is required', {}, /Required input 'why' not provided/],
    ['with an unknown input', { why: 'x', nope: '1' }, /Unexpected inputs provided: \["nope"\]/],
    ['with a choice that is not offered', { why: 'x', size: 'huge' }, /'huge' for input 'size'/],
    ['with an invalid boolean', { why: 'x', 'dry-run': 'yes' }, /is not a boolean/],
  ]
  test.each(refused)('A manual run is refused %s.', async (_why, inputs, message) => {
    const { runner } = await start({ workflow })
    await expect(runner.manual('fixture.yml', inputs)).rejects.toThrow(message)
    expect(runner.runs).toEqual([])
  })
})

test('The schedule starts a workflow with its cron expression in the event.', async () => {
  const { runner } = await start({
    workflow: workflowOf(`- run: echo '\${{ github.event.schedule }}'\n  id: show`),
  })
  const { id } = await runner.schedule('.github/workflows/fixture.yml')
  const run = await runner.finished(id)
  expect(run).toMatchObject({ event: 'schedule', conclusion: 'success' })
  expect(stepOf(run, 'show').rawOutput).toBe('0 5 * * *\n')
})
