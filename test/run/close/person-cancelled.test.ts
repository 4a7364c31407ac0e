import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { leaveRecord } from '../left-record.ts'
import { cancelledRun, runOf, succeeded } from '../provider.ts'
import { digits, type Rig, startRig } from '../rig.ts'
import { minute } from '../workflow-repository.ts'

let rig: Rig
const hour = 60 * minute

beforeEach(async () => {
  rig = await startRig()
})
afterEach(() => rig.close())

const states = async () =>
  (await rig.records()).map(({ attempt, state, cause }) => `${attempt} ${state} ${cause}`)

describe('What a person cancelled', () => {
  test('It does not come back at the next daily check where the workflow run did not wait for it.', async () => {
    const recipes = [digits({ wait: false })]
    await rig.run({ recipes })
    rig.home.clock.advance(10 * minute)
    rig.provider.endAll(cancelledRun)
    rig.home.clock.advance(24 * hour)
    const { outcome } = await rig.run({ recipes })
    expect([outcome.verdict, rig.provider.paid.length, await states()]).toEqual([
      'skipped',
      1,
      ['1 cancelled person'],
    ])
  })

  test('It does not come back where it was still queued, although it is seen after the queue limit.', async () => {
    const recipes = [digits({ wait: false, timeout: hour })]
    await rig.run({ recipes })
    rig.home.clock.advance(10 * minute)
    rig.provider.endAll({ ...cancelledRun, began: false, cost: 0, trainedMs: 0 })
    rig.home.clock.advance(55 * minute)
    const { outcome } = await rig.run({ recipes })
    expect([outcome.verdict, rig.provider.paid.length]).toEqual(['skipped', 1])
  })

  test('It does not come back where it was cancelled with its workflow run, and GitHub could not record that.', async () => {
    const cancelled = new AbortController()
    const outages: { lift(): void }[] = []
    rig.provider.does({
      follow: async () => {
        outages.push(rig.home.github.fault({ path: /./, status: 500, times: Number.POSITIVE_INFINITY }))
        cancelled.abort(new Error('The workflow was cancelled.'))
        throw new Error('aborted')
      },
    })
    const first = await rig.run({ signal: cancelled.signal })
    expect(first.outcome.verdict).toBe('cancelled')
    expect(rig.provider.alive()).toEqual([])
    expect(first.pending.trainings).toMatchObject([{ ended: { verdict: 'cancelled' } }])
    for (const outage of outages) outage.lift()
    rig.provider.endsIn(succeeded)
    rig.home.clock.advance(24 * hour)
    const { outcome } = await rig.run()
    expect([outcome.verdict, rig.provider.paid.length, await states()]).toEqual([
      'skipped',
      1,
      ['1 cancelled workflow'],
    ])
  })
})

test('What the end of the job stopped before its start was recorded was not cancelled by a person', async () => {
  const revision = rig.head()
  const { record } = await leaveRecord(rig, { revision })
  rig.provider.does({
    find: async (order) => (order.nonce === record.nonce ? runOf(order) : null),
    inspect: async () => cancelledRun,
  })
  rig.home.clock.advance(11 * minute)
  const { outcome } = await rig.run()
  expect([outcome.verdict, outcome.isWarning, outcome.reason.includes('A person cancelled')]).toEqual([
    'skipped',
    true,
    false,
  ])
})
