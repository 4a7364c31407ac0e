import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { createNotifier } from '../../../src/action/notify/notify.ts'
import type { Outcome, ReportContext } from '../../../src/domain/outcome.ts'
import type { Recipe } from '../../../src/domain/recipe.ts'
import { createApi } from '../../../src/http/api.ts'
import { defaultPolicy, withPolicy } from '../../../src/http/exchange.ts'
import { createNodeSend } from '../../../src/http/node-fetch.ts'
import { createHub } from '../../../src/hub/hub.ts'
import { readHubWords } from '../../../src/hub/words.ts'
import { createPending } from '../../../src/run/close/pending.ts'
import type { Log } from '../../../src/run/log/log.ts'
import { openRunLog } from '../../../src/run/log/run-log.ts'
import { retrain } from '../../../src/run/retrain.ts'
import { noRequest, type Request } from '../../../src/run/work.ts'
import { createTrainers } from '../../../src/trainers/registry.ts'
import { digitFiles } from '../../demo/digits.ts'
import { type SandboxHub, startHub } from '../../sandbox/hub/start.ts'
import { createFastClock } from '../../trainers/fast-clock.ts'
import { recipe } from '../../trainers/order.ts'
import { startRepository, type WorkflowRepository } from '../workflow-repository.ts'
import { createTurnstile, type Turnstile } from './turnstile.ts'

let home: WorkflowRepository
let hub: SandboxHub

beforeEach(async () => {
  home = await startRepository()
  hub = await startHub({ now: () => new Date(home.clock.now()) })
  hub.addUser({ name: 'ann', token: 'hf_ann' })
  hub.createBaseModel('microsoft/resnet-50')
  hub.createDataset({ name: 'ann/digits', files: digitFiles({ from: 0, perDigit: 5 }) })
})

afterEach(async () => {
  await Promise.all([hub.close(), home.github.close()])
})

const silent: Log = {
  info: () => undefined,
  debug: () => undefined,
  notice: () => undefined,
  warning: () => undefined,
  group: async (_title, work) => work(),
}

const scripts: Partial<Record<Recipe['trainer'], Partial<Recipe>>> = {
  job: { image: 'python:3.12', command: 'echo hello' },
  command: { command: 'true', wait: true },
}

/** Runs the action as a person's "Run workflow" does, through a turnstile. */
async function run(
  change: Partial<Recipe> & Pick<Recipe, 'trainer'>,
  request: Partial<Request> = {},
): Promise<{ outcome: Outcome; waves: Turnstile['waves'] }> {
  const turnstile = createTurnstile()
  const { clock } = home
  const send = createNodeSend()
  const http = withPolicy({ send: turnstile.around(send), policy: defaultPolicy, clock })
  const whole = turnstile.around(async (url: string, init: RequestInit) => {
    const answer = await fetch(url, init)
    const body = await answer.arrayBuffer()
    return new Response(body.byteLength === 0 ? null : body, answer)
  })
  const platformFetch: typeof fetch = async (input, init) => whole(String(input), init ?? {})
  const client = createHub({ url: hub.url, token: 'hf_ann', http, platformFetch, clock })
  const trainers = createTrainers({
    hub: client,
    classicApi: createApi({ baseUrl: hub.url, token: 'hf_ann', http, readWords: readHubWords, clock }),
    classicUiUrl: hub.url,
    // A command takes real time, in which the other clock could run far ahead.
    clock: createFastClock(1),
    environment: { PATH: process.env.PATH, RUNNER_ENVIRONMENT: 'self-hosted' },
    tempDir: '/tmp',
    workflowUrl: 'https://github.test/acme/retrain/actions/runs/1',
  })
  const report: ReportContext = {
    trigger: 'manual',
    delivery: null,
    workflowUrl: 'https://github.test/acme/retrain/actions/runs/1',
    repositoryVisibility: 'public',
    hubUrl: hub.url,
  }
  const { trainer } = change
  const asked = recipe({
    inputDataset: 'ann/digits',
    targetNamespace: 'ann',
    discussion: 'off',
    modelCard: false,
    wait: false,
    ...scripts[trainer],
    ...change,
  })
  const [outcome] = await retrain(
    [asked],
    { ...noRequest, byPerson: true, ...request },
    {
      hub: client,
      ledger: home.open(platformFetch),
      trainers,
      notify: createNotifier({ hub: client, report }),
      pending: createPending(
        () => undefined,
        () => undefined,
      ),
      report,
      workflow: {
        runId: '1',
        runAttempt: 1,
        url: report.workflowUrl,
        file: 'acme/retrain/.github/workflows/retrain.yml@refs/heads/main',
        config: null,
        ledger: '0a1b2c3d',
      },
      clock,
      log: silent,
      signal: new AbortController().signal,
    },
    openRunLog({ log: silent, startGroup: () => undefined, endGroup: () => undefined }),
  )
  if (outcome === undefined) throw new Error('There was no recipe.')
  return { outcome, waves: turnstile.waves }
}

/** The waves before the call that starts a paid run. */
function beforeMoney(waves: Turnstile['waves'], paid: RegExp): Turnstile['waves'] {
  const index = waves.findIndex((wave) => wave.some((call) => paid.test(call)))
  if (index === -1) throw new Error(`Nothing was paid: ${JSON.stringify(waves)}`)
  return waves.slice(0, index)
}

const order = /^POST \/api\/jobs\/ann$/

describe('Before a Job is paid, at most 6 waves of calls are waited for, and at most 24 calls made', () => {
  test.each(['autotrain', 'job'] as const)('by the trainer %s', async (trainer) => {
    const { outcome, waves } = await run({ trainer })
    expect(outcome).toMatchObject({ verdict: 'started' })
    const before = beforeMoney(waves, order)
    expect({ waves: before.length <= 6, calls: before.flat().length <= 24, before }).toMatchObject({
      waves: true,
      calls: true,
    })
  })

  test('by the trainer autotrain, also where it reads tables', async () => {
    const rows = Array.from({ length: 40 }, (_, n) => `text ${n},${n % 2 === 0 ? 'good' : 'bad'}`)
    hub.commit('ann/digits', { files: { 'train.csv': `text,target\n${rows.join('\n')}\n` } })
    const table = {
      task: 'text-classification',
      inputModel: 'microsoft/resnet-50',
      columnMapping: { text_column: 'text', target_column: 'target' },
    } as const
    const { outcome, waves } = await run({ trainer: 'autotrain', ...table }, { dryRun: true })
    expect(outcome.verdict).toMatch(/planned|refused/)
    expect(waves.length).toBeLessThanOrEqual(4)
  })
})

test('A command is recorded before it begins, because no other run can find it again: two waves more', async () => {
  const { outcome, waves } = await run({ trainer: 'command', expectModel: false })
  expect(outcome).toMatchObject({ verdict: 'succeeded' })
  const recorded = waves.findIndex((wave) => wave.some((call) => call.startsWith('PATCH ')))
  expect(recorded).toBeLessThanOrEqual(7)
})

test('When nothing is new, at most 3 waves are waited for', async () => {
  await run({ trainer: 'command', expectModel: false })
  const { outcome, waves } = await run({ trainer: 'command', expectModel: false }, { byPerson: false })
  expect(outcome).toMatchObject({ verdict: 'skipped' })
  expect(waves.length).toBeLessThanOrEqual(3)
})
