import { describe, expect, test } from '@jest/globals'
import { minute } from '../workflow-repository.ts'
import { type CrashWorld, killedAtEachCall } from './crash-world.ts'
import type { Death } from './mortal.ts'

/** The calls of one training to GitHub and its provider, from the first check to its end: at least so many to die at. */
const minCalls = 20

const deaths = ['before', 'after'] as const
const first = { runId: '1', runAttempt: 1 }

/** A training is killed, something follows, and at its end one run was paid. */
async function tell(
  when: Death['when'],
  follows: (world: CrashWorld, state: string) => Promise<void>,
): Promise<void> {
  const calls = await killedAtEachCall(when, async (world, death) => {
    const lived = await world.live(death, first)
    await follows(world, lived.state)
    await world.expectNothingOrphaned()
    await world.settle()
    await world.expectMoneyIsLedger()
    expect(world.rig.provider.paid).toHaveLength(1)
    expect((await world.rig.records()).some(({ state }) => state === 'succeeded')).toBe(true)
    return lived
  })
  expect(calls).toBeGreaterThan(minCalls)
}

describe.each(deaths)('A workflow run whose machine is lost right %s any of its calls', (when) => {
  test('Its training is paid once when only the schedule follows.', () => tell(when, async () => undefined))

  test('Its training is paid once when an event and the schedule follow at once and later.', () =>
    tell(when, async (world) => {
      await world.live(null)
      await world.expectNothingOrphaned()
      world.rig.home.clock.advance(5 * minute)
      await world.live(null)
    }))

  test('Its training is paid once when a person presses Re-run jobs at once.', () =>
    tell(when, async (world) => {
      await world.live(null, { ...first, runAttempt: 2 })
    }))

  test('Its training is paid once when a person presses Run workflow, and again later.', () =>
    tell(when, async (world) => {
      await world.live(null, { request: { byPerson: true } })
      await world.expectNothingOrphaned()
      world.rig.home.clock.advance(11 * minute)
      await world.live(null, { request: { byPerson: true } })
    }))

  test('Its training is paid once when two workflow runs follow at the same time.', () =>
    tell(when, async (world) => {
      world.rig.home.clock.advance(11 * minute)
      await Promise.all([world.live(null), world.live(null)])
    }))

  test('Its training is paid once when those that follow are killed too.', () =>
    tell(when, async (world) => {
      for (let at = 2; at <= minCalls; at += 4) {
        world.rig.home.clock.advance(11 * minute)
        await world.live({ at, when })
        await world.expectNothingOrphaned()
      }
    }))
})
