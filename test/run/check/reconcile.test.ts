import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { HubEvent } from '../../../src/event/payload.ts'
import { failed, lostMachine, succeeded } from '../provider.ts'
import { checkedByRelay, checkOf } from '../relay-check.ts'
import { dataset, digits, type Rig, startRig } from '../rig.ts'
import { minute } from '../workflow-repository.ts'

let rig: Rig

beforeEach(async () => {
  rig = await startRig()
})
afterEach(() => rig.close())

/** A Hub's event for a commit on main. */
const eventFor = (revision: string): HubEvent => ({
  ...checkOf(rig, { revision }),
  event: { action: 'update', scope: 'repo.content' },
})

describe("A check that the relay's own look at the dataset started", () => {
  test('It trains the head that it names.', async () => {
    const { outcome } = await checkedByRelay(rig)
    expect(outcome).toMatchObject({ verdict: 'succeeded', revision: rig.head() })
  })

  test('It trains the head of now where the relay saw an older one: no event may follow for it.', async () => {
    const revision = rig.head()
    const head = rig.commit()
    const { outcome } = await checkedByRelay(rig, { revision })
    expect(outcome).toMatchObject({ verdict: 'succeeded', revision: head })
    expect(rig.provider.paid).toHaveLength(1)
  })

  test('It trains the head of now where the one that the relay saw was force-pushed away.', async () => {
    const { outcome } = await checkedByRelay(rig, { revision: 'f'.repeat(40) })
    expect(outcome).toMatchObject({ verdict: 'succeeded', revision: rig.head() })
  })

  test('It checks the watched branch only: a check of another one is skipped before anything is asked.', async () => {
    const { outcome } = await checkedByRelay(rig, { ref: 'refs/heads/dev' })
    expect(outcome).toMatchObject({
      verdict: 'skipped',
      reason: 'Not a check for this recipe: a check of refs/heads/dev is asked for, not of refs/heads/main.',
    })
    expect(rig.hub.requests).toEqual([])
  })

  test('It is skipped by a recipe of another dataset, also where that dataset is gone.', async () => {
    rig.hub.createDataset({ name: 'ann/letters' })
    const seen = { name: 'ann/letters' }
    const gone = { recipes: [digits({ inputDataset: 'ann/gone' })] }
    for (const { outcome } of [await checkedByRelay(rig, seen), await checkedByRelay(rig, seen, gone)]) {
      expect(outcome).toMatchObject({
        verdict: 'skipped',
        reason: 'Not a check for this recipe: this dataset is not watched.',
      })
    }
  })

  test('A commit while the dataset settles is left to the next check, since it has no event.', async () => {
    const { sleep } = rig.home.clock
    rig.home.clock.sleep = (ms, signal) => {
      rig.home.clock.sleep = sleep
      rig.commit()
      return sleep(ms, signal)
    }
    const recipes = [digits({ settle: 10 * minute })]
    const { outcome } = await checkedByRelay(rig, {}, { recipes })
    expect(outcome).toMatchObject({
      verdict: 'skipped',
      reason: expect.stringMatching(/^Superseded by .*; the next check trains it\.$/),
    })
    expect((await checkedByRelay(rig, {}, { recipes })).outcome.verdict).toBe('succeeded')
  })

  test('A revision that a person asks for wins, as it does over an event.', async () => {
    const revision = rig.head()
    rig.commit()
    const { outcome } = await checkedByRelay(rig, {}, { request: { revision } })
    expect(outcome).toMatchObject({ verdict: 'succeeded', revision })
  })

  test('Repeated for a head that was trained, it skips and pays nothing.', async () => {
    await checkedByRelay(rig)
    for (let n = 0; n < 3; n += 1) {
      rig.home.clock.advance(61 * minute)
      expect((await checkedByRelay(rig)).outcome).toMatchObject({ verdict: 'skipped', isWarning: false })
    }
    expect(rig.provider.paid).toHaveLength(1)
  })
})

describe('What comes back by itself', () => {
  test.each([
    ['failed', failed, 'skipped'],
    ['lost its machine', { ...lostMachine, trainedMs: 60_000 }, 'succeeded'],
  ] as const)(
    'After a training that %s, a check of the relay decides as an event does.',
    async (_what, end, expected) => {
      const verdicts: string[] = []
      for (const trigger of [() => checkOf(rig), () => eventFor(rig.head())]) {
        await rig.close()
        rig = await startRig()
        rig.provider.endsIn(end)
        await rig.run()
        rig.provider.endsIn(succeeded)
        rig.home.clock.advance(61 * minute)
        verdicts.push((await rig.run({ request: { event: trigger() } })).outcome.verdict)
      }
      expect(verdicts).toEqual([expected, expected])
    },
  )

  test('It is bounded for checks of the relay as for events: three attempts on this data in all.', async () => {
    rig.provider.endsIn({ ...lostMachine, trainedMs: 60_000, cost: 0 })
    const recipes = [digits({ maxCost: 99 })]
    const verdicts: string[] = []
    for (let n = 0; n < 5; n += 1) {
      verdicts.push((await checkedByRelay(rig, {}, { recipes })).outcome.verdict)
      rig.home.clock.advance(61 * minute)
    }
    expect(verdicts).toEqual(['failed', 'failed', 'failed', 'skipped', 'skipped'])
    expect(rig.provider.paid).toHaveLength(3)
  })
})

describe('A dataset that was renamed', () => {
  const triggers = [
    ['an event', (name: string) => ({ ...checkOf(rig, { name }), ...update })],
    ["the relay's own check", (name: string) => checkOf(rig, { name })],
  ] as const
  const update = { event: { action: 'update', scope: 'repo.content' } }

  test.each(triggers)(
    'By %s under the new name the head is trained, where the recipe has the old one.',
    async (_what, trigger) => {
      rig.hub.rename(dataset, 'ann/numbers')
      const { sha } = rig.hub.commit('ann/numbers', { files: { 'train/1/new.txt': 'new' } })
      const { outcome } = await rig.run({ request: { event: trigger('ann/numbers') } })
      expect(outcome).toMatchObject({ verdict: 'succeeded', revision: sha })
    },
  )

  test.each(triggers)(
    "With the dataset's id, %s passes under any name: the relay may still have an older one.",
    async (_what, trigger) => {
      const event = trigger(dataset)
      const older = { ...event, repo: { ...event.repo, name: 'ann/figures' } }
      expect((await rig.run({ request: { event: older } })).outcome).toMatchObject({ verdict: 'succeeded' })
    },
  )

  test.each(triggers)(
    'With another id or none, %s under another name is not for this recipe.',
    async (_what, trigger) => {
      const event = trigger(dataset)
      for (const id of ['0'.repeat(24), undefined]) {
        const other = { ...event, repo: { ...event.repo, name: 'ann/figures', id } }
        expect((await rig.run({ request: { event: other } })).outcome).toMatchObject({
          verdict: 'skipped',
          reason: expect.stringMatching(
            /^Not an? (?:event|check) for this recipe: this dataset is not watched\.$/,
          ),
        })
      }
      expect(rig.provider.paid).toEqual([])
    },
  )
})
