import { afterEach, beforeEach, expect, test } from '@jest/globals'
import type { Entry } from '../../src/ledger/entry.ts'
import type { RecipeLedger } from '../../src/ledger/ledger.ts'
import { claimant, type LocalLedger, minute, revisionOf, run, startLocalLedger } from './local-ledger.ts'

const revision = revisionOf('a')
const first = { revision, attempt: 1, claimant: claimant() }
let local: LocalLedger
let ledger: RecipeLedger
let entry: Entry

beforeEach(async () => {
  local = await startLocalLedger()
  ledger = await local.open()
  entry = (await ledger.takeDaySlot((await ledger.claim(first)).entry, 3))!
})

afterEach(() => local.github.close())

test('A released claim leaves no refs, and its revision can be claimed again.', async () => {
  expect(await ledger.release(entry)).toBe(true)
  expect(local.refs()).toEqual([])
  expect(await ledger.latest(revision)).toBeNull()
  const again = await ledger.claim(first)
  expect(again.owned).toBe(true)
  expect((await ledger.takeDaySlot(again.entry, 1))?.slot).toContain('/1')
})

test('A claim without a slot can be released.', async () => {
  const { entry: bare } = await ledger.claim({ ...first, attempt: 2 })
  expect(await ledger.release(bare)).toBe(true)
  expect(local.refs()).toEqual([revision, 'day/2026-01-02/1'])
})

test('A claim is not released after five minutes, when another workflow run may soon take it over.', async () => {
  local.clock.advance(5 * minute)
  expect(await ledger.release(entry)).toBe(false)
  expect(local.refs()).toEqual([revision, 'day/2026-01-02/1'])
})

test('A claim with a run is not released.', async () => {
  const started = await ledger.save(entry, { run })
  expect(await ledger.release(started)).toBe(false)
  expect(await ledger.release(entry)).toBe(false)
  expect(local.refs()).toContain(revision)
})

test('A claim that belongs to another workflow run is not released.', async () => {
  await ledger.release(entry)
  const theirs = await (await local.open()).claim(first)
  expect(await ledger.release(entry)).toBe(false)
  expect((await (await local.open()).latest(revision))?.record.nonce).toBe(theirs.entry.record.nonce)
})

test.each([
  ['was lost after it worked', { reset: true, applied: true }, ['day/2026-01-02/1']],
  ['is 502 after it worked', { status: 502, applied: true }, ['day/2026-01-02/1']],
  ['is lost before it worked', { reset: true }, [revision, 'day/2026-01-02/1']],
])(
  'The deletion of a claim is sent once, because a second one could hit another claim: the answer %s.',
  async (_what, fault, refs) => {
    local.github.fault({ method: 'DELETE', path: /\/git\/refs\//, ...fault })
    expect(await ledger.release(entry)).toBe(false)
    expect(local.calls().filter((call) => call.startsWith('DELETE'))).toHaveLength(1)
    expect(local.refs()).toEqual(refs)
  },
)

test('A slot that cannot be deleted stays used, and the claim is released.', async () => {
  local.github.fault({ method: 'DELETE', path: /day/, status: 502 })
  expect(await ledger.release(entry)).toBe(true)
  expect(local.refs()).toEqual(['day/2026-01-02/1'])
  expect(await ledger.history(10)).toEqual([])
})
