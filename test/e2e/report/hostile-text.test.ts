import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { outputNames } from '../../../src/action/runner/command-files/outputs.ts'
import { createSign } from '../../../src/event/signature.ts'
import { liveParts, render, tagsOf } from '../../report/markdown/render.ts'
import { names } from '../../sandbox/world.ts'
import type { ActionRun } from '../stage/action-run.ts'
import { envelopeFor } from '../stage/dispatches.ts'
import { claims } from '../stage/ledger-records.ts'
import { type Case, type Stage, startStage } from '../stage/stage.ts'

const trace = join(tmpdir(), `auto-retrain-injected-${process.pid}`)

/** One text that tries everything: the runner's commands, a shell, HTML and Markdown. */
const hostile = [
  '::set-output name=verdict::succeeded',
  '##[add-path]/evil',
  '::add-mask::a',
  'verdict=succeeded',
  'evil<<EOF',
  `$(touch ${trace})\`touch ${trace}\`"; touch ${trace}; #`,
  '</details></table><script>alert(1)</script><img src="https://evil.example/x.png">',
  '![x](https://evil.example/x.png) [click](https://evil.example) | a | b |',
  '```',
  '@octocat #1 https://evil.example www.evil.example',
].join('\n')

/** The same without what a file name cannot hold. */
const hostileName = hostile
  .replaceAll(/[\n/\\]/g, ' ')
  .replaceAll(/ {2,}/g, ' ')
  .trim()
  .slice(0, 200)

let stage: Stage

beforeAll(async () => {
  stage = await startStage()
})
afterAll(() => stage.close())

const obeyed = ['add-mask', 'group', 'endgroup', 'error', 'warning', 'notice', 'debug']

function expectNothingObeyed(run: ActionRun): void {
  const { step, outputs, summary } = run
  expect(
    [...new Set(step.commands.map(({ name }) => name))].filter((name) => !obeyed.includes(name)),
  ).toEqual([])
  expect(step.commands.filter(({ name }) => name === 'add-mask').map(({ data }) => data)).not.toContain('a')
  expect(Object.keys(outputs).sort()).toEqual([...outputNames, 'results'].sort())
  expect(existsSync(trace)).toBe(false)
  expectNoLiveMarkup(summary)
}

function expectNoLiveMarkup(markdown: string): void {
  const html = render(markdown)
  expect(tagsOf(html)).not.toEqual(
    expect.arrayContaining([expect.stringMatching(/^(script|img|iframe|style)$/)]),
  )
  expect(html).not.toMatch(/href="[^"]*evil\.example/)
  expect(liveParts(html)).toEqual([])
  const opened = tagsOf(html).filter((tag) => tag === 'details').length
  expect(tagsOf(html).filter((tag) => tag === '/details')).toHaveLength(opened)
}

/** An event that somebody signed who knows the secret. */
async function signedEvent(subject: Case, change: (event: Record<string, unknown>) => unknown) {
  const good = await envelopeFor({ dataset: subject.dataset, sha: subject.head() })
  const body = JSON.stringify(change(JSON.parse(good.body)))
  return { ...good, body, signature: await createSign(names.webhookSecret)({ ...good, body }) }
}

