import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Fault } from '../../sandbox/faults.ts'
import { names } from '../../sandbox/world.ts'
import { actionRun, stepsShown } from '../stage/action-run.ts'
import { claims, ledgerLines } from '../stage/ledger-records.ts'
import { type Case, type Stage, startStage } from '../stage/stage.ts'
import { until } from '../stage/until.ts'

let stage: Stage

beforeAll(async () => {
  stage = await startStage({ runner: { waits: { interrupt: 100, terminate: 100 } } })
})
afterAll(() => stage.close())

const calls = [
  { step: 'Create the AutoTrain project', path: /^\/projects\/create$/ },
  { step: 'Add the dataset to the project', path: /^\/projects\/\d+\/data\/dataset$/ },
  { step: 'Start processing the data', path: /^\/projects\/\d+\/data\/start_processing$/ },
]
const hostile =
  '::set-output name=verdict::succeeded\n##[add-path]/evil\n</details><img src=https://evil.example/x.png> ' +
  '@octocat `$(id)` [a](https://evil.example) | x '

const answers: {
  title: string
  fault: Omit<Fault, 'path'>
  reason: RegExp
  isCertain: boolean
  sequel?: true
}[] = [
  {
    title: 'an internal error',
    fault: { status: 500, body: { detail: 'oops' } },
    reason: /AutoTrain answered 500: "oops"\.$/,
    isCertain: false,
    sequel: true,
  },
  {
    title: 'a refusal with a hostile body of 100 kB',
    fault: { status: 422, body: hostile.repeat(500) },
    reason: /AutoTrain answered 422: "::set-output name=verdict::succeeded ##\[add-path\]/,
    isCertain: true,
  },
  {
    title: 'a refusal of the token',
    fault: { status: 401, body: { detail: 'Invalid token' } },
    reason:
      /AutoTrain answered 401: "Invalid token"\. Create a new token at \S+\/settings\/tokens and store it as the secret of hf-token\.$/,
    isCertain: true,
    sequel: true,
  },
  {
    title: 'a 404',
    fault: { status: 404, body: '<html>404</html>' },
    reason:
      /AutoTrain answered 404: a page of HTML from \S+\. This API is retired, use trainer: autotrain\.$/,
    isCertain: true,
  },
  {
    title: 'a 410',
    fault: { status: 410, body: '' },
    reason: /AutoTrain answered 410, without a reason\. This API is retired, use trainer: autotrain\.$/,
    isCertain: true,
  },
  {
    title: 'a connection that is cut',
    fault: { reset: true },
    reason: /POST http\S+ got no answer: ECONNRESET/,
    isCertain: false,
  },
]

describe("A failure in the guide's pipeline", () => {
  // Faults strike whoever comes first: for each of the calls a world of its own, and one case after the other in it.
  const stages: Stage[] = []
  const turns: Promise<unknown>[] = []
  beforeAll(async () => {
    stages.push(...(await Promise.all(calls.map(() => startStage()))))
  })
  afterAll(() => Promise.all(stages.map((each) => each.close())))

  const rows = answers.flatMap((answer) => calls.map((call, index) => ({ ...answer, ...call, index })))
  test.concurrent.each(rows)('The pipeline stops and says so when "$step" meets $title.', (row) => {
    const { index } = row
    const turn = (turns[index] ?? Promise.resolve()).then(() => expectStop(stages[index] as Stage, row))
    turns[index] = turn.catch(() => {})
    return turn
  })
})

