import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { UnreadableRecord } from '../../src/ledger/entry.ts'
import {
  claimant,
  key,
  type LocalLedger,
  minute,
  revisionOf,
  run,
  startLocalLedger,
  train,
} from './local-ledger.ts'

const day = 24 * 60 * minute
let local: LocalLedger

beforeEach(async () => {
  local = await startLocalLedger()
})

afterEach(() => local.github.close())

const names = (entries: readonly { record: { project: string | null } }[]) =>
  entries.map(({ record }) => record.project)

/** A run per word, a minute apart, whose project is the word. */
async function trainAll(words: readonly string[], changes: object = { run, verdict: 'succeeded' }) {
  for (const word of words) {
    await train(await local.open(), { revision: revisionOf(word), claimant: { project: word }, changes })
    local.clock.advance(minute)
  }
}

const damage = (sha: string) => {
  const tag = local.git.tags.get(sha)!
  local.git.tags.set(sha, { ...tag, message: 'garbage' })
}

describe('The history', () => {
  test('The history lists the last runs, newest first, across days and months and with more than nine a day.', async () => {
    const words = Array.from({ length: 12 }, (_, n) => `first-${n}`)
    await trainAll(words)
    local.clock.advance(day)
    await trainAll(['second-0', 'second-1'])
    local.clock.advance(30 * day)
    await trainAll(['third-0'])
    expect(names(await (await local.open()).history(10))).toEqual([
      'third-0',
      'second-1',
      'second-0',
      ...words.slice(-7).reverse(),
    ])
  })

  test('The history shows the current record, not that of the time when the slot was taken.', async () => {
    await trainAll(['a'], { run, verdict: 'failed', reason: 'out of memory' })
    const [entry] = await (await local.open()).history(10)
    expect(entry?.record).toMatchObject({ verdict: 'failed', reason: 'out of memory', run })
  })

  test('The history includes what this workflow run has saved.', async () => {
    await trainAll(['a'], { run })
    const ledger = await local.open()
    const [entry] = await ledger.history(10)
    await ledger.save(entry!, { verdict: 'succeeded' })
    expect((await ledger.history(10))[0]?.record.verdict).toBe('succeeded')
    expect(await ledger.open()).toEqual([])
  })

  test('A slot that was released and taken again is sorted by its new run.', async () => {
    const ledger = await local.open()
    const { entry } = await ledger.claim({ revision: revisionOf('x'), attempt: 1, claimant: claimant() })
    const released = (await ledger.takeDaySlot(entry, 9))!
    await trainAll(['a'])
    await ledger.release(released)
    await trainAll(['b'])
    expect(local.refs().filter((ref) => ref.startsWith('day'))).toEqual([
      'day/2026-01-02/1',
      'day/2026-01-02/2',
    ])
    expect(names(await (await local.open()).history(10))).toEqual(['b', 'a'])
  })

  test('The history leaves out records that cannot be read.', async () => {
    await trainAll(['a', 'b', 'c'])
    damage(local.git.refs.get(`refs/auto-retrain/${key}/${revisionOf('b')}`)!)
    damage(local.git.refs.get(`refs/auto-retrain/${key}/day/2026-01-02/3`)!)
    expect(names(await (await local.open()).history(10))).toEqual(['a'])
  })

  test.each([{ status: 502 }, { status: 200, body: { errors: [{ message: 'no' }] } }, { status: 403 }])(
    'The history is read record by record when GraphQL fails (%j).',
    async (fault) => {
      await trainAll(['a', 'b'])
      local.github.fault({ path: /graphql/, times: Number.POSITIVE_INFINITY, ...fault })
      expect(names(await (await local.open()).history(10))).toEqual(['b', 'a'])
    },
  )

  test('The history of a new recipe is empty and takes one request.', async () => {
    const ledger = await local.open()
    expect(await ledger.history(10)).toEqual([])
    expect(await ledger.base()).toBeNull()
    expect(await ledger.open()).toEqual([])
    expect(local.calls()).toEqual([`GET matching-refs/auto-retrain%2F${key}`])
  })
})

describe('The base of a change', () => {
  test('The base is the newest revision whose run succeeded.', async () => {
    await trainAll(['a', 'b'])
    await trainAll(['c'], { run, verdict: 'failed' })
    await trainAll(['d'], { run, verdict: 'cancelled' })
    expect((await (await local.open()).base())?.record.project).toBe('b')
  })

  test('The base can be a revision whose run is active or about to start.', async () => {
    await trainAll(['a'])
    await trainAll(['b'], { run })
    expect((await (await local.open()).base())?.record.project).toBe('b')
    await trainAll(['c'], {})
    expect((await (await local.open()).base())?.record.project).toBe('c')
  })

  test('The base of a claim is the newest run of an earlier slot, even if that run began later than the first comparison.', async () => {
    await trainAll(['a'])
    const ledger = await local.open()
    await trainAll(['b'], { run })
    const entry = await train(ledger, { revision: revisionOf('c'), claimant: { project: 'c' }, changes: {} })
    await trainAll(['d'], { run })
    expect((await ledger.base())?.record.project).not.toBe('b')
    expect((await ledger.baseBefore(entry))?.record.project).toBe('b')
  })

  test('The base is not a revision whose claim was abandoned without a run.', async () => {
    await trainAll(['a'])
    await trainAll(['b'], {})
    local.clock.advance(10 * minute)
    expect((await (await local.open()).base())?.record.project).toBe('a')
  })

  test('The base is not an old revision that was requested by hand.', async () => {
    await trainAll(['a'])
    await train(await local.open(), {
      revision: revisionOf('old'),
      claimant: { atHead: false, trigger: 'manual' },
    })
    expect((await (await local.open()).base())?.record.project).toBe('a')
  })

  test('The base is found behind many failed runs.', async () => {
    await trainAll(['a'])
    await trainAll(
      Array.from({ length: 45 }, (_, n) => `failed-${n}`),
      { run, verdict: 'failed' },
    )
    const ledger = await local.open()
    const before = local.calls().length
    expect((await ledger.base())?.record.project).toBe('a')
    expect(local.calls().length - before).toBeLessThanOrEqual(6)
  })

  test('The search for the base fails at a record that cannot be read.', async () => {
    await trainAll(['a', 'b'])
    damage(local.git.refs.get(`refs/auto-retrain/${key}/${revisionOf('b')}`)!)
    await expect((await local.open()).base()).rejects.toThrow(UnreadableRecord)
  })
})

describe('Open records', () => {
  test('The open records are started runs and abandoned claims.', async () => {
    await trainAll(['left'], {})
    await trainAll(['going'], { run })
    await trainAll(['ended'])
    local.clock.advance(10 * minute)
    await trainAll(['young'], {})
    expect(names(await (await local.open()).open())).toEqual(['going', 'left'])
  })

  test('A claim without a slot is not an open record, because nothing was started for it.', async () => {
    const ledger = await local.open()
    await ledger.claim({ revision: revisionOf('a'), attempt: 1, claimant: claimant() })
    local.clock.advance(10 * minute)
    expect(await (await local.open()).open()).toEqual([])
  })

  test('An open record can be closed by another workflow run.', async () => {
    await trainAll(['a'], { run })
    const ledger = await local.open()
    const [entry] = await ledger.open()
    await ledger.save(entry!, { verdict: 'succeeded', metrics: { accuracy: 1 } })
    const later = await local.open()
    expect(await later.open()).toEqual([])
    expect((await later.latest(revisionOf('a')))?.record.metrics).toEqual({ accuracy: 1 })
  })
})
