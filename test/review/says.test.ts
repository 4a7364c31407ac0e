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
const byPerson: TrainingEnd = {
  ...failed,
  verdict: 'cancelled',
  cause: 'person',
  reason: 'The Job was cancelled on the Hub.',
}

test('G2 A command that ended, and whose model could not be checked, is not said to be running', async () => {
  rig.provider.does({
    find: undefined,
    list: undefined,
    inspect: undefined,
    judgeByModel: async () => succeeded,
    follow: async () => {
      rig.provider.endAll()
      throw new Error(
        'The command ended with exit code 0, but its model could not be checked: the Hub answered 503',
      )
    },
  })
  const { outcome } = await rig.run()
  expect(outcome.reason).not.toContain('It may still be running')
  rig.home.clock.advance(hour)
  expect((await rig.run()).outcome.reason).not.toContain('is running')
})

test('G4 A run that is adopted after its claim was closed as never begun has a record that says so', async () => {
  const revision = rig.head()
  const { record } = await leaveRecord(rig, {
    revision,
    state: 'failed',
    facts: {
      began: false,
      cause: 'infrastructure',
      reason: 'it never began, and nothing was trained.',
      cost: 0,
    },
  })
  rig.provider.does({
    list: async () => [
      {
        run: runOf({ nonce: record.nonce } as never),
        nonce: record.nonce,
        ledger: '0a1b2c3d',
        isLive: true,
        createdAt: 1,
      },
    ],
  })
  await rig.run({ recipes: [digits({ wait: false })] })
  const [now] = await rig.records()
  expect(now).toMatchObject({ state: 'started', began: true, cause: null, reason: null })
})

describe('G5 a base model that hf-token cannot see', () => {
  test('is not named on a public dataset', async () => {
    rig.hub.addUser({ name: 'bob', token: 'hf_bob' })
    rig.hub.createModel({ name: 'bob/secret-base', private: true })
    const { outcome } = await rig.run({
      recipes: [digits({ inputModel: 'bob/secret-base', discussion: 'thread' })],
    })
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
  expect(await rig.records()).toMatchObject([
    { state: 'cancelled', cause: 'workflow', began: false, cost: 0 },
  ])
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
  test('is said', async () => {
    await rig.run()
    rig.commitCard()
    const outage = rig.home.github.fault({
      method: 'PATCH',
      path: /seen/,
      status: 403,
      times: Number.POSITIVE_INFINITY,
    })
    const { lines, outcome } = await rig.run()
    expect([outcome.verdict, outage.hits > 0]).toEqual(['skipped', true])
    expect(lines.filter((line) => line.startsWith('warning'))).toHaveLength(1)
  })
})
