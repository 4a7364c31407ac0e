import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { failed, lostMachine, succeeded } from '../provider.ts'
import { digits, type Rig, type RunOptions, startRig } from '../rig.ts'
import { minute } from '../workflow-repository.ts'

let rig: Rig

beforeEach(async () => {
  rig = await startRig()
})
afterEach(() => rig.close())

/** The outcome of another workflow run, an hour later. */
async function check(options: RunOptions = {}) {
  rig.home.clock.advance(61 * minute)
  return (await rig.run(options)).outcome
}

const byPerson = { request: { byPerson: true } }

describe('After a training that failed', () => {
  beforeEach(async () => {
    rig.provider.endsIn(failed)
    await check()
    rig.provider.endsIn(succeeded)
  })

  test('A commit that changes no data trains nothing, and a warning says what to do.', async () => {
    for (let commits = 0; commits < 3; commits += 1) {
      rig.commitCard()
      expect(await check()).toMatchObject({
        verdict: 'skipped',
        isWarning: true,
        reason: expect.stringMatching(/^Not retrying: training on \w{7} failed .* Fixed it\? Run workflow\./),
      })
    }
    expect(rig.provider.paid).toHaveLength(1)
  })

  test('Each later check warns, also the one that only reads what an earlier one wrote down.', async () => {
    const outcomes = [await check(), await check()]
    expect(outcomes).toMatchObject([
      { verdict: 'skipped', isWarning: true },
      { verdict: 'skipped', isWarning: true },
    ])
    expect(outcomes[1]?.reason).toBe(outcomes[0]?.reason)
  })

  test('New data is trained.', async () => {
    rig.commit()
    expect(await check()).toMatchObject({ verdict: 'succeeded' })
  })

  test('A recipe that runs otherwise now trains the same data by itself.', async () => {
    expect(await check({ recipes: [digits({ params: { epochs: 9 } })] })).toMatchObject({
      verdict: 'succeeded',
      attempt: 2,
    })
  })

  test('“Run workflow” trains the same data, also after a commit that changes none.', async () => {
    rig.commitCard()
    expect(await check(byPerson)).toMatchObject({ verdict: 'succeeded' })
  })
})

describe('After a refusal that is due to the data', () => {
  const only = { recipes: [digits({ paths: ['nothing/**'] })] }

  test('Later checks of the same head skip with its reason as a warning; a recipe that was fixed trains it.', async () => {
    const refused = await rig.run(only)
    expect(refused.outcome).toMatchObject({
      verdict: 'refused',
      reason: expect.stringContaining('has nothing to train on'),
    })
    const requests = rig.hub.requests.length
    const later = await rig.run(only)
    expect(later.outcome).toMatchObject({
      verdict: 'skipped',
      isWarning: true,
      reason: expect.stringContaining('has nothing to train on'),
    })
    expect(rig.hub.requests.slice(requests).filter(({ path }) => path.includes('/tree/'))).toEqual([])
    expect((await rig.run()).outcome.verdict).toBe('succeeded')
  })

  test('A person who runs it is refused again, with the same sentence.', async () => {
    await rig.run(only)
    const { outcome } = await rig.run({ ...only, request: { byPerson: true } })
    expect(outcome).toMatchObject({ verdict: 'refused' })
  })
})

