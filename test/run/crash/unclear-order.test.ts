import { describe, expect, test } from '@jest/globals'
import { UnclearStart } from '../../../src/domain/verdict.ts'
import { runOf } from '../provider.ts'
import { digits } from '../rig.ts'
import { minute } from '../workflow-repository.ts'
import { type CrashWorld, killedAtEachCall, startCrashWorld } from './crash-world.ts'

const deaths = ['before', 'after'] as const

/** The answer to the first order is lost, and its run is shown by nothing until it is revealed. */
function loseFirstAnswer({ rig }: CrashWorld, { revealAtSecondOrder = false } = {}): { reveal(): void } {
  const { start, find, list, inspect } = rig.provider.trainer()
  let hidden: string | null = null
  let orders = 0
  rig.provider.does({
    start: async (order, context) => {
      orders += 1
      if (orders > 1) {
        if (revealAtSecondOrder) hidden = null
        return start(order, context)
      }
      await start(order, context)
      hidden = runOf(order).id
      throw new UnclearStart('The Hub gave no clear answer when creating the Job.')
    },
    find: async (order, signal) => (order.nonce === hidden ? null : ((await find?.(order, signal)) ?? null)),
    list: async (order, signal) =>
      ((await list?.(order, signal)) ?? []).filter(({ nonce }) => nonce !== hidden),
    inspect: async (order, run, signal) => (await inspect?.(order, run, signal)) ?? null,
  })
  return {
    reveal: () => {
      hidden = null
    },
  }
}

const states = async ({ rig }: CrashWorld) =>
  (await rig.records()).map(({ attempt, state }) => [attempt, state])

describe.each(deaths)(
  'After an order without an answer, a workflow run that is killed right %s any call',
  (when) => {
    test('It pays nothing more when the run shows within ten minutes.', async () => {
      await killedAtEachCall(when, async (world, death) => {
        const { reveal } = loseFirstAnswer(world)
        await world.live(null)
        world.rig.home.clock.advance(11 * minute)
        reveal()
        const lived = await world.live(death)
        await world.expectNothingOrphaned()
        await world.settle()
        await world.expectMoneyIsLedger()
        expect(await states(world)).toEqual([[1, 'succeeded']])
        expect(world.rig.provider.paid).toHaveLength(1)
        return lived
      })
    })

    test('It stops its own run when the older one shows right after its order.', async () => {
      await killedAtEachCall(when, async (world, death) => {
        const { reveal } = loseFirstAnswer(world, { revealAtSecondOrder: true })
        await world.live(null)
        world.rig.home.clock.advance(11 * minute)
        const lived = await world.live(death)
        reveal()
        await world.expectNothingOrphaned()
        await world.settle()
        await world.expectMoneyIsLedger()
        expect((await states(world))[0]).toEqual([1, 'succeeded'])
        expect(world.rig.provider.paid.length).toBeLessThanOrEqual(2)
        return lived
      })
    })

    test('It leaves nothing unknown when the older run shows only after it.', async () => {
      await killedAtEachCall(when, async (world, death) => {
        const { reveal } = loseFirstAnswer(world)
        await world.live(null)
        world.rig.home.clock.advance(11 * minute)
        const lived = await world.live(death)
        await world.expectNothingOrphaned()
        reveal()
        await world.settle()
        await world.expectMoneyIsLedger()
        expect(world.rig.provider.paid.length).toBeLessThanOrEqual(2)
        return lived
      })
    })
  },
)

describe('An order without an answer', () => {
  const notWaiting = { recipes: [digits({ wait: false })] }

  test('The next check ends the newer run when the older shows later than ten minutes.', async () => {
    const world = await startCrashWorld()
    const { reveal } = loseFirstAnswer(world)
    await world.live(null, notWaiting)
    world.rig.home.clock.advance(11 * minute)
    await world.live(null, notWaiting)
    expect(world.rig.provider.alive()).toHaveLength(2)
    reveal()
    world.rig.home.clock.advance(61 * minute)
    await world.live(null, notWaiting)
    expect(await states(world)).toEqual([
      [1, 'started'],
      [2, 'cancelled'],
    ])
    expect(world.rig.provider.alive().map(({ order }) => order)).toEqual([world.rig.provider.paid[0]])
    await world.close()
  })

  test('It comes back by itself at most three times, however often its answer is lost.', async () => {
    const world = await startCrashWorld()
    const { rig } = world
    rig.provider.does({
      start: async () => {
        throw new UnclearStart('The Hub gave no clear answer when creating the Job.')
      },
    })
    const outcomes: string[] = []
    for (let check = 0; check < 8; check += 1) {
      const { outcome } = await rig.run({ recipes: [digits({ maxCost: 99 })] })
      outcomes.push(`${outcome.verdict}${outcome.isWarning ? ' with a warning' : ''}`)
      rig.home.clock.advance(31 * minute)
    }
    expect(outcomes.slice(0, 4)).toEqual(['failed', 'failed', 'failed', 'skipped with a warning'])
    expect(await rig.records()).toHaveLength(3)
    await world.close()
  })

  test('It never costs more than max-cost by itself, counted as the most it could have cost.', async () => {
    const world = await startCrashWorld()
    const { rig } = world
    rig.provider.does({
      start: async () => {
        throw new UnclearStart('The Hub gave no clear answer when creating the Job.')
      },
    })
    for (let check = 0; check < 4; check += 1) {
      await rig.run({ recipes: [digits({ maxCost: 1.5 })] })
      rig.home.clock.advance(31 * minute)
    }
    expect(await rig.records()).toHaveLength(1)
    await world.close()
  })

  test('Nothing is started on the same data while the provider does not say whether it runs.', async () => {
    const world = await startCrashWorld()
    const { rig } = world
    loseFirstAnswer(world)
    await world.live(null)
    rig.home.clock.advance(11 * minute)
    rig.commitCard()
    const { find } = rig.provider.trainer()
    rig.provider.does({ find: () => Promise.reject(new Error('The Hub answered 503.')) })
    const { outcome } = await rig.run()
    expect(outcome).toMatchObject({
      verdict: 'failed',
      reason: expect.stringContaining('its provider could not be asked'),
    })
    expect(rig.provider.paid).toHaveLength(1)
    rig.provider.does({ find })
    await world.close()
  })
})
