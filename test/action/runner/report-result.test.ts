import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Outcome } from '../../../src/domain/outcome.ts'
import { contextWith, outcomeWith, recipeWith } from '../../report/outcomes.ts'
import { publicationWith } from '../../report/publications.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const program = `
  import { reportResult } from './src/action/runner/report-result.ts'
  const { outcomes, context } = JSON.parse(process.env.GIVEN)
  await reportResult(outcomes, context)
`

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'report-result-test-'))
  for (const name of ['output', 'summary', 'state']) writeFileSync(join(folder, name), '')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** Reports in a process of its own, as the runner starts one. */
function report(outcomes: readonly Outcome[], environment: Record<string, string> = {}) {
  return new Promise<{
    code: number
    errors: string[]
    warnings: string[]
    notices: string[]
    stderr: string
    stdout: string
  }>((resolve) => {
    const env = {
      PATH: process.env.PATH ?? '',
      GITHUB_OUTPUT: join(folder, 'output'),
      GITHUB_STEP_SUMMARY: join(folder, 'summary'),
      GITHUB_STATE: join(folder, 'state'),
      GIVEN: JSON.stringify({ outcomes, context: contextWith() }),
      ...environment,
    }
    const args = ['--import', './test/node-setup.js', '--input-type=module', '-e', program]
    execFile(process.execPath, args, { cwd: root, env }, (error, stdout, stderr) => {
      const of = (kind: string) => stdout.split('\n').filter((line) => line.startsWith(`::${kind} `))
      const annotations = { errors: of('error'), warnings: of('warning'), notices: of('notice') }
      resolve({ code: Number(error?.code ?? 0), ...annotations, stderr, stdout })
    })
  })
}

const written = (name: string) => readFileSync(join(folder, name), 'utf8')
const nowhere = () => join(folder, 'missing', 'file')

test('A step that succeeded leaves outputs, summary and state, and no error.', async () => {
  expect(await report([outcomeWith()])).toMatchObject({ code: 0, errors: [] })
  expect(written('output')).toContain('verdict')
  expect(written('summary')).toContain('Model trained')
  expect(written('state')).toContain('finished')
})

test('A skip due to an earlier failure is a warning, also beside the success of another recipe.', async () => {
  const warned = outcomeWith({ verdict: 'skipped', isWarning: true, reason: 'Not retrying.' })
  const calm = outcomeWith({ verdict: 'skipped', reason: 'Nothing changed.' })
  const beside = await report([outcomeWith(), warned, calm])
  expect(beside.warnings).toEqual(['::warning title=auto-retrain::Not retrying.'])
  expect(beside.notices).toEqual([])
  const alone = await report([warned, calm])
  expect(alone).toMatchObject({
    code: 0,
    warnings: ['::warning title=auto-retrain::Not retrying.'],
    notices: ['::notice title=auto-retrain::Skipped. Nothing changed.'],
  })
})

describe('A model that was to be published', () => {
  const publication = publicationWith({
    end: 'held',
    visibility: 'private',
    reason: 'acme/numbers has commits of others: set publish-over.',
  })
  const recipe = recipeWith({ publish_to: 'acme/numbers' })

  test('When it is held back, a notice says why, and the step succeeds.', async () => {
    const open = publicationWith({ ...publication, visibility: 'public' })
    expect(await report([outcomeWith({ recipe, publication: open })])).toMatchObject({
      code: 0,
      notices: [
        '::notice title=auto-retrain::Not published. acme/numbers has commits of others: set publish-over.',
      ],
      warnings: [],
    })
    expect(written('output')).toMatch(/^published<<.*\nfalse$/m)
  })

  test('Its name stands in the log: the workflow says where it publishes.', async () => {
    const { notices } = await report([outcomeWith({ recipe, publication })])
    expect(notices).toEqual([`::notice title=auto-retrain::Not published. ${publication.reason}`])
  })
})

describe('A result that cannot be written', () => {
  test('It fails the step with one sentence that has the reason and the URL of the run.', async () => {
    const outcome = outcomeWith()
    const { code, errors, stderr } = await report([outcome], { GITHUB_OUTPUT: nowhere() })
    expect(code).toBe(1)
    expect(stderr).toBe('')
    expect(errors).toEqual([
      expect.stringMatching(
        /^::error title=auto-retrain::The result of this step could not be written \(outputs: GITHUB_OUTPUT \(.*missing.*\) cannot be written: .*missing.*\)\. It was: /,
      ),
    ])
    expect(errors[0]).toContain(outcome.reason)
    expect(errors[0]).toContain(outcome.run?.url)
  })

  test('The other parts are written when the outputs cannot be.', async () => {
    await report([outcomeWith()], { GITHUB_OUTPUT: nowhere() })
    expect(written('summary')).toContain('Model trained')
    expect(written('state')).toContain('finished')
  })

  test('It does not hide why the run itself failed.', async () => {
    const failed = outcomeWith({ verdict: 'failed', reason: 'The Job failed: no classes.' })
    const { errors } = await report([failed], { GITHUB_OUTPUT: nowhere(), GITHUB_STATE: nowhere() })
    expect(errors).toHaveLength(2)
    expect(errors[0]).toBe('::error title=auto-retrain::The Job failed: no classes.')
    expect(errors[1]).toMatch(/\(outputs: .*; state: .*\)/)
  })

  test('A summary that cannot be written is a warning that names the file.', async () => {
    const { code, errors, warnings } = await report([outcomeWith()], { GITHUB_STEP_SUMMARY: nowhere() })
    expect({ code, errors }).toEqual({ code: 0, errors: [] })
    expect(warnings).toEqual([
      expect.stringMatching(
        /There is no summary: GITHUB_STEP_SUMMARY \(.*missing.*\) cannot be written: .*\./,
      ),
    ])
  })

  test('A server without summaries is not warned about.', async () => {
    expect(await report([outcomeWith()], { GITHUB_STEP_SUMMARY: '' })).toMatchObject({
      code: 0,
      errors: [],
      warnings: [],
    })
  })
})
