import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { NotJudged } from '../../../src/domain/verdict.ts'
import { leaveRecord } from '../left-record.ts'
import { runOf, succeeded } from '../provider.ts'
import { digits, type Rig, startRig } from '../rig.ts'
import { minute } from '../workflow-repository.ts'

const hour = 60 * minute
let rig: Rig
beforeEach(async () => {
  rig = await startRig()
})
afterEach(() => rig.close())

test('A command that ended, and whose model could not be checked, is not said to be running', async () => {
  rig.provider.does({
    find: undefined,
    list: undefined,
    inspect: undefined,
    judgeByModel: async () => succeeded,
    follow: async () => {
      rig.provider.endAll()
      throw new NotJudged('The command ended with exit code 0, but its model could not be checked: 503.')
    },
  })
  const { outcome } = await rig.run()
  expect(outcome.reason).not.toContain('It may still be running')
  expect(outcome.reason).toContain('The training has ended')
  rig.home.clock.advance(hour)
  expect((await rig.run()).outcome.reason).not.toContain('is running')
  expect(await rig.records()).toMatchObject([{ state: 'succeeded' }])
})

test('While the model of a run that has ended cannot be checked, no check says that it is running', async () => {
  const ended = async () => {
    throw new NotJudged('The Job completed, but its model could not be checked: 503.')
  }
  rig.provider.does({ follow: ended, inspect: ended })
  await rig.run()
  rig.home.clock.advance(hour)
  const { outcome, lines } = await rig.run()
  expect([outcome.verdict, outcome.isWarning]).toEqual(['skipped', true])
  expect(outcome.reason).toContain('has ended, and how is not known yet')
  expect(lines.join(' ')).not.toContain('it counts as running')
})

test('A run that is adopted after its claim was closed as never begun has a record that says so', async () => {
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
