import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { HttpError } from '../../src/http/errors.ts'
import { type Entry, TakenOver } from '../../src/ledger/entry.ts'
import type { RecipeLedger } from '../../src/ledger/ledger.ts'
import { claimant, type LocalLedger, revisionOf, run, startLocalLedger } from './local-ledger.ts'

const revision = revisionOf('a')
const patch = { method: 'PATCH', path: /\/git\/refs\// }
let local: LocalLedger
let ledger: RecipeLedger
let entry: Entry

beforeEach(async () => {
  local = await startLocalLedger()
  ledger = await local.open()
  entry = (await ledger.claim({ revision, attempt: 1, claimant: claimant() })).entry
})

afterEach(() => local.github.close())

const reread = async () => (await (await local.open()).latest(revision))!

test('What is saved is what the next workflow run reads.', async () => {
  const started = await ledger.save(entry, { run, deadline: '2026-01-02T14:00:00.000Z' })
  const ended = await ledger.save(started, {
    verdict: 'succeeded',
    metrics: { accuracy: 0.91 },
    model: 'acme/vision-abc1234',
    discussionUrl: 'https://hub.test/datasets/acme/d/discussions/1',
  })
  expect(await reread()).toEqual(ended)
  expect(ended.record).toMatchObject({
    nonce: entry.record.nonce,
    run,
    verdict: 'succeeded',
    metrics: { accuracy: 0.91 },
    deadline: '2026-01-02T14:00:00.000Z',
  })
  expect(await ledger.latest(revision)).toEqual(ended)
})

describe('An update', () => {
  test.each([
    ['lost after it was applied', { reset: true, applied: true }],
    ['answered 502 after it was applied', { status: 502, applied: true }],
    ['lost before it was applied', { reset: true }],
    ['answered 500 before it was applied', { status: 500 }],
    ['answered 422 Reference update failed', { status: 422, body: { message: 'Reference update failed' } }],
  ])('%s is found out by reading, and made if it was not.', async (_what, fault) => {
    local.github.fault({ ...patch, ...fault })
    const saved = await ledger.save(entry, { run })
    expect(await reread()).toEqual(saved)
  })

  test('that keeps failing is an error.', async () => {
    local.github.fault({ ...patch, status: 502, times: 3 })
    await expect(ledger.save(entry, { run })).rejects.toThrow(HttpError)
    expect(await reread()).toEqual(entry)
  })
})

test('A record that GitHub cannot show just now is an error, and not taken for one that is gone.', async () => {
  for (const status of [500, 403]) {
    local.github.fault({ method: 'GET', path: /\/git\/ref\//, status, times: 4 })
    const error = await ledger.save(entry, { run }).catch((thrown: unknown) => thrown)
    expect(error).not.toBeInstanceOf(TakenOver)
    expect(error).toBeInstanceOf(Error)
  }
})

test('A ref that GitHub shows a moment late is looked at twice before it counts as gone.', async () => {
  local.github.fault({ method: 'GET', path: /\/git\/ref\//, status: 404 })
  expect(await ledger.save(entry, { run })).toEqual(await reread())
})

describe('A record that another workflow run', () => {
  test('changed since is not overwritten, and its new content comes with the error.', async () => {
    const other = await local.open()
    const theirs = await other.save((await other.latest(revision))!, { verdict: 'cancelled' })
    const error = await ledger.save(entry, { run }).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(TakenOver)
    expect(error).toMatchObject({ current: theirs, message: expect.stringContaining('taken over') })
    expect(await reread()).toEqual(theirs)
  })

  test('changed between a lost update and the next try is not overwritten.', async () => {
    const other = await local.open()
    const theirs = (await other.latest(revision))!
    local.github.fault({ ...patch, status: 502 })
    const saving = ledger.save(entry, { run })
    const stolen = local.clock.sleep
    local.clock.sleep = async (ms, signal) => {
      local.clock.sleep = stolen
      await other.save(theirs, { verdict: 'cancelled' })
      await stolen(ms, signal)
    }
    await expect(saving).rejects.toThrow(TakenOver)
    expect((await reread()).record.verdict).toBe('cancelled')
  })

  test('deleted is not made again.', async () => {
    local.git.refs.delete(entry.ref)
    await expect(ledger.save(entry, { run })).rejects.toMatchObject({ name: 'TakenOver', current: null })
    expect(local.refs()).toEqual([])
  })

  test('deleted under the update is not made again.', async () => {
    local.github.fault({ ...patch, status: 422, body: { message: 'Reference does not exist' } })
    const stolen = local.clock.sleep
    local.clock.sleep = async (ms, signal) => {
      local.git.refs.delete(entry.ref)
      await stolen(ms, signal)
    }
    await expect(ledger.save(entry, { run })).rejects.toThrow(TakenOver)
  })

  test('filled with something else is reported without it.', async () => {
    const sha = local.github.repositories[0]!.headSha
    local.git.refs.set(entry.ref, sha)
    await expect(ledger.save(entry, { run })).rejects.toMatchObject({ name: 'TakenOver', current: null })
  })
})

test('Saving an entry that was saved before is refused: the newer record would be lost.', async () => {
  await ledger.save(entry, { run })
  await expect(ledger.save(entry, { project: 'p' })).rejects.toThrow(TakenOver)
})