describe('After a training that lost its machine', () => {
  test('It comes back by itself, and at most twice.', async () => {
    rig.provider.endsIn({ ...lostMachine, trainedMs: 60_000 })
    const verdicts = [await check(), await check(), await check(), await check()].map(
      ({ verdict }) => verdict,
    )
    expect(verdicts).toEqual(['failed', 'failed', 'failed', 'skipped'])
    expect(rig.provider.paid).toHaveLength(3)
  })

  test('It comes back once when it had trained for more than ten minutes.', async () => {
    rig.provider.endsIn({ ...lostMachine, trainedMs: 11 * minute })
    expect([await check(), await check(), await check()].map(({ verdict }) => verdict)).toEqual([
      'failed',
      'failed',
      'skipped',
    ])
  })

  test('It does not come back where the attempts would cost more than max-cost.', async () => {
    rig.provider.endsIn({ ...lostMachine, trainedMs: 60_000, cost: 0.6 })
    const recipes = [digits({ maxCost: 1.5 })]
    expect(await check({ recipes })).toMatchObject({ verdict: 'failed' })
    expect(await check({ recipes })).toMatchObject({
      verdict: 'skipped',
      isWarning: true,
      reason: expect.stringContaining('would exceed max-cost ($1.50)'),
    })
  })

  test('The price of the next attempt is the one that is planned now, and a higher max-cost is enough.', async () => {
    rig.provider.endsIn({ ...lostMachine, trainedMs: 60_000, cost: 0.6 })
    await check({ recipes: [digits({ maxCost: 1.5 })] })
    await check({ recipes: [digits({ maxCost: 1.5 })] })
    rig.provider.endsIn(succeeded)
    expect(await check({ recipes: [digits({ maxCost: 2 })] })).toMatchObject({ verdict: 'succeeded' })
  })
})

describe('After a training that succeeded', () => {
  beforeEach(async () => {
    await check()
  })

  test('The paths of the recipe may be edited, and the next check compares again.', async () => {
    await check()
    const recipes = [digits({ paths: ['train/**'] })]
    const requests = rig.hub.requests.length
    await check({ recipes })
    expect(rig.hub.requests.slice(requests).some(({ path }) => path.includes('/tree/'))).toBe(true)
  })

  test('“force” by a person trains again, but never beside a run on the same data.', async () => {
    const recipes = [digits({ wait: false })]
    const force = { recipes, request: { byPerson: true, force: true } }
    expect(await check(force)).toMatchObject({ verdict: 'started', attempt: 2 })
    expect(await check(force)).toMatchObject({
      verdict: 'skipped',
      reason: expect.stringContaining('running'),
    })
    rig.commitCard()
    expect(await check(force)).toMatchObject({
      verdict: 'skipped',
      reason: expect.stringContaining('running'),
    })
    expect(rig.provider.alive()).toHaveLength(1)
  })
})

describe('“Re-run jobs” after the runner was lost and the training went on', () => {
  const first = { runId: '7' }
  const again = { runId: '7', runAttempt: 2 }

  beforeEach(async () => {
    await rig.run({ ...first, recipes: [digits({ wait: false })] })
    rig.home.clock.advance(20 * minute)
  })

  test('It ends succeeded with the run and its metrics when the training has succeeded meanwhile.', async () => {
    rig.provider.endAll(succeeded)
    const { outcome } = await rig.run(again)
    expect(outcome).toMatchObject({
      verdict: 'succeeded',
      attempt: 1,
      run: { id: expect.any(String) },
      end: { metrics: { eval_accuracy: 0.9 }, cost: 0.1 },
    })
  })

  test('It ends succeeded although newer commits have come.', async () => {
    rig.provider.endAll(succeeded)
    rig.commit()
    expect((await rig.run(again)).outcome).toMatchObject({ verdict: 'succeeded', attempt: 1 })
    expect(rig.provider.paid).toHaveLength(1)
  })

  test('It ends failed when the training has failed meanwhile, and pays nothing.', async () => {
    rig.provider.endAll(failed)
    expect((await rig.run(again)).outcome).toMatchObject({ verdict: 'failed', reason: 'The Job failed.' })
    expect(rig.provider.paid).toHaveLength(1)
  })

  test('It trains again when the training has lost its machine meanwhile.', async () => {
    rig.provider.endAll(lostMachine)
    expect((await rig.run(again)).outcome).toMatchObject({ verdict: 'succeeded', attempt: 2 })
  })

  test('It follows a training that still runs to its end.', async () => {
    expect((await rig.run(again)).outcome).toMatchObject({ verdict: 'succeeded', attempt: 1 })
    expect(await rig.records()).toMatchObject([{ state: 'succeeded' }])
  })
})