async function expectStop(
  on: Stage,
  {
    fault,
    reason,
    isCertain,
    sequel,
    step,
    path,
    index,
  }: (typeof answers)[number] & (typeof calls)[number] & { index: number },
): Promise<void> {
  const subject = on.case()
  const from = on.autotrain.requests.length
  on.autotrain.fault({ ...fault, path })
  const run = await subject.dispatch()

  expect(run).toMatchObject({ verdict: 'failed', exitCode: 1, outputs: { processed: 'true', 'run-id': '' } })
  expect(run.reason).toMatch(reason)
  expect(run.reason.length).toBeLessThan(600)
  expect(run.errors).toHaveLength(1)
  expect(on.autotrain.requests.slice(from)).toHaveLength(index + 1)
  expect(on.hub.discussions(subject.dataset)).toEqual([])
  expect(stepsShown(run).slice(-1 - index)).toEqual([
    ...calls.slice(0, index).map((before) => `✅ ${before.step}`),
    `❌ ${step}`,
  ])
  expect(run.summary).toMatch(/^## ❌/m)

  const neverBegan = index === 0 && isCertain
  expect(claims(on, subject.name)).toMatchObject([{ attempt: 1, state: 'failed', began: !neverBegan }])
  if (sequel) await expectNextAttempt(on, subject)
}

/** A project that could not be prepared is prepared again by the next check, as another attempt. */
async function expectNextAttempt(on: Stage, subject: Case): Promise<void> {
  expect(await subject.schedule()).toMatchObject({ verdict: 'started', exitCode: 0 })
  expect(claims(on, subject.name).at(-1)).toMatchObject({ attempt: 2, state: 'started' })
  expect(
    subject.projects().filter(({ calls: made }) => made.at(-1) === 'data/start_processing'),
  ).toHaveLength(1)
  expect(on.hub.discussions(subject.dataset)).toHaveLength(1)
}

describe("The guide's service", () => {
  test("The guide's service is not asked to train a project that already exists.", async () => {
    const subject = stage.case()
    const project = `${subject.name}-${subject.head().slice(0, 7)}`
    await fetch(`${stage.autotrain.url}/projects/create`, {
      method: 'POST',
      headers: { authorization: `Bearer ${names.hubToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        username: 'acme',
        proj_name: project,
        task: 18,
        config: { language: 'unk', max_models: 1 },
      }),
    })
    const run = await subject.manual()
    expect(run).toMatchObject({ verdict: 'failed', exitCode: 1 })
    expect(run.reason).toContain(`AutoTrain already has a project acme/${project}`)
    expect(subject.projects().map(({ calls: made }) => made)).toEqual([['create', 'create']])
  })

  test("A creation that the guide's service answers without a project is not trusted.", async () => {
    const subject = stage.case()
    stage.autotrain.fault({ path: /create/, status: 200, body: { id: '../../evil', created: true } })
    const run = await subject.manual()
    expect(run).toMatchObject({ verdict: 'failed', exitCode: 1 })
    expect(run.reason).toMatch(/"Create the AutoTrain project": AutoTrain answered 200/)
    expect(claims(stage, subject.name)).toMatchObject([{ state: 'failed' }])
  })

  test("The guide's service takes no params: they are refused before anything is claimed.", async () => {
    const subject = stage.case()
    const run = await subject.manual({ params: '{"epochs": 3}' })
    expect(run).toMatchObject({ verdict: 'refused', exitCode: 1 })
    expect(run.reason).toMatch(/^params: the trainer autotrain-classic does not support hyperparameters/)
    expect(ledgerLines(stage, subject.name)).toEqual([])
  })

  test("With valid-split, the guide's service gets training and validation data in two calls.", async () => {
    const subject = stage.case()
    await subject.manual({ 'valid-split': 'validation' })
    expect(subject.projects()[0]?.data.map(({ datasetSplit, split }) => [datasetSplit, split])).toEqual([
      ['train', 1],
      ['validation', 2],
    ])
  })
})

test.each(calls)(
  'A cancellation while "$step" hangs ends the run and closes its record.',
  async ({ path }) => {
    const subject = stage.case()
    const hanging = stage.autotrain.fault({ path, hang: true })
    const started = stage.runner.manual(`${subject.name}.yml`)
    await until(() => hanging.hits === 1)
    const cancelled = actionRun(await stage.runner.cancel((await started).id))
    expect(cancelled.run.conclusion).toBe('cancelled')
    expect(claims(stage, subject.name)).toMatchObject([{ attempt: 1, state: 'cancelled' }])
    expect(stage.hub.discussions(subject.dataset)).toEqual([])
    expect(await subject.schedule()).toMatchObject({
      verdict: 'skipped',
      reason: expect.stringMatching(
        /^Not retrying: the training on [0-9a-f]{7} was cancelled with its workflow run \(.*Run workflow/,
      ),
    })
  },
)
