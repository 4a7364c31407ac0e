import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { nextParts } from '../../../src/report/what-next.ts'
import { leaveRecord, revisionOf } from '../left-record.ts'
import { failed, lostMachine } from '../provider.ts'
import { digits, type Rig, startRig } from '../rig.ts'
import { minute } from '../workflow-repository.ts'

const hour = 60 * minute
let rig: Rig
beforeEach(async () => {
  rig = await startRig()
})
afterEach(() => rig.close())

describe('The summary of a skip or a failure says what comes back by itself', () => {
  test('After the last run of the day it is this revision, tomorrow.', async () => {
    const recipes = [digits({ maxRunsPerDay: 1 })]
    await rig.run({ recipes })
    rig.commit()
    const { outcome } = await rig.run({ recipes })
    expect(outcome.reason).toContain('max-runs-per-day')
    const text = nextParts(outcome).join('\n')
    expect(text).not.toContain('the next commit that changes relevant files is trained')
    expect(text).toContain('the first check after midnight (UTC) trains this revision')
  })

  test('After three attempts it is neither another try nor this data under a changed recipe.', async () => {
    const end = { ...lostMachine, trainedMs: 60_000, cost: 0 }
    rig.provider.endsIn(end)
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
      nextParts(outcome).join('\n').includes('So is this data after a change of the recipe'),
      third === null ? '' : nextParts(third).join('\n').includes('the next check tries again'),
    ]).toEqual([false, false])
  })

  test('The cost so far is that of all attempts since the last success.', async () => {
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
    rig.provider.does({ follow: async () => failed })
    await rig.run()
    rig.home.clock.advance(hour)
    rig.commitCard()
    const { outcome } = await rig.run()
    expect(outcome.isWarning).toBe(true)
    expect(nextParts(outcome).join('\n')).toContain('15 runs')
  })
})

test('A check that cannot write down what it saw says so in a warning', async () => {
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

test('“Re-run jobs” of a training that failed does not say that it trained, where the reason is not quoted', async () => {
  Object.assign(rig.hub.repository('ann/digits'), { private: true })
  const end = failed
  await rig.run({ runId: '7', recipes: [digits({ wait: false })] })
  rig.provider.endAll(end)
  const { outcome } = await rig.run({ runId: '7', runAttempt: 2 })
  expect([outcome.verdict, outcome.reason]).toEqual(['failed', expect.not.stringContaining('Trained by')])
})

test('The first check of an edited recipe links the run that no check asks about any more', async () => {
  await rig.run({ recipes: [digits({ wait: false })] })
  const [left] = rig.provider.paid
  const edited = digits({ wait: false, task: 'text-classification' })
  const warnings = async () =>
    (await rig.run({ recipes: [edited] })).lines.filter((line) => line.startsWith('warning'))
  expect(await warnings()).toEqual([
    expect.stringContaining(`may be running: https://provider.test/${left?.nonce}`),
  ])
  rig.home.clock.advance(24 * hour)
  // By its deadline the run has ended, so that the name of its model is free again.
  expect((await rig.run({ recipes: [edited] })).outcome.verdict).toBe('started')
  expect(await warnings()).toEqual([])
})

test('What another recipe of the same config is training is no left run', async () => {
  const first = digits({ wait: false })
  const second = digits({ wait: false, task: 'text-classification' })
  await rig.run({ recipes: [first] })
  const { lines } = await rig.run({ recipes: [first, second] })
  expect(lines.filter((line) => line.includes('before its last edit'))).toEqual([])
})
