import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals'
import type { Delivery } from '../sandbox/hub/deliveries.ts'
import { names } from '../sandbox/world.ts'
import { claims, ledgerLines } from './ledger-records.ts'
import { type Stage, startStage } from './stage.ts'

jest.setTimeout(60_000)

let stage: Stage

beforeAll(async () => {
  stage = await startStage()
})
afterAll(() => stage.close())

describe('The schedule', () => {
  test('trains what a webhook missed, once, and has nothing to do afterwards.', async () => {
    const subject = stage.case()
    await subject.dispatch()
    const missed = subject.commit()
    const caught = await subject.schedule()
    expect(caught).toMatchObject({ verdict: 'started', exitCode: 0, outputs: { revision: missed } })
    expect(claims(stage, subject.name).at(-1)).toMatchObject({ trigger: 'schedule', deliveryId: null })
    for (const run of [await subject.schedule(), await subject.dispatch()]) {
      expect(run).toMatchObject({ verdict: 'skipped', exitCode: 0 })
    }
    expect(subject.projects()).toHaveLength(2)
  })

  test('is enough without any relay, and trains the newest of several commits.', async () => {
    const subject = stage.case()
    subject.workflow({ 'webhook-secret': undefined })
    subject.commit()
    subject.commit()
    const head = subject.commit()
    expect(await subject.schedule()).toMatchObject({ verdict: 'started', outputs: { revision: head } })
    expect(subject.projects()).toHaveLength(1)
  })

  test('goes by the same path rules: a missed card is no reason to train.', async () => {
    const subject = stage.case()
    await subject.schedule()
    stage.hub.commit(subject.dataset, { files: { 'README.md': 'card' } })
    const run = await subject.schedule()
    expect(run).toMatchObject({ verdict: 'skipped', exitCode: 0 })
    expect(run.reason).toMatch(/^Only README\.md changed since/)
  })

  test('watches the branch of the recipe.', async () => {
    const subject = stage.case()
    stage.hub.branch(subject.dataset, 'curated')
    const curated = subject.head()
    subject.commit()
    const run = await subject.manual({ ref: 'refs/heads/curated' })
    // The guide's service reads main, whatever is watched: only a trainer that reads revisions can do more.
    expect([run.verdict, run.outputs.revision]).toEqual(['started', curated])
  })
})

describe('max-runs-per-day', () => {
  test('of 0 starts nothing, says so with a warning, and leaves no claim.', async () => {
    const subject = stage.case()
    const run = await subject.manual({ 'max-runs-per-day': '0' })
    expect(run).toMatchObject({ verdict: 'skipped', exitCode: 0, errors: [] })
    expect(run.warnings).toEqual([
      expect.stringMatching(/^The 0 runs of today \(max-runs-per-day, UTC\) are used up/),
    ])
    expect(ledgerLines(stage, subject.name)).toEqual([])
    expect(subject.projects()).toEqual([])
    expect(await subject.manual({ 'max-runs-per-day': '1' })).toMatchObject({ verdict: 'started' })
  })

  test('of 1 starts one, and what is over it can be trained once the number is raised.', async () => {
    const subject = stage.case()
    await subject.manual({ 'max-runs-per-day': '1' })
    subject.commit()
    const over = await subject.manual({ 'max-runs-per-day': '1' })
    expect(over).toMatchObject({
      verdict: 'skipped',
      exitCode: 0,
      warnings: [expect.stringMatching(/used up/)],
    })
    expect(claims(stage, subject.name)).toHaveLength(1)
    expect(await subject.manual({ 'max-runs-per-day': '2' })).toMatchObject({ verdict: 'started' })
    const slots = ledgerLines(stage, subject.name).map(({ place }) =>
      place.replace(/\d{4}-\d\d-\d\d/, 'today'),
    )
    expect(slots.filter((place) => place.startsWith('day/'))).toEqual(['day/today/1', 'day/today/2'])
  })

  test('holds for runs that begin in the same second.', async () => {
    const subject = stage.case()
    subject.workflow({ 'max-runs-per-day': '1' })
    const more = [1, 2].map((n) => {
      const other = stage.case()
      other.workflow({
        'max-runs-per-day': '1',
        'autotrain-project-prefix': subject.name,
        'input-dataset': subject.dataset,
        force: n === 2 ? 'true' : 'false',
      })
      return other
    })
    await Promise.all([subject, ...more].map((each) => each.schedule()))
    expect(subject.projects()).toHaveLength(1)
  })

  test('of 0 is not undone by force.', async () => {
    const subject = stage.case()
    expect(await subject.manual({ 'max-runs-per-day': '0', force: 'true' })).toMatchObject({
      verdict: 'skipped',
    })
    expect(subject.projects()).toEqual([])
  })
})

test('The summary ends with the history: each earlier run with its revision, verdict and link.', async () => {
  const subject = stage.case()
  const first = await subject.manual()
  subject.commit()
  const second = await subject.manual()
  subject.commit()
  const { summary } = await subject.manual()
  const history = summary.slice(summary.search(/^#+ .*(history|last runs|earlier)/im))
  for (const { outputs } of [first, second]) {
    expect(history).toContain(outputs.revision?.slice(0, 7))
    expect(history).toContain(outputs['run-url'])
  }
  expect(history.match(/started/g)?.length).toBeGreaterThanOrEqual(2)
})

describe('What the action itself writes', () => {
  test('starts nothing, whatever the webhooks watch: one commit, one training, and then quiet.', async () => {
    const subject = stage.case({ name: 'loop' })
    const relay = await stage.connectRelay({ EVENT_TYPE: subject.name })
    const webhook = (watched: { type: 'dataset' | 'org'; name: string }) =>
      stage.hub.webhook({
        url: `${relay.url}/webhook`,
        secret: names.webhookSecret,
        watched: [watched],
        domains: ['repo', 'discussion'],
      })
    webhook({ type: 'dataset', name: subject.dataset })
    webhook({ type: 'org', name: names.org })
    const before = stage.hub.deliveries.length
    const runsBefore = stage.runner.runs.length

    subject.commit()
    for (let known = -1; known !== stage.hub.deliveries.length; ) {
      known = stage.hub.deliveries.length
      await stage.settled()
    }
    // What comes of the training, once a person has launched it.
    stage.hub.createModel({
      name: `${names.org}/${subject.projects()[0]?.name}`,
      files: { 'model.bin': '1' },
    })
    await stage.settled()

    const deliveries: Delivery[] = stage.hub.deliveries.slice(before)
    const dispatched = deliveries.filter(({ attempts }) => attempts[0]?.status === 202)
    const kinds = deliveries.map(
      ({ payload: { event, repo } }) => `${repo.type} ${event.scope} ${event.action}`,
    )
    // Both webhooks tell of the commit; they also tell of the discussion, and one of the model.
    expect(new Set(kinds)).toEqual(
      new Set([
        'dataset repo.content update',
        'dataset discussion create',
        'model repo create',
        'model repo.content update',
      ]),
    )
    expect(dispatched.map(({ payload }) => payload.event.scope)).toEqual(['repo.content', 'repo.content'])
    expect(stage.runner.runs.slice(runsBefore)).toHaveLength(2)
    expect(subject.projects().map(({ calls }) => calls[0])).toEqual(['create'])
    expect(claims(stage, subject.name)).toHaveLength(1)
    expect(stage.hub.discussions(subject.dataset)).toHaveLength(1)
  })
})
