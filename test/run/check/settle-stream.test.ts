import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { digits, type Rig, startRig } from '../rig.ts'
import { minute } from '../workflow-repository.ts'

let rig: Rig

beforeEach(async () => {
  rig = await startRig()
  await rig.run()
  rig.home.clock.advance(61 * minute)
})
afterEach(() => rig.close())

const recipes = [digits({ settle: 10 * minute })]

/** A dataset that gets a commit each time some minutes have passed on the clock. */
function commitEvery(everyMs: number): void {
  const { clock } = rig.home
  const { sleep } = clock
  let next = clock.now() + everyMs
  rig.commit()
  clock.sleep = async (ms, signal) => {
    await sleep(ms, signal)
    while (clock.now() >= next) {
      rig.commit()
      next += everyMs
    }
  }
}

describe('A dataset with commits faster than its settle time', () => {
  test('It is trained once its oldest untrained commit is five settle times old.', async () => {
    commitEvery(5 * minute)
    const verdicts: string[] = []
    while (!verdicts.includes('succeeded') && verdicts.length < 20) {
      verdicts.push((await rig.run({ recipes })).outcome.verdict)
    }
    expect(verdicts.slice(0, -1).every((verdict) => verdict === 'skipped')).toBe(true)
    expect(verdicts.at(-1)).toBe('succeeded')
    expect(verdicts.length).toBeLessThan(8)
    expect(rig.provider.paid).toHaveLength(2)
  })

  test('The skip of a check that no event started does not speak of events.', async () => {
    commitEvery(5 * minute)
    const { outcome } = await rig.run({ recipes })
    expect(outcome).toMatchObject({
      verdict: 'skipped',
      reason: expect.stringMatching(/next check trains it\.$/),
    })
  })

  test('A commit that a newer one superseded is trained after a force-push back to it.', async () => {
    const back = rig.commit()
    const { sleep } = rig.home.clock
    rig.home.clock.sleep = (ms, signal) => {
      rig.home.clock.sleep = sleep
      rig.commit()
      return sleep(ms, signal)
    }
    expect((await rig.run({ recipes })).outcome.verdict).toBe('skipped')
    rig.hub.repository('ann/digits').refs.set('refs/heads/main', back)
    expect((await rig.run({ recipes })).outcome.verdict).toBe('succeeded')
  })
})
