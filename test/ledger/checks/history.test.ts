import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { UnreadableRecord } from '../../../src/ledger/entry.ts'
import { basesOf, toPastRun } from '../../../src/ledger/history.ts'
import type { ClaimFacts } from '../../../src/ledger/record.ts'
import {
  claim,
  day,
  key,
  type LocalLedger,
  minute,
  revisionOf,
  run,
  type Steps,
  startLocalLedger,
  starts,
  startsAndFails,
  startsAndSucceeds,
  train,
} from '../local-ledger.ts'

let local: LocalLedger

beforeEach(async () => {
  local = await startLocalLedger()
})

afterEach(() => local.github.close())

const names = (entries: readonly { record: { project: string | null } }[]) =>
  entries.map(({ record }) => record.project)

/** An attempt for each word, a minute apart, whose project is the word. */
async function trainAll(
  words: readonly string[],
  { steps = startsAndSucceeds, facts = {} }: { steps?: Steps; facts?: Partial<ClaimFacts> } = {},
) {
  for (const word of words) {
    await train(await local.open(), { revision: revisionOf(word), facts: { project: word, ...facts }, steps })
    local.clock.advance(minute)
  }
}

async function bases() {
  const { good, last } = basesOf(await (await local.open()).recent(), local.clock.now())
  return { good: good?.record.project, last: last?.record.project }
}

describe('The newest attempts', () => {
  test('They are listed newest first, across days and months and with more than nine a day.', async () => {
    const words = Array.from({ length: 12 }, (_, n) => `first-${n}`)
    await trainAll(words)
    local.clock.advance(day)
    await trainAll(['second-0', 'second-1'])
    local.clock.advance(30 * day)
    await trainAll(['third-0'])
    expect(names(await (await local.open()).recent())).toEqual([
      'third-0',
      'second-1',
      'second-0',
      ...words.reverse(),
    ])
  })

  test('They show the current record, not that of the time when the slot was taken.', async () => {
    await trainAll(['a'], { steps: startsAndFails })
    const [entry] = await (await local.open()).recent()
    expect(entry?.record).toMatchObject({ state: 'failed', reason: 'out of luck', run })
  })

  test('They include what this workflow run has saved.', async () => {
    await trainAll(['a'], { steps: starts })
    const ledger = await local.open()
    const [entry] = await ledger.recent()
    if (entry === undefined) throw new Error('There is no attempt.')
    await ledger.save(entry, 'succeeded')
    expect((await ledger.recent())[0]?.record.state).toBe('succeeded')
  })

  test('A slot that was released and taken again is sorted by its new attempt.', async () => {
    const ledger = await local.open()
    const released = await claim(ledger, { revision: revisionOf('x') })
    await trainAll(['a'])
    await ledger.release(released)
    await trainAll(['b'])
    expect(local.refs().filter((ref) => ref.startsWith('day'))).toEqual([
      'day/2026-01-02/1',
      'day/2026-01-02/2',
    ])
    expect(names(await (await local.open()).recent())).toEqual(['b', 'a'])
  })

  test.each([
    ['a claim', revisionOf('b')],
    ['a slot', 'day/2026-01-02/2'],
  ])('A bad record in %s fails the recipe with the name of its ref.', async (_what, name) => {
    await trainAll(['a', 'b', 'c'])
    local.damage(name, 'garbage')
    const ledger = await local.open()
    await expect(ledger.recent()).rejects.toThrow(UnreadableRecord)
    await expect(ledger.recent()).rejects.toThrow(`refs/auto-retrain/${key}/${name}`)
  })

  test.each([{ status: 502 }, { status: 200, body: { errors: [{ message: 'no' }] } }, { status: 403 }])(
    'They are read record by record when GraphQL fails (%j).',
    async (fault) => {
      await trainAll(['a', 'b'])
      local.github.fault({ path: /graphql/, times: Number.POSITIVE_INFINITY, ...fault })
      expect(names(await (await local.open()).recent())).toEqual(['b', 'a'])
    },
  )

  test('A new recipe has none, which takes one request.', async () => {
    const ledger = await local.open()
    expect(ledger.isEmpty).toBe(true)
    expect(await ledger.recent()).toEqual([])
    expect(local.calls()).toEqual([`GET matching-refs/auto-retrain%2F${key}`])
  })
})

