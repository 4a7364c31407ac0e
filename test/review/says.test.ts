import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { TrainingEnd } from '../../src/domain/training.ts'
import { leaveRecord } from '../run/left-record.ts'
import { failed, runOf, succeeded } from '../run/provider.ts'
import { digits, type Rig, startRig } from '../run/rig.ts'
import { minute } from '../run/workflow-repository.ts'

let rig: Rig
const hour = 60 * minute
beforeEach(async () => {
  rig = await startRig()
})
afterEach(() => rig.close())
const byPerson: TrainingEnd = { ...failed, verdict: 'cancelled', cause: 'person', reason: 'The Job was cancelled on the Hub.' }

test('G1 A Job of this ledger whose record is gone is not said to be another copy’s', async () => {
  const recipes = [digits({ wait: false })]
  await rig.run({ recipes })
  for (const ref of rig.home.refs()) rig.home.git.refs.delete(ref)
  rig.home.clock.advance(hour)
  const { outcome } = await rig.run({ recipes })
  expect(rig.provider.paid).toHaveLength(1)
  expect(outcome.reason).not.toContain('Another copy of this repository')
})

test('G2 A command that ended, and whose model could not be checked, is not said to be running', async () => {
  rig.provider.does({
    find: undefined,
    list: undefined,
    inspect: undefined,
    judgeByModel: async () => succeeded,
    follow: async () => {
      rig.provider.endAll()
      throw new Error('The command ended with exit code 0, but its model could not be checked: the Hub answered 503')
    },
  })
  const { outcome } = await rig.run()
  expect(outcome.reason).not.toContain('It may still be running')
  rig.home.clock.advance(hour)
  expect((await rig.run()).outcome.reason).not.toContain('is running')
})

test('G3 What the end of the job stopped before its start was recorded was not cancelled by a person', async () => {
  const revision = rig.head()
  const { record } = await leaveRecord(rig, { revision })
  rig.provider.does({
    find: async (order) => (order.nonce === record.nonce ? runOf(order) : null),
    inspect: async () => byPerson,
  })
  rig.home.clock.advance(11 * minute)
  const { outcome } = await rig.run()
  expect([outcome.verdict, outcome.isWarning, outcome.reason.includes('A person cancelled')]).toEqual(['skipped', true, false])
})

test('G4 A run that is adopted after its claim was closed as never begun has a record that says so', async () => {
  const revision = rig.head()
  const { record } = await leaveRecord(rig, {
    revision,
    state: 'failed',
    facts: { began: false, cause: 'infrastructure', reason: 'it never began, and nothing was trained.', cost: 0 },
  })
  rig.provider.does({
    list: async () => [{ run: runOf({ nonce: record.nonce } as never), nonce: record.nonce, ledger: '0a1b2c3d', isLive: true, createdAt: 1 }],
  })
  await rig.run({ recipes: [digits({ wait: false })] })
  const [now] = await rig.records()
  expect(now).toMatchObject({ state: 'started', began: true, cause: null, reason: null })
})

describe('G5 a base model that hf-token cannot see', () => {
  test('is not named on a public dataset', async () => {
    rig.hub.addUser({ name: 'bob', token: 'hf_bob' })
    rig.hub.createModel({ name: 'bob/secret-base', private: true })
    const { outcome } = await rig.run({ recipes: [digits({ inputModel: 'bob/secret-base', discussion: 'thread' })] })
    const shown = JSON.stringify(rig.hub.discussions('ann/digits'))
    expect(shown).toContain('auto-retrain')
    expect([outcome.verdict, shown.includes('secret-base')]).toEqual(['succeeded', false])
  })
})

test('G6 The cost and the beginning of a run that was still queued when the workflow was cancelled are known', async () => {
  const cancelled = new AbortController()
  const queued: TrainingEnd = { ...byPerson, began: false, cost: 0, trainedMs: 0 }
  rig.provider.does({
    follow: async () => {
      cancelled.abort(new Error('The workflow was cancelled.'))
      throw new Error('aborted')
    },
    inspect: async () => queued,
  })
  await rig.run({ signal: cancelled.signal })
  expect(await rig.records()).toMatchObject([{ state: 'cancelled', cause: 'workflow', began: false, cost: 0 }])
})

describe('G7 the bounds count what a person started', () => {
  const end = (trainedMs: number, cost: number): TrainingEnd => ({ ...failed, cause: 'infrastructure', reason: 'The Job lost its machine.', trainedMs, cost })

  test('Nothing comes back by itself beyond max-cost after a person’s run spent it', async () => {
    rig.provider.does({ follow: async () => (rig.provider.endAll(end(60_000, 4.5)), end(60_000, 4.5)) })
    const recipes = [digits({ maxCost: 5 })]
    await rig.run({ recipes, request: { byPerson: true } })
    rig.home.clock.advance(2 * hour)
    const { outcome } = await rig.run({ recipes })
    expect([outcome.verdict, rig.provider.paid.length]).toEqual(['skipped', 1])
  })

  test('At most one more comes back after a person’s run that had trained for more than 10 minutes', async () => {
    const recipes = [digits({ maxCost: 99 })]
    for (const [trained, byPerson] of [[3 * hour, true], [minute, false], [minute, false]] as const) {
      rig.provider.does({ follow: async () => (rig.provider.endAll(end(trained, 0.1)), end(trained, 0.1)) })
      await rig.run({ recipes, request: { byPerson } })
      rig.home.clock.advance(5 * hour)
    }
    expect(rig.provider.paid).toHaveLength(2)
  })
})

test('G8 Re-run jobs of a training that failed does not say “Trained” where its reason is not quoted', async () => {
  Object.assign(rig.hub.repository('ann/digits'), { private: true })
  const end = failed
  await rig.run({ runId: '7', recipes: [digits({ wait: false })] })
  rig.provider.endAll(end)
  const { outcome } = await rig.run({ runId: '7', runAttempt: 2 })
  expect([outcome.verdict, outcome.reason]).toEqual(['failed', expect.not.stringContaining('Trained by')])
})

describe('G9 a seen entry that cannot be written', () => {
  test('does not hide a forced run from the schedule', async () => {
    const recipes = [digits({ wait: false })]
    await rig.run()
    const outage = rig.home.github.fault({ method: 'PATCH', path: /seen/, status: 500, times: Number.POSITIVE_INFINITY })
    const { outcome } = await rig.run({ recipes, request: { byPerson: true, force: true } })
    expect([outcome.verdict, outage.hits > 0]).toEqual(['started', true])
    outage.lift()
    rig.provider.endAll(succeeded)
    for (let day = 0; day < 3; day += 1) {
      rig.home.clock.advance(24 * hour)
      await rig.run({ recipes })
    }
    expect(rig.provider.paid).toHaveLength(2)
    expect((await rig.records()).map(({ attempt, state }) => `${attempt} ${state}`)).toEqual(['1 succeeded', '2 succeeded'])
  })

  test('is said', async () => {
    await rig.run()
    rig.commitCard()
    const outage = rig.home.github.fault({ method: 'PATCH', path: /seen/, status: 403, times: Number.POSITIVE_INFINITY })
    const { lines, outcome } = await rig.run()
    expect([outcome.verdict, outage.hits > 0]).toEqual(['skipped', true])
    expect(lines.filter((line) => line.startsWith('warning'))).toHaveLength(1)
  })
})
