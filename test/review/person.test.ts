import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { TrainingEnd } from '../../src/domain/training.ts'
import { UnclearStart } from '../../src/domain/verdict.ts'
import { afterFailure, warningParts } from '../../src/report/what-next.ts'
import { leaveRecord, revisionOf } from '../run/left-record.ts'
import { failed, lostMachine } from '../run/provider.ts'
import { digits, type Rig, startRig } from '../run/rig.ts'
import { minute } from '../run/workflow-repository.ts'

let rig: Rig
const hour = 60 * minute
beforeEach(async () => {
  rig = await startRig()
})
afterEach(() => rig.close())

const _byPerson: TrainingEnd = {
  ...failed,
  verdict: 'cancelled',
  cause: 'person',
  reason: 'The Job was cancelled on the Hub.',
}
const _states = async () =>
  (await rig.records()).map(({ attempt, state, cause }) => `${attempt} ${state} ${cause}`)

test('F5 A start without an answer is said when the workflow is cancelled during it', async () => {
  const cancelled = new AbortController()
  rig.provider.does({
    start: async () => {
      cancelled.abort(new Error('The workflow was cancelled.'))
      throw new UnclearStart('A Job named digits-1 may be running and billed: https://hub.test/jobs/ann.')
    },
  })
  const { outcome } = await rig.run({ signal: cancelled.signal })
  expect(outcome.reason).toContain('may be running and billed')
})

describe('F10 what the summary says comes back by itself', () => {
  test('after max-runs-per-day is that tomorrow’s check trains this revision', async () => {
    const recipes = [digits({ maxRunsPerDay: 1 })]
    await rig.run({ recipes })
    rig.commit()
    const { outcome } = await rig.run({ recipes })
    expect(outcome.reason).toContain('max-runs-per-day')
    const text = warningParts(outcome).join('\n')
    expect(text).not.toContain('the next commit that changes relevant files is trained')
  })

  test('after three attempts is not a changed recipe', async () => {
    const end = { ...lostMachine, trainedMs: 60_000, cost: 0 }
    rig.provider.does({ follow: async () => (rig.provider.endAll(end), end) })
    const recipes = [digits({ maxCost: 99 })]
    let third = null
    for (let n = 0; n < 3; n += 1) {
      third = (await rig.run({ recipes })).outcome
      rig.home.clock.advance(61 * minute)
    }
    const { outcome } = await rig.run({ recipes })
    expect(outcome.reason).toContain('Not retrying any more')
    const edited = (await rig.run({ recipes: [digits({ maxCost: 99, params: { epochs: 9 } })] })).outcome
    expect(edited.verdict).toBe('skipped')
    expect([
      warningParts(outcome).join('\n').includes('So is this data after a change of the recipe'),
      third === null ? '' : afterFailure(third).join('\n').includes('the next check tries again'),
    ]).toEqual([false, false])
  })

  test('and what the attempts since the last success cost, all of them', async () => {
    await rig.run()
    for (let n = 0; n < 14; n += 1) {
      await leaveRecord(rig, {
        revision: revisionOf(`f-${n}`),
        state: 'failed',
        facts: { began: true, cause: 'training', cost: 1 },
      })
      rig.home.clock.advance(1000)
    }
    rig.commit()
    rig.provider.does({ follow: async () => (rig.provider.endAll(failed), failed) })
    await rig.run()
    rig.home.clock.advance(hour)
    rig.commitCard()
    const { outcome } = await rig.run()
    expect(outcome.isWarning).toBe(true)
    expect(warningParts(outcome).join('\n')).toContain('15 runs')
  })
})
