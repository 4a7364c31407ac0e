import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { digitFiles } from '../../demo/digits.ts'
import type { RunResult } from '../../sandbox/runner/step/results.ts'
import { names, startWorld, type World } from '../../sandbox/world.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const text = readFileSync(join(root, '.github/workflows/smoke.yml'), 'utf8')

/** The Node that runs the tests, in place of what actions/setup-node would install. */
function setUpNode(): string {
  const folder = mkdtempSync(join(tmpdir(), 'setup-node-'))
  const inputs = { 'node-version': { description: 'x' }, 'package-manager-cache': { description: 'x' } }
  const runs = { using: 'node24', main: 'main.js' }
  writeFileSync(join(folder, 'action.yml'), JSON.stringify({ name: 'x', description: 'x', inputs, runs }))
  const line = JSON.stringify(`${dirname(process.execPath)}\n`)
  writeFileSync(
    join(folder, 'main.js'),
    `require('node:fs').appendFileSync(process.env.GITHUB_PATH, ${line})\n`,
  )
  return folder
}

describe('The smoke workflow, on the runner of the sandbox', () => {
  let world: World
  const node = setUpNode()

  beforeAll(async () => {
    world = await startWorld({
      files: digitFiles({ from: 0, perDigit: 6 }),
      runner: {
        ownWorkflows: false,
        workflows: {
          'smoke.yml': text,
          'good-token.yml': text.replaceAll('hf_not-a-token-of-anyone', names.hubToken),
          'silent.yml': text.replace('"$GITHUB_STEP_SUMMARY"; then', '/dev/null; then'),
        },
        actions: { 'actions/setup-node': node },
      },
    })
  })
  afterAll(async () => {
    await world.close()
    rmSync(node, { recursive: true })
  })

  const ended = async (workflow: string) => world.runner.finished((await world.runner.manual(workflow)).id)
  const errors = ({ jobs }: RunResult) =>
    jobs.flatMap(({ steps }) =>
      steps.flatMap(({ annotations }) =>
        annotations.flatMap(({ kind, message }) => (kind === 'error' ? [message] : [])),
      ),
    )

  test('A dry run with a bad token is refused, with outputs and a summary, and the workflow succeeds.', async () => {
    const run = await ended('smoke.yml')
    expect([run.conclusion, run.problems]).toEqual(['success', []])
    const steps = run.jobs.flatMap((job) => job.steps)
    const action = steps.find(({ id }) => id === 'retrain')
    expect(action).toMatchObject({ outcome: 'failure', outputs: { verdict: 'refused' } })
    expect(action?.summary).toMatch(/hf\\?-token/)
    expect(steps.find(({ name }) => name === 'It is refused, with a summary')?.summary).toMatch(/hf\\?-token/)
    expect(world.hub.jobs.all).toEqual([])
  })

  test('It fails for an action that accepts the token.', async () => {
    const run = await ended('good-token.yml')
    expect(run.conclusion).toBe('failure')
    expect(errors(run)).toContainEqual('outcome is "success", and must be "failure".')
  })

  test('It fails for an action that writes no summary.', async () => {
    const run = await ended('silent.yml')
    expect(run.conclusion).toBe('failure')
    expect(errors(run)).toContainEqual('The summary does not say that hf-token was refused.')
  })
})