describe('The two bases of a comparison', () => {
  test('They are the newest success and the newest attempt, however that ended.', async () => {
    await trainAll(['a', 'b'])
    await trainAll(['c'], { steps: startsAndFails })
    expect(await bases()).toEqual({ good: 'b', last: 'c' })
  })

  test('An attempt that is running, out of sight or about to start is as good as a success.', async () => {
    await trainAll(['a'])
    await trainAll(['b'], { steps: starts })
    expect(await bases()).toEqual({ good: 'b', last: 'b' })
    await trainAll(['c'], { steps: [...starts, ['out-of-sight', { reason: '404' }]] })
    expect(await bases()).toEqual({ good: 'c', last: 'c' })
    await trainAll(['d'], { steps: [] })
    expect(await bases()).toEqual({ good: 'd', last: 'd' })
  })

  test('A claim whose owner is gone is no good base any more, and still the last attempt.', async () => {
    await trainAll(['a'])
    await trainAll(['b'], { steps: [] })
    local.clock.advance(10 * minute)
    expect(await bases()).toEqual({ good: 'a', last: 'b' })
  })

  test('A revision that was not head when it was claimed is never a base.', async () => {
    await trainAll(['a'])
    await trainAll(['old'], { facts: { atHead: false, trigger: 'manual' } })
    await trainAll(['old and failed'], { facts: { atHead: false, trigger: 'manual' }, steps: startsAndFails })
    expect(await bases()).toEqual({ good: 'a', last: 'a' })
  })

  test('The good base is found behind many failures.', async () => {
    await trainAll(['a'])
    await trainAll(
      Array.from({ length: 45 }, (_, n) => `failed-${n}`),
      { steps: startsAndFails },
    )
    const before = local.calls().length
    expect(await bases()).toEqual({ good: 'a', last: 'failed-44' })
    expect(local.calls().length - before).toBeLessThanOrEqual(3)
  })
})

describe('The attempts before a claim, read anew', () => {
  test('They are those of earlier slots, also of workflow runs that claimed after this one had checked.', async () => {
    await trainAll(['a'])
    const ledger = await local.open()
    await trainAll(['b'], { steps: starts })
    const own = await claim(ledger, { revision: revisionOf('c'), facts: { project: 'c' } })
    await trainAll(['d'], { steps: starts })
    expect(names(await ledger.recent())).not.toContain('b')
    expect(names(await ledger.recentBefore(own))).toEqual(['b', 'a'])
    // Known from now on: what this workflow run writes down about its check counts them as open.
    expect(names(await ledger.recent())).toContain('b')
  })

  test('A list that lags does not take the own claim for that of another, and is read again.', async () => {
    const ledger = await local.open()
    await trainAll(['b'], { steps: starts })
    const own = await claim(ledger, { revision: revisionOf('c') })
    local.github.lag({ list: 5000 })
    expect(names(await ledger.recentBefore(own))).toEqual(['b'])
  })

  test('A list that lags for longer is taken as it is after 30 s, without the own claim.', async () => {
    const ledger = await local.open()
    const own = await claim(ledger, { revision: revisionOf('c') })
    local.github.lag({ list: 10 * minute })
    const before = local.clock.now()
    expect(await ledger.recentBefore(own)).toEqual([])
    expect(local.clock.now() - before).toBeLessThan(40_000)
  })

  test('The claim of an earlier slot that is on its way is waited for.', async () => {
    const ledger = await local.open()
    const other = await claim(await local.open(), { revision: revisionOf('b'), facts: { project: 'b' } })
    local.git.refs.delete(other.ref)
    const own = await claim(ledger, { revision: revisionOf('c') })
    const { sleep } = local.clock
    local.clock.sleep = async (ms, signal) => {
      local.git.refs.set(other.ref, other.sha)
      await sleep(ms, signal)
    }
    expect(names(await ledger.recentBefore(own))).toEqual(['b'])
  })

  test('An old slot whose claim was released is not waited for.', async () => {
    const released = await claim(await local.open(), { revision: revisionOf('b') })
    local.git.refs.delete(released.ref)
    local.clock.advance(2 * minute)
    const ledger = await local.open()
    const own = await claim(ledger, { revision: revisionOf('c') })
    expect(await ledger.recentBefore(own)).toEqual([])
    expect(local.clock.sleeps).toEqual([])
  })
})

test('Reports show what became of an attempt: what runs has no result and no model yet.', async () => {
  await trainAll(['a'])
  await trainAll(['b'], { steps: startsAndFails })
  await trainAll(['c'], { steps: starts, facts: { model: 'acme/c' } })
  await trainAll(['d'], { steps: [], facts: { model: 'acme/d' } })
  const shown = (await (await local.open()).recent()).map(toPastRun)
  expect(shown.map(({ verdict, model, cost }) => [verdict, model, cost])).toEqual([
    [null, null, null],
    ['started', null, null],
    ['failed', null, 0.5],
    ['succeeded', null, 0.5],
  ])
  expect(shown[3]?.metrics).toEqual({ accuracy: 0.9 })
})
