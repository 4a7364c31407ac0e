import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { changeRecord, type LedgerRecord, writeRecord } from '../../src/ledger/record.ts'
import { addTag, gitStore } from '../sandbox/github/git-store.ts'
import { names } from '../sandbox/world.ts'
import { envelopeFor } from './dispatches.ts'
import { claims, ledgerLines } from './ledger-records.ts'
import { type Case, type Stage, startStage } from './stage.ts'
import { until } from './until.ts'

jest.setTimeout(60_000)

let stage: Stage

beforeAll(async () => {
  stage = await startStage()
})
afterAll(() => stage.close())

const creations = (subject: Case) =>
  subject.projects().flatMap(({ calls }) => calls.filter((c) => c === 'create'))

/** One project was made and one record tells of it. */
function expectOneTraining(subject: Case): void {
  expect(creations(subject)).toHaveLength(1)
  expect(claims(stage, subject.name)).toMatchObject([{ attempt: 1, verdict: 'started' }])
  expect(stage.hub.discussions(subject.dataset)).toHaveLength(1)
}

describe('One training comes of', () => {
  test('a dispatch that comes twice; the second says which run has it, with a link.', async () => {
    const subject = stage.case()
    const envelope = await envelopeFor({ dataset: subject.dataset, sha: subject.head() })
    const first = await subject.dispatchRaw(envelope)
    const second = await subject.dispatchRaw(envelope)
    expect(first).toMatchObject({ verdict: 'started' })
    expect(second).toMatchObject({ verdict: 'skipped', exitCode: 0, errors: [] })
    expect(second.reason).toBe(
      `This revision has a run already, which has not ended: ${first.outputs['run-url']}.`,
    )
    expectOneTraining(subject)
  })

  test('five dispatches in the same second.', async () => {
    const subject = stage.case()
    const runs = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((id) => subject.dispatch({ id })))
    expect(runs.map(({ verdict }) => verdict).sort()).toEqual([...Array(4).fill('skipped'), 'started'])
    expect(runs.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0, 0, 0])
    expectOneTraining(subject)
  })

  test('an event, the clock and a person in the same second.', async () => {
    const subject = stage.case()
    const runs = await Promise.all([subject.dispatch(), subject.schedule(), subject.manual()])
    expect(runs.filter(({ verdict }) => verdict === 'started')).toHaveLength(1)
    expectOneTraining(subject)
  })

  test('a run whose jobs are run again after it started.', async () => {
    const subject = stage.case()
    const first = await subject.dispatch()
    const again = await subject.rerun(first)
    expect(again).toMatchObject({
      verdict: 'started',
      exitCode: 0,
      outputs: { 'run-url': first.outputs['run-url'] },
    })
    expectOneTraining(subject)
  })

  test('an event that GitHub accepted although its answer was lost, so that the relay sent it again.', async () => {
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
    expectOneTraining(subject)

    const [delivery] = stage.hub.deliveries.slice(-2)
    await stage.hub.replay(delivery!.id)
    await stage.settled()
    expectOneTraining(subject)
  })

  test('a claim whose answer was lost: it is read whose it is.', async () => {
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
    expectOneTraining(subject)
  })

  test('a start that GitHub is not told of at first.', async () => {
    const subject = stage.case()
    stage.github.fault({ method: 'PATCH', path: /\/git\/refs\//, status: 502, applied: true })
    expect(await subject.dispatch()).toMatchObject({ verdict: 'started', warnings: [] })
    expectOneTraining(subject)
  })
})

describe('Another training is', () => {
  test('what force asks for, as the next attempt under a name of its own.', async () => {
    const subject = stage.case()
    await subject.dispatch()
    const forced = await subject.manual({ force: 'true' })
    expect(forced).toMatchObject({ verdict: 'started', exitCode: 0 })
    expect(claims(stage, subject.name)).toMatchObject([{ attempt: 1 }, { attempt: 2 }])
    expect(forced.outputs['project-name']).toBe(`${subject.name}-${subject.head().slice(0, 7)}-2`)
    subject.workflow({ force: 'false' })
    expect(await subject.schedule()).toMatchObject({ verdict: 'skipped' })
  })

  test('what the next commit needs.', async () => {
    const subject = stage.case()
    await subject.dispatch()
    subject.commit()
    expect(await subject.dispatch()).toMatchObject({ verdict: 'started' })
    expect(claims(stage, subject.name)).toHaveLength(2)
  })

  test('not bought by another trainer, another split or a higher ceiling in the recipe.', async () => {
    const subject = stage.case()
    await subject.manual()
    const run = await subject.manual({ 'train-split': 'all', 'max-runs-per-day': '100', discussion: 'off' })
    expect(run).toMatchObject({ verdict: 'skipped' })
    expectOneTraining(subject)
  })
})