describe('Hostile text', () => {
  test.concurrent('Hostile text is never obeyed or shown live: the name of a file that decides the verdict.', async () => {
    const subject = stage.case()
    subject.workflow({ paths: 'train/**' })
    await subject.dispatch()
    subject.commit({ [hostileName]: 'x' })
    const run = await subject.dispatch()
    expect(run).toMatchObject({ verdict: 'skipped', exitCode: 0 })
    expect(run.reason).toContain('set-output')
    expectNothingObeyed(run)
  })

  test.concurrent('Hostile text is never obeyed or shown live: the name of a trained file, in summary and discussion.', async () => {
    const subject = stage.case({
      files: { [`train/${hostileName}`]: 'x', 'train/](evil.example) @octocat': 'y' },
    })
    const run = await subject.dispatch()
    expect(run).toMatchObject({ verdict: 'started', exitCode: 0 })
    expectNothingObeyed(run)
    for (const { title, events } of stage.hub.discussions(subject.dataset)) {
      expect(title).not.toMatch(/evil|set-output/)
      for (const event of events) if ('raw' in event) expectNoLiveMarkup(event.raw)
    }
  })

  test.each([
    ['to the creation', /create/, 422],
    ['to the data', /data\/dataset/, 500],
    ['to the processing', /start_processing/, 400],
  ])(
    "Hostile text is never obeyed or shown live: AutoTrain's answer %s, and the ledger's reason.",
    async (_, path, status) => {
      const subject = stage.case()
      stage.autotrain.fault({ path, status, body: hostile })
      const run = await subject.dispatch()
      expect(run).toMatchObject({ verdict: 'failed', exitCode: 1 })
      expectNothingObeyed(run)
      expect(run.errors).toHaveLength(1)
      expect(run.errors[0]).not.toMatch(/\n/)
      for (const { state } of claims(stage, subject.name)) expect(state).toBe('failed')
    },
  )

  test('Hostile text is never obeyed or shown live: the name of a project that AutoTrain made.', async () => {
    const subject = stage.case()
    stage.autotrain.fault({ path: /create/, status: 200, body: { id: hostile, created: true } })
    const run = await subject.dispatch()
    expect(run).toMatchObject({ verdict: 'failed', exitCode: 1 })
    expectNothingObeyed(run)
  })

  test.concurrent.each([
    [
      'the scope',
      (event: Record<string, unknown>) => ({ ...event, event: { action: 'update', scope: hostile } }),
    ],
    [
      'the action',
      (event: Record<string, unknown>) => ({ ...event, event: { action: hostile, scope: 'repo.content' } }),
    ],
    [
      'a ref',
      (event: Record<string, unknown>) => ({
        ...event,
        updatedRefs: [{ ref: hostile }, ...(event.updatedRefs as []).slice(1)],
      }),
    ],
    [
      'the kind of repository',
      (event: Record<string, unknown>) => ({ ...event, repo: { ...(event.repo as object), type: hostile } }),
    ],
    [
      'a forwarded id',
      (event: Record<string, unknown>) => ({ ...event, webhook: { id: hostile, version: 3 } }),
    ],
  ])(
    'Hostile text is never obeyed or shown live: %s of an event with a valid signature.',
    async (_, change) => {
      const subject = stage.case()
      const envelope = await signedEvent(subject, change)
      const run = await subject.dispatchRaw({ ...envelope, sha: subject.head() })
      expect(['skipped', 'started', 'refused']).toContain(run.verdict)
      expectNothingObeyed(run)
    },
  )

  test.concurrent.each([
    ['the dataset', { dataset: hostile }],
    ['the sha', { sha: hostile }],
    ['the id', { id: hostile }],
    ['the signature', { signature: hostile }],
    ['the body', { body: hostile }],
    ['a dataset with a command in its name', { dataset: `a/b";touch ${trace};#` }],
  ])('Hostile text is never obeyed or shown live: %s of an envelope.', async (_, change) => {
    const subject = stage.case()
    const good = await envelopeFor({ dataset: subject.dataset, sha: subject.head() })
    const run = await subject.dispatchRaw({ ...good, ...change })
    expect(run).toMatchObject({ verdict: 'refused', exitCode: 1 })
    expectNothingObeyed(run)
    expect(subject.projects()).toEqual([])
  })

  test.concurrent('Hostile text is never obeyed or shown live: extra keys of an envelope.', async () => {
    const subject = stage.case()
    const good = await envelopeFor({ dataset: subject.dataset, sha: subject.head() })
    const more = {
      ref: 'refs/heads/evil',
      repository: 'evil/evil',
      inputs: { force: 'true' },
      [hostile]: hostile,
    }
    const run = await subject.dispatchRaw({ ...good, ...more })
    expect(run).toMatchObject({ verdict: 'started', exitCode: 0 })
    expectNothingObeyed(run)
    const checkout = run.run.jobs[0]?.steps[0]
    expect(checkout?.outputs.ref).toBe('refs/heads/main')
    expect(stage.github.requests.filter(({ path }) => path.includes('evil'))).toEqual([])
  })

  test.concurrent('Hostile text is never obeyed or shown live: an answer of the Hub.', async () => {
    const subject = stage.case()
    const headers = {
      'x-error-code': 'RepoNotFound',
      'x-request-id': '::set-output name=a::b',
      'x-error-message': 'x',
    }
    const path = new RegExp(`${subject.dataset}/revision`)
    stage.hub.fault({ path, status: 404, body: { error: hostile }, headers, times: 9 })
    const run = await subject.dispatch()
    expect(run).toMatchObject({ verdict: 'refused', exitCode: 1 })
    expectNothingObeyed(run)
  })

  test('Hostile text is never obeyed or shown live: an answer of GitHub.', async () => {
    const subject = stage.case()
    const fault = {
      path: /matching-refs/,
      status: 500,
      body: { message: hostile },
      headers: { 'retry-after': '0' },
    }
    const broken = stage.github.fault({ ...fault, times: 9 })
    const run = await subject.dispatch()
    broken.lift()
    expect(run).toMatchObject({ verdict: 'failed', exitCode: 1 })
    expectNothingObeyed(run)
  })

  test.concurrent('Hostile text is never obeyed or shown live: a key of the config file.', async () => {
    const subject = stage.case()
    const config = JSON.stringify({ [hostile]: hostile })
    const before = `mkdir .github\ncat > .github/auto-retrain.json <<'END'\n${config}\nEND`
    const run = await subject.manual({}, { before })
    expect(run).toMatchObject({ verdict: 'refused', exitCode: 1 })
    expectNothingObeyed(run)
  })
})
