import { describe, expect, test } from '@jest/globals'
import { lostMachine } from '../provider.ts'
import { type CrashWorld, killedAtEachCall } from './crash-world.ts'
import type { Death } from './mortal.ts'

const deaths = ['before', 'after'] as const
const first = { runId: '1', runAttempt: 1 }

/** A training is killed, the end of its job runs or is killed itself, and nothing that is paid is left alone. */
async function tell(
  when: Death['when'],
  endOfJob: (world: CrashWorld, state: string) => Promise<void>,
  { alive = 0 }: { alive?: number } = {},
): Promise<void> {
  await killedAtEachCall(when, async (world, death) => {
    const lived = await world.live(death, first)
    await endOfJob(world, lived.state)
    expect(world.rig.provider.alive().length).toBeLessThanOrEqual(alive)
    await world.expectNothingOrphaned()
    await world.settle()
    await world.expectMoneyIsLedger()
    expect(world.rig.provider.paid).toHaveLength(1)
    return lived
  })
}

describe.each(deaths)('The end of the job of a step that is killed right %s any of its calls', (when) => {
  test('It stops what the step had ordered, and the ledger has it.', () =>
    tell(when, (world, state) => world.post(state)))

  test('It stops what the step had ordered while GitHub answers 500.', () =>
    tell(when, async (world, state) => {
      const times = Number.POSITIVE_INFINITY
      const outage = world.rig.home.github.fault({ path: /./, status: 500, times })
      await world.post(state).catch(() => undefined)
      outage.lift()
    }))

  test('It stops what the step had ordered with a workflow token that has expired.', () =>
    tell(when, async (world, state) => {
      const times = Number.POSITIVE_INFINITY
      const expiry = world.rig.home.github.fault({ path: /./, status: 401, times })
      await world.post(state).catch(() => undefined)
      expiry.lift()
    }))

  test.each(deaths)('Nothing is forgotten when it is killed itself, %s its calls.', (postWhen) =>
    tell(
      when,
      async (world, state) => {
        for (let at = 1; at <= 5; at += 2) await world.post(state, { at, when: postWhen })
      },
      { alive: 1 },
    ),
  )

  test('What the step had trained to its end is no cancelled training.', async () => {
    await killedAtEachCall(when, async (world, death) => {
      const lived = await world.live(death, first)
      world.rig.provider.endAll()
      const { length } = world.rig.provider.paid
      await world.post(lived.state)
      await world.settle()
      await world.expectMoneyIsLedger()
      const records = await world.rig.records()
      if (length === 1) expect(records.map(({ state }) => state)).toContain('succeeded')
      expect(world.rig.provider.paid).toHaveLength(1)
      return lived
    })
  })
})

/** A command lives and dies with its runner: no provider can be asked about it. */
function asCommand({ rig }: CrashWorld): void {
  const alive = () => rig.provider.alive().length > 0
  rig.provider.does({
    find: undefined,
    list: undefined,
    inspect: undefined,
    processOf: () => ({ pid: 77, startTime: '1234' }),
    endProcess: async () => {
      const wasAlive = alive()
      rig.provider.endAll({ ...lostMachine, verdict: 'cancelled', cause: 'workflow' })
      return wasAlive
    },
  })
}

describe.each(deaths)('A command whose step is killed right %s any of its calls', (when) => {
  test('The end of the job ends what it left running, and no other runs beside it.', async () => {
    await killedAtEachCall(when, async (world, death) => {
      asCommand(world)
      const lived = await world.live(death, first)
      await world.post(lived.state)
      expect(world.rig.provider.alive()).toEqual([])
      await world.settle()
      await world.expectMoneyIsLedger('command')
      expect(world.rig.provider.paid.length).toBeLessThanOrEqual(1)
      return lived
    })
  })

  test.each([
    ['the schedule', {}],
    ['Re-run jobs', { ...first, runAttempt: 2 }],
  ])('After its machine was lost, it is trained by %s, and never twice at a time.', async (_what, by) => {
    await killedAtEachCall(when, async (world, death) => {
      asCommand(world)
      const lived = await world.live(death, first)
      world.rig.provider.endAll(lostMachine)
      await world.live(null, by)
      expect(world.rig.provider.alive()).toEqual([])
      await world.settle()
      await world.expectMoneyIsLedger('command')
      expect(world.rig.provider.paid.length).toBeLessThanOrEqual(2)
      expect((await world.rig.records()).some(({ state }) => state === 'succeeded')).toBe(true)
      return lived
    })
  })
})