describe('Nothing is started when the ledger', () => {
  test.each([{ contents: 'read' }, {}, { actions: 'write' }])(
    'may not be written (permissions: %j): refused, with the line that the workflow needs.',
    async (permissions) => {
      const subject = stage.case()
      const run = await subject.manual({}, { permissions })
      expect(run).toMatchObject({ verdict: 'refused', exitCode: 1, errors: [run.reason] })
      expect(run.reason).toMatch(
        /^GitHub does not let github-token keep the ledger in acme\/retrain: give the job `permissions: contents: write`/,
      )
      expect(subject.projects()).toEqual([])
      expect(ledgerLines(stage, subject.name)).toEqual([])
      expect(await subject.manual({}, {})).toMatchObject({ verdict: 'started' })
    },
  )

  test.each([
    ['cannot be read', 'GET', /\/git\/matching-refs\//],
    ['cannot make a record', 'POST', /\/git\/tags$/],
    ['cannot make a claim', 'POST', /\/git\/refs$/],
  ])('%s: failed.', async (_, method, path) => {
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

  test('holds something that nobody can read: failed, with how to delete it.', async () => {
    const subject = stage.case()
    await subject.manual()
    const [line] = ledgerLines(stage, subject.name)
    replace(line!.ref, '{"version": 99}')
    const run = await subject.manual({ force: 'true' })
    gitStore(repository()).refs.delete(line!.ref)
    expect(run).toMatchObject({ verdict: 'failed', exitCode: 1 })
    expect(run.reason).toContain(`git push origin --delete ${line!.ref}`)
    expect(creations(subject)).toHaveLength(1)
  })
})

describe('A claim whose owner died before it started anything', () => {
  /** The runner's machine dies while the claim's answer is awaited. */
  async function claimAndDie(subject: Case): Promise<void> {
    const hanging = stage.github.fault({ method: 'POST', path: /\/git\/refs$/, hang: true, applied: true })
    const { id } = await stage.runner.manual(`${subject.name}.yml`)
    await until(() => hanging.hits === 1)
    await stage.runner.kill(id)
  }

  test('keeps its place for ten minutes, since it might still start.', async () => {
    const subject = stage.case()
    await claimAndDie(subject)
    const run = await subject.schedule()
    expect(run).toMatchObject({ verdict: 'skipped', exitCode: 0 })
    expect(run.reason).toMatch(/^Another workflow run is about to start this training: http/)
    expect(subject.projects()).toEqual([])
  })

  test('is taken over as the next attempt afterwards, once.', async () => {
    const subject = stage.case()
    await claimAndDie(subject)
    const [line] = ledgerLines(stage, subject.name)
    const claimed = new Date(Date.now() - 11 * 60_000).toISOString()
    const { record } = line!
    replace(line!.ref, writeRecord({ ...record, times: { ...record.times, claimed } }, []))
    const runs = await Promise.all([subject.schedule(), subject.schedule(), subject.schedule()])
    expect(runs.filter(({ verdict }) => verdict === 'started')).toHaveLength(1)
    expect(claims(stage, subject.name).at(-1)).toMatchObject({ attempt: 2, verdict: 'started' })
    expect(creations(subject)).toHaveLength(1)
  })
})

test('A run that died after its start was written down is not started again by itself.', async () => {
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

describe('A record', () => {
  const ended = (record: LedgerRecord, verdict: 'succeeded' | 'failed' | 'cancelled') =>
    writeRecord(changeRecord(record, { verdict }, Date.now()), [])

  test.each([
    ['succeeded', /^This revision has been trained: http/],
    [
      'failed',
      /^The run for this revision failed, and is not repeated by itself: http.*re-run its jobs, or set force/,
    ],
    ['cancelled', /^The run for this revision was cancelled, and is not repeated by itself/],
  ] as const)(
    'of a run that %s makes events and the clock skip, and force begin another attempt.',
    async (verdict, reason) => {
      const subject = stage.case()
      await subject.dispatch()
      const [line] = ledgerLines(stage, subject.name)
      replace(line!.ref, ended(line!.record, verdict))
      for (const run of [await subject.dispatch(), await subject.schedule()]) {
        expect(run).toMatchObject({ verdict: 'skipped', exitCode: 0, reason: expect.stringMatching(reason) })
      }
      expect(creations(subject)).toHaveLength(1)
      expect(await subject.manual({ force: 'true' })).toMatchObject({ verdict: 'started' })
    },
  )

  test('that succeeded is not repeated by running the jobs again, not even of a forced run.', async () => {
    const subject = stage.case()
    const first = await subject.manual({ force: 'true' })
    const [line] = ledgerLines(stage, subject.name)
    replace(line!.ref, ended(line!.record, 'succeeded'))
    expect(await subject.rerun(first)).toMatchObject({ verdict: 'skipped', exitCode: 0 })
    expect(creations(subject)).toHaveLength(1)
  })
})

const repository = () => stage.github.repositories[0]!

/** Lets a ref of the ledger hold another record. */
function replace(ref: string, message: string): void {
  const store = gitStore(repository())
  const object = { type: 'commit', sha: repository().headSha }
  store.refs.set(ref, addTag(store, { tag: ref.replace('refs/', ''), message, object }, Date.now()).sha)
}
