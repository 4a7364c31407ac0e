import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { HttpError } from '../../../src/http/errors.ts'
import { type Entry, LaggingReplica, TakenOver, UnreadableRecord } from '../../../src/ledger/entry.ts'
import type { RecipeLedger } from '../../../src/ledger/ledger.ts'
import type { RecordFacts, RecordState } from '../../../src/ledger/record.ts'
import {
  claim,
  type LocalLedger,
  latestOf,
  minute,
  revisionOf,
  run,
  startLocalLedger,
} from '../local-ledger.ts'

const revision = revisionOf('a')
const patch = { method: 'PATCH', path: /\/git\/refs\// }
const otherRun = { id: 'job-2', url: 'https://hub.test/jobs/acme/job-2' }
let local: LocalLedger
let ledger: RecipeLedger
let entry: Entry

beforeEach(async () => {
  local = await startLocalLedger()
  ledger = await local.open()
  entry = await claim(ledger, { revision })
})

afterEach(() => local.github.close())

/** The same attempt, as another workflow run saves it. */
async function elsewhere(to: RecordState, facts: RecordFacts = {}): Promise<Entry> {
  const other = await local.open()
  const [theirs] = await other.attempts(revision)
  if (theirs === undefined) throw new Error('The claim is gone.')
  return other.save(theirs, to, facts)
}

const failure = (work: Promise<unknown>) => work.then(() => null).catch((thrown: unknown) => thrown)

test('A saved record is what the next workflow run reads.', async () => {
  const started = await ledger.save(entry, 'started', { run, deadline: '2026-01-02T14:00:00.000Z' })
  const ended = await ledger.save(started, 'succeeded', {
    metrics: { accuracy: 0.91 },
    discussionUrl: 'https://hub.test/datasets/acme/d/discussions/1',
  })
  expect(await latestOf(local, revision)).toEqual(ended.record)
  expect(ended.record).toMatchObject({
    nonce: entry.record.nonce,
    run,
    state: 'succeeded',
    metrics: { accuracy: 0.91 },
    deadline: '2026-01-02T14:00:00.000Z',
  })
  expect((await ledger.attempts(revision))[0]?.record).toEqual(ended.record)
})

describe('The update of a record', () => {
  test.each([
    ['lost after it was applied', { reset: true, applied: true }],
    ['answered 502 after it was applied', { status: 502, applied: true }],
    ['lost before it was applied', { reset: true }],
    ['answered 500 before it was applied', { status: 500 }],
  ])('An update that is %s is resolved by reading the ref.', async (_what, fault) => {
    local.github.fault({ ...patch, ...fault })
    const saved = await ledger.save(entry, 'started', { run })
    expect(await latestOf(local, revision)).toEqual(saved.record)
  })

  test('A save fails with an error when GitHub keeps failing.', async () => {
    local.github.fault({ ...patch, status: 502, times: 3 })
    await expect(ledger.save(entry, 'started', { run })).rejects.toThrow(HttpError)
    expect(await latestOf(local, revision)).toEqual(entry.record)
  })

  test("GitHub's refusal of an update is told in GitHub's words.", async () => {
    local.github.fault({ ...patch, status: 422, body: { message: 'Reference update failed' } })
    await expect(ledger.save(entry, 'started', { run })).rejects.toThrow('Reference update failed')
  })
})

test('A record that GitHub fails to return is an error, and does not count as taken over.', async () => {
  for (const status of [500, 403]) {
    local.github.fault({ method: 'GET', path: /\/git\/ref\//, status, times: 4 })
    const error = await failure(ledger.save(entry, 'started', { run }))
    expect(error).not.toBeInstanceOf(TakenOver)
    expect(error).toBeInstanceOf(Error)
  }
})

describe('A replica that lags', () => {
  test('A 404 for some seconds is waited for, and the record is saved.', async () => {
    local.github.lag({ get: 8000 })
    const saved = await ledger.save(entry, 'started', { run })
    expect(await latestOf(local, revision)).toEqual(saved.record)
  })

  test('An older state of our own is waited for, so that nothing goes back.', async () => {
    local.clock.advance(minute)
    const started = await ledger.save(entry, 'started', { run })
    local.github.lag({ get: 8000 })
    const ended = await ledger.save(started, 'succeeded')
    expect(ended.record).toMatchObject({ state: 'succeeded', run })
  })

  test('After 30 s the run goes on, and the error says what GitHub shows, not that another has it.', async () => {
    local.github.lag({ get: 10 * minute })
    const before = local.clock.now()
    const error = await failure(ledger.save(entry, 'started', { run }))
    expect(error).toBeInstanceOf(LaggingReplica)
    expect(String(error)).toContain('still shows an older state')
    expect(local.clock.now() - before).toBeLessThan(40_000)
    expect(await latestOf(local, revision)).toEqual(entry.record)
  })

  test('A record that a person deleted is not created again.', async () => {
    local.git.refs.delete(entry.ref)
    expect(await failure(ledger.save(entry, 'started', { run }))).toBeInstanceOf(LaggingReplica)
    expect(local.refs()).toEqual(['day/2026-01-02/1'])
  })
})

describe('A record that another workflow run has changed', () => {
  test.each(['succeeded', 'failed', 'cancelled'] as const)(
    'An end of %s that it recorded stays, whatever end this run saw.',
    async (state) => {
      const started = await ledger.save(entry, 'started', { run, began: true })
      const theirs = await elsewhere(state, { run, began: true, metrics: { accuracy: 0.7 } })
      for (const to of ['succeeded', 'failed', 'cancelled', 'out-of-sight'] as const) {
        const facts = to === 'out-of-sight' ? { reason: 'gone' } : { run, began: true, cost: 1 }
        expect((await ledger.save(started, to, facts)).record).toEqual(theirs.record)
      }
      expect(await latestOf(local, revision)).toEqual(theirs.record)
    },
  )

  test('What it wrote beside is kept.', async () => {
    const started = await ledger.save(entry, 'started', { run })
    await elsewhere('started', { discussionUrl: 'https://hub.test/d/1' })
    await ledger.save(started, 'succeeded', { cost: 1 })
    expect(await latestOf(local, revision)).toMatchObject({
      state: 'succeeded',
      cost: 1,
      discussionUrl: 'https://hub.test/d/1',
    })
  })

  test('A claim that it closed as never begun becomes started when its run is found after all.', async () => {
    await elsewhere('failed', { began: false, cause: 'infrastructure', cost: 0 })
    const saved = await ledger.save(entry, 'started', { run, began: true })
    expect(saved.record).toMatchObject({ state: 'started', run })
    expect(await latestOf(local, revision)).toMatchObject({ state: 'started', times: { finished: null } })
  })

  test('Another run in the record means that it was taken over: it is not overwritten.', async () => {
    const theirs = await elsewhere('started', { run: otherRun, began: true })
    const error = await failure(ledger.save(entry, 'started', { run }))
    expect(error).toBeInstanceOf(TakenOver)
    expect(error).toMatchObject({ current: { record: theirs.record } })
    expect(await latestOf(local, revision)).toEqual(theirs.record)
  })

  test('Another nonce in the record means that it was taken over.', async () => {
    await ledger.release(entry)
    const theirs = await claim(await local.open(), { revision })
    expect(await failure(ledger.save(entry, 'started', { run }))).toBeInstanceOf(TakenOver)
    expect(await latestOf(local, revision)).toEqual(theirs.record)
  })

  test('The same run, found by both, is no take-over.', async () => {
    await elsewhere('started', { run, began: true })
    expect((await ledger.save(entry, 'started', { run })).record.state).toBe('started')
  })

  test('A record that is changed between a lost update and the next try is not overwritten.', async () => {
    local.github.fault({ ...patch, status: 502 })
    const { sleep } = local.clock
    local.clock.sleep = async (ms, signal) => {
      local.clock.sleep = sleep
      await elsewhere('started', { run: otherRun })
      await sleep(ms, signal)
    }
    await expect(ledger.save(entry, 'started', { run })).rejects.toThrow(HttpError)
    expect(await latestOf(local, revision)).toMatchObject({ run: otherRun })
  })

  test('An unreadable record is not overwritten, and the error names its ref.', async () => {
    await elsewhere('started', { run })
    local.damage(revision, 'garbage')
    const error = await failure(ledger.save(entry, 'started', { run }))
    expect(error).toBeInstanceOf(UnreadableRecord)
    expect(String(error)).toContain(entry.ref)
  })
})

test('An entry that was saved before can be saved again: the newest record is read first.', async () => {
  await ledger.save(entry, 'started', { run })
  const again = await ledger.save(entry, 'started', { discussionUrl: 'https://hub.test/d/1' })
  expect(again.record).toMatchObject({ run, discussionUrl: 'https://hub.test/d/1' })
})
