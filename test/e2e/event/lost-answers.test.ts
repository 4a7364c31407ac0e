import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { names } from '../../sandbox/world.ts'
import { ageClaim, claims } from '../stage/ledger-records.ts'
import { creations, expectOneTraining } from '../stage/one-training.ts'
import { type Case, type Stage, startStage } from '../stage/stage.ts'
import { until } from '../stage/until.ts'

let stage: Stage

beforeAll(async () => {
  stage = await startStage()
})
afterAll(() => stage.close())

describe('A lost response', () => {
  test('One training comes of a dispatch whose response was lost and which the relay sent again.', async () => {
    const subject = stage.case()
    const relay = await stage.connectRelay({ EVENT_TYPE: subject.name })
    stage.hub.webhook({
      url: `${relay.url}/webhook`,
      secret: names.webhookSecret,
      watched: [subject.dataset],
    })
    const lost = stage.github.fault({ method: 'POST', path: /\/dispatches$/, reset: true, applied: true })
    subject.commit()
    await stage.settled()
    expect(lost.hits).toBe(1)
    const woken = stage.runner.runs.filter(({ workflow }) => workflow === subject.name)
    expect(woken.length).toBeGreaterThan(1)
    expectOneTraining(stage, subject)

    const [delivery] = stage.hub.deliveries.slice(-2)
    await stage.hub.replay(delivery!.id)
    await stage.settled()
    expectOneTraining(stage, subject)
  })

  test('A claim whose response was lost is read back to see which run owns it.', async () => {
    const subject = stage.case()
    const lost = stage.github.fault({
      method: 'POST',
      path: /\/git\/refs$/,
      reset: true,
      applied: true,
      times: 2,
    })
    expect(await subject.dispatch()).toMatchObject({ verdict: 'started' })
    expect(lost.hits).toBe(2)
    expectOneTraining(stage, subject)
  })

  test('A start is recorded although GitHub first answers 502.', async () => {
    const subject = stage.case()
    stage.github.fault({ method: 'PATCH', path: /\/git\/refs\//, status: 502, applied: true })
    expect(await subject.dispatch()).toMatchObject({ verdict: 'started', warnings: [] })
    expectOneTraining(stage, subject)
  })
})

describe('A ledger that GitHub does not serve', () => {
  test.each([
    ['cannot be read', 'GET', /\/git\/matching-refs\//],
    ['cannot write a record', 'POST', /\/git\/tags$/],
    ['cannot create a claim', 'POST', /\/git\/refs$/],
  ])('When the ledger %s, the run fails and starts nothing.', async (_, method, path) => {
    const subject = stage.case()
    const broken = stage.github.fault({
      method,
      path,
      status: 500,
      headers: { 'retry-after': '0' },
      times: Infinity,
    })
    const run = await subject.manual()
    broken.lift()
    expect(run).toMatchObject({ verdict: 'failed', exitCode: 1 })
    expect(subject.projects()).toEqual([])
    expect(await subject.manual()).toMatchObject({ verdict: 'started' })
  })
})

describe('A claim whose owner died before it started anything', () => {
  /** The runner's machine dies while the answers about claim, slot and name are awaited, which are sent together. */
  async function claimAndDie(subject: Case): Promise<void> {
    const path = /\/git\/refs$/
    const hanging = stage.github.fault({ method: 'POST', path, hang: true, applied: true, times: 3 })
    const { id } = await stage.runner.manual(`${subject.name}.yml`)
    await until(() => hanging.hits === 3)
    await stage.runner.kill(id)
  }

  test('A claim without a run holds its revision for ten minutes, since the run might still start.', async () => {
    const subject = stage.case()
    await claimAndDie(subject)
    const run = await subject.schedule()
    expect(run).toMatchObject({ verdict: 'skipped', exitCode: 0 })
    expect(run.reason).toMatch(/^Another workflow run is starting the training on [0-9a-f]{7}: http/)
    expect(subject.projects()).toEqual([])
  })

  test('After ten minutes a claim without a run is taken over once, as the next attempt.', async () => {
    const subject = stage.case()
    await claimAndDie(subject)
    ageClaim(stage, subject.name, 11)
    const runs = await Promise.all([subject.schedule(), subject.schedule(), subject.schedule()])
    expect(runs.filter(({ verdict }) => verdict === 'started')).toHaveLength(1)
    expect(claims(stage, subject.name).at(-1)).toMatchObject({ attempt: 2, state: 'started' })
    expect(creations(subject)).toHaveLength(1)
  })
})

test('A run that died after recording its start is not started again automatically.', async () => {
  const subject = stage.case()
  const hanging = stage.autotrain.fault({ path: /create/, hang: true, applied: true })
  const { id } = await stage.runner.manual(`${subject.name}.yml`)
  await until(() => hanging.hits === 1)
  await stage.runner.kill(id)
  expect(await subject.schedule()).toMatchObject({ verdict: 'skipped' })
  expect(await subject.dispatch()).toMatchObject({ verdict: 'skipped' })
  expect(creations(subject)).toHaveLength(1)
  expect(await subject.manual({ force: 'true' })).toMatchObject({ verdict: 'started' })
})
