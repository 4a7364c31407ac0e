import { execFileSync } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { blockUnder } from '../../docs/page-blocks.ts'
import { names } from '../../sandbox/world.ts'
import { after as eventsOf } from '../stage/action-run.ts'
import { type Stage, startStage } from '../stage/stage.ts'
import { pushModel, runnerScript } from '../stage/trainings.ts'

const page = 'docs/operations.md'
const inputsUnder = (heading: string): Record<string, string> => parse(blockUnder(page, { heading }))
const oldSecret = names.webhookSecret
const newSecret = 'feedface00feedface00feedface0004'

let stage: Stage
/** The secrets and variables of the repository, which the tests change as a person would. */
const secrets: Record<string, string> = { HF_TOKEN: names.hubToken, WEBHOOK_SECRET: oldSecret }
const variables: Record<string, string> = {}

beforeAll(async () => {
  stage = await startStage({ runner: { secrets, variables } })
})
afterAll(() => stage.close())

describe('A new webhook secret', () => {
  test('In the order of docs/operations.md, an event after each step starts its training.', async () => {
    const subject = stage.case({ name: 'rotated' })
    subject.workflow(inputsUnder('The webhook secret'))
    const settings = { EVENT_TYPE: subject.name }
    let relay = await stage.startRelay({ ...settings, WEBHOOK_SECRET: oldSecret })
    const hook = stage.hub.webhook({
      url: `${relay.url}/webhook`,
      secret: oldSecret,
      watched: [subject.dataset],
    })
    const restart = async (environment: Record<string, string>) => {
      await relay.stop()
      relay = await stage.startRelay({ ...settings, ...environment })
      hook.url = `${relay.url}/webhook`
    }
    const steps: [string, () => unknown][] = [
      ['before', () => undefined],
      ['previous secret stored', () => Object.assign(secrets, { WEBHOOK_SECRET_PREVIOUS: oldSecret })],
      ['new secret stored', () => Object.assign(secrets, { WEBHOOK_SECRET: newSecret })],
      ['relay', () => restart({ WEBHOOK_SECRET: newSecret, WEBHOOK_SECRET_PREVIOUS: oldSecret })],
      ['webhook', () => Object.assign(hook, { secret: newSecret })],
      ['relay without the old one', () => restart({ WEBHOOK_SECRET: newSecret })],
      ['repository without the old one', () => Reflect.deleteProperty(secrets, 'WEBHOOK_SECRET_PREVIOUS')],
    ]
    const seen: unknown[] = []
    for (const [step, change] of steps) {
      await change()
      const { deliveries, runs } = await eventsOf(stage, () => subject.commit())
      const [status] = deliveries.flatMap(({ attempts }) => attempts.map((attempt) => attempt.status))
      seen.push([step, status, ...runs.map(({ verdict }) => verdict)])
    }
    expect(seen).toEqual(steps.map(([step]) => [step, 202, 'started']))
    const ready = blockUnder(page, { heading: "The relay's `GITHUB_TOKEN`, or the key of its App" })
    const answer = execFileSync('bash', ['-ec', ready.replace('https://your-relay', relay.url)])
    expect(JSON.parse(answer.toString())).toMatchObject({ ready: true })
    Object.assign(secrets, { WEBHOOK_SECRET: oldSecret })
  })

  test('A relay that has the new secret before the workflow has it sends what is refused.', async () => {
    const subject = stage.case({ name: 'hasty' })
    const relay = await stage.startRelay({
      EVENT_TYPE: subject.name,
      WEBHOOK_SECRET: newSecret,
      WEBHOOK_SECRET_PREVIOUS: oldSecret,
    })
    stage.hub.webhook({ url: `${relay.url}/webhook`, secret: oldSecret, watched: [subject.dataset] })
    const { runs } = await eventsOf(stage, () => subject.commit())
    expect(runs.map(({ verdict }) => verdict)).toEqual(['refused'])
  })
})

describe('A token that does not work any more', () => {
  test.each([
    ['hf-token', { 'hf-token': 'hf_ThisTokenHasExpired00000001' }],
    ['github-token', { 'github-token': 'ghp_ThisTokenHasExpired00000000000001' }],
  ])('With an expired %s a check is refused, and its reason names it.', async (name, inputs) => {
    const subject = stage.case()
    const run = await subject.manual({ ...runnerScript(pushModel, { discussion: 'off' }), ...inputs })
    expect(run).toMatchObject({ verdict: 'refused', exitCode: 1, reason: expect.stringContaining(name) })
    expect(await subject.manual(runnerScript(pushModel))).toMatchObject({ verdict: 'succeeded' })
  })
})

describe('Paused with a variable of the repository', () => {
  test('Nothing new starts, an older model is published by hand, and without the variable it goes on.', async () => {
    const subject = stage.case()
    const inputs = {
      ...runnerScript(pushModel, { discussion: 'off' }),
      ...inputsUnder('Pause everything'),
      'publish-to': `${names.org}/${subject.name}-best`,
    }
    expect(await subject.manual(inputs)).toMatchObject({ outputs: { published: 'true' } })
    const first = subject.head().slice(0, 7)
    subject.commit()
    expect(await subject.manual(inputs)).toMatchObject({ outputs: { published: 'true' } })
    subject.commit()
    variables.MAX_RUNS_PER_DAY = '0'
    const paused = await subject.manual(inputs)
    expect(paused).toMatchObject({
      verdict: 'skipped',
      warnings: [expect.stringContaining('max-runs-per-day: 0')],
    })
    const back = await subject.manual({ ...inputs, 'publish-revision': first })
    expect(back).toMatchObject({ outputs: { published: 'true' } })
    delete variables.MAX_RUNS_PER_DAY
    expect(await subject.manual(inputs)).toMatchObject({ verdict: 'succeeded' })
  })
})

describe('A changed script with the same data', () => {
  test('After a success it is trained with retrain-on: recipe or by force, and not otherwise.', async () => {
    const subject = stage.case()
    const changed = runnerScript(`${pushModel} # better`, { discussion: 'off' })
    expect(await subject.manual(runnerScript(pushModel))).toMatchObject({ verdict: 'succeeded' })
    expect(await subject.manual(changed)).toMatchObject({ verdict: 'skipped' })
    const always = inputsUnder('Train the same data with a changed script')
    expect(await subject.manual({ ...changed, ...always })).toMatchObject({ verdict: 'succeeded' })
    expect(await subject.manual({ ...changed, force: 'true' })).toMatchObject({ verdict: 'succeeded' })
  })
})
