import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { UnclearStart } from '../../../src/domain/verdict.ts'
import { succeeded } from '../provider.ts'
import { dataset, digits, type Rig, startRig } from '../rig.ts'
import { minute } from '../workflow-repository.ts'

let rig: Rig
const hour = 60 * minute

beforeEach(async () => {
  rig = await startRig()
})
afterEach(() => rig.close())

describe('A run that a person started for a revision', () => {
  test('Its end is recorded by the schedule although nothing is left to do about the head.', async () => {
    const old = rig.head()
    rig.commit()
    await rig.run()
    const recipes = [digits({ wait: false })]
    await rig.run({ recipes, request: { byPerson: true, revision: old } })
    expect(rig.provider.alive()).toHaveLength(1)
    rig.provider.endAll(succeeded)
    for (let day = 0; day < 3; day += 1) {
      rig.home.clock.advance(24 * hour)
      await rig.run({ recipes })
    }
    const record = (await rig.records()).find(({ revision }) => revision === old)
    expect(record?.state).toBe('succeeded')
  })

  test('It is looked up by the schedule where its order had no answer.', async () => {
    const old = rig.head()
    rig.commit()
    await rig.run()
    const { start } = rig.provider.trainer()
    rig.provider.does({
      start: async (order, context) => {
        await start(order, context)
        throw new UnclearStart('The Hub gave no clear answer when creating the Job.')
      },
    })
    await rig.run({ request: { byPerson: true, revision: old } })
    expect(rig.provider.alive()).toHaveLength(1)
    for (let check = 0; check < 10; check += 1) {
      rig.home.clock.advance(11 * minute)
      await rig.run()
    }
    const record = (await rig.records()).find(({ revision }) => revision === old)
    expect(record?.state).not.toBe('claimed')
  })
})

describe('A seen entry that cannot be written', () => {
  test('It does not hide a forced run from the schedule.', async () => {
    const recipes = [digits({ wait: false })]
    await rig.run()
    const outage = rig.home.github.fault({
      method: 'PATCH',
      path: /seen/,
      status: 500,
      times: Number.POSITIVE_INFINITY,
    })
    const { outcome } = await rig.run({ recipes, request: { byPerson: true, force: true } })
    expect([outcome.verdict, outage.hits > 0]).toEqual(['started', true])
    outage.lift()
    rig.provider.endAll(succeeded)
    for (let day = 0; day < 3; day += 1) {
      rig.home.clock.advance(24 * hour)
      await rig.run({ recipes })
    }
    expect(rig.provider.paid).toHaveLength(2)
    expect((await rig.records()).map(({ attempt, state }) => `${attempt} ${state}`)).toEqual([
      '1 succeeded',
      '2 succeeded',
    ])
  })
})

test('A run whose dataset is gone is still closed by the checks', async () => {
  const recipes = [digits({ wait: false })]
  await rig.run({ recipes })
  rig.hub.deleteRepository(dataset)
  rig.provider.endAll(succeeded)
  for (let day = 0; day < 3; day += 1) {
    rig.home.clock.advance(24 * hour)
    await rig.run({ recipes })
  }
  expect(await rig.records()).toMatchObject([{ state: 'succeeded' }])
})

test('“Re-run jobs” asks the ledger before the head: a success is reported although the dataset is gone', async () => {
  await rig.run({ runId: '7' })
  rig.hub.deleteRepository(dataset)
  const { outcome } = await rig.run({ runId: '7', runAttempt: 2 })
  expect(outcome.verdict).toBe('succeeded')
})

test('An unclear order is looked for although the dataset is gone', async () => {
  const { start } = rig.provider.trainer()
  rig.provider.does({
    start: async (order, context) => {
      await start(order, context)
      throw new UnclearStart('A Job may be running and billed. Every check looks for it until its deadline.')
    },
  })
  await rig.run()
  rig.hub.deleteRepository(dataset)
  rig.home.clock.advance(11 * minute)
  await rig.run()
  expect(await rig.records()).not.toMatchObject([{ state: 'claimed' }])
})
