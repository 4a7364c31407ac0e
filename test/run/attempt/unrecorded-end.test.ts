import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { recordStopped } from '../../../src/action/post.ts'
import type { TrainingEnd } from '../../../src/domain/training.ts'
import { UnclearStart } from '../../../src/domain/verdict.ts'
import { lostMachine, succeeded } from '../provider.ts'
import { digits, type Rig, startRig } from '../rig.ts'
import { minute } from '../workflow-repository.ts'

let rig: Rig
const hour = 60 * minute

beforeEach(async () => {
  rig = await startRig()
})
afterEach(() => rig.close())

test('“Re-run jobs” does not order again within 10 minutes of an order that may have been sent', async () => {
  const { start, find, list } = rig.provider.trainer()
  rig.provider.does({
    start: async (order, context) => {
      await start(order, context)
      throw new UnclearStart('unclear')
    },
  })
  await rig.run({ runId: '7' })
  const shownAt = rig.home.clock.now() + 5 * minute
  rig.provider.does({
    start,
    find: async (order, signal) =>
      rig.home.clock.now() < shownAt ? null : ((await find?.(order, signal)) ?? null),
    list: async (order, signal) =>
      rig.home.clock.now() < shownAt ? [] : ((await list?.(order, signal)) ?? []),
  })
  rig.home.clock.advance(minute)
  await rig.run({ runId: '7', runAttempt: 2 })
  expect(rig.provider.paid).toHaveLength(1)
})

test('A command that succeeded while GitHub could not record it is not run again', async () => {
  const judged: TrainingEnd = {
    ...lostMachine,
    reason:
      'Its runner was lost before its end was seen, and the recipe expects no model that could prove it',
  }
  rig.provider.does({
    find: undefined,
    list: undefined,
    inspect: undefined,
    processOf: () => ({ pid: 77, startTime: '1' }),
    endProcess: async () => false,
    judgeByModel: async () => judged,
    follow: async () => {
      rig.home.github.fault({ method: 'PATCH', path: /ann-auto/, status: 500, times: 6 })
      rig.provider.endAll(succeeded)
      return succeeded
    },
  })
  const { outcome, pending } = await rig.run({ recipes: [digits({ expectModel: false })] })
  expect(outcome.verdict).toBe('succeeded')
  const [left] = pending.trainings
  if (left === undefined) throw new Error('Nothing was left for the end of the job.')
  expect(left.ended?.verdict).toBe('succeeded')
  await recordStopped({ training: left, reason: '' }, rig.post().tools)
  rig.home.clock.advance(24 * hour)
  await rig.run({ recipes: [digits({ expectModel: false })] })
  expect(rig.provider.paid).toHaveLength(1)
  expect(await rig.records()).toMatchObject([{ state: 'succeeded', metrics: { eval_accuracy: 0.9 } }])
})
