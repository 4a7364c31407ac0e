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

test('A saved record is what the next workflow run reads.', async () => {
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

describe('The update of a record', () => {
  test.each([
    ['lost after it was applied', { reset: true, applied: true }],
    ['answered 502 after it was applied', { status: 502, applied: true }],
    ['lost before it was applied', { reset: true }],
    ['answered 500 before it was applied', { status: 500 }],
    ['answered 422 Reference update failed', { status: 422, body: { message: 'Reference update failed' } }],
  ])('An update that is %s is resolved by reading the ref.', async (_what, fault) => {
    local.github.fault({ ...patch, ...fault })
    const saved = await ledger.save(entry, { run })
    expect(await reread()).toEqual(saved)
  })

  test('A save fails with an error when GitHub keeps failing.', async () => {
    local.github.fault({ ...patch, status: 502, times: 3 })
    await expect(ledger.save(entry, { run })).rejects.toThrow(HttpError)
    expect(await reread()).toEqual(entry)
  })
})

test('A record that GitHub fails to return is an error, and does not count as deleted.', async () => {
  for (const status of [500, 403]) {
    local.github.fault({ method: 'GET', path: /\/git\/ref\//, status, times: 4 })
    const error = await ledger.save(entry, { run }).catch((thrown: unknown) => thrown)
    expect(error).not.toBeInstanceOf(TakenOver)
    expect(error).toBeInstanceOf(Error)
  }
})

test('A ref is read twice before it counts as deleted, because GitHub may show it late.', async () => {
  local.github.fault({ method: 'GET', path: /\/git\/ref\//, status: 404 })
  expect(await ledger.save(entry, { run })).toEqual(await reread())
})

describe('Saving a record that another workflow run has changed or deleted', () => {
  test('A changed record is not overwritten, and the error has its new content.', async () => {
    const other = await local.open()
    const theirs = await other.save((await other.latest(revision))!, { verdict: 'cancelled' })
    const error = await ledger.save(entry, { run }).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(TakenOver)
    expect(error).toMatchObject({ current: theirs, message: expect.stringContaining('taken over') })
    expect(await reread()).toEqual(theirs)
  })

  test('A record that is changed between a lost update and the next try is not overwritten.', async () => {
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

  test('A deleted record is not created again.', async () => {
    local.git.refs.delete(entry.ref)
    await expect(ledger.save(entry, { run })).rejects.toMatchObject({ name: 'TakenOver', current: null })
    expect(local.refs()).toEqual([])
  })

  test('A record that is deleted during the update is not created again.', async () => {
    local.github.fault({ ...patch, status: 422, body: { message: 'Reference does not exist' } })
    const stolen = local.clock.sleep
    local.clock.sleep = async (ms, signal) => {
      local.git.refs.delete(entry.ref)
      await stolen(ms, signal)
    }
    await expect(ledger.save(entry, { run })).rejects.toThrow(TakenOver)
  })

  test('An unreadable record is reported without its content.', async () => {
    const sha = local.github.repositories[0]!.headSha
    local.git.refs.set(entry.ref, sha)
    await expect(ledger.save(entry, { run })).rejects.toMatchObject({ name: 'TakenOver', current: null })
  })
})

test('An entry that was saved before cannot be saved again, because the newer record would be lost.', async () => {
  await ledger.save(entry, { run })
  await expect(ledger.save(entry, { project: 'p' })).rejects.toThrow(TakenOver)
})
