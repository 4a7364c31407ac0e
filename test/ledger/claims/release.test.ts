import { afterEach, beforeEach, expect, test } from '@jest/globals'
import type { Entry } from '../../../src/ledger/entry.ts'
import type { RecipeLedger } from '../../../src/ledger/ledger.ts'
import {
  claim,
  factsOf,
  type LocalLedger,
  latestOf,
  minute,
  revisionOf,
  run,
  startLocalLedger,
} from '../local-ledger.ts'

const revision = revisionOf('a')
const slot = 'day/2026-01-02/1'
const facts = factsOf({ model: 'acme/vision-abc1234' })
let local: LocalLedger
let ledger: RecipeLedger
let entry: Entry

beforeEach(async () => {
  local = await startLocalLedger()
  ledger = await local.open()
  entry = await claim(ledger, { revision, facts })
})

afterEach(() => local.github.close())

test('A released claim leaves no refs, and its revision can be claimed again with the same slot.', async () => {
  expect(await ledger.release(entry)).toBe(true)
  expect(local.allRefs()).toEqual([])
  const again = await claim(ledger, { revision, facts })
  expect(again.with[0]).toContain(slot)
})

test('A claim is not released after five minutes, when another workflow run may soon take it over.', async () => {
  local.clock.advance(5 * minute)
  expect(await ledger.release(entry)).toBe(false)
  expect(local.refs()).toEqual([revision, slot])
})

test('A claim with a run is not released.', async () => {
  const started = await ledger.save(entry, 'started', { run })
  expect(await ledger.release(started)).toBe(false)
  expect(await ledger.release(entry)).toBe(false)
  expect(local.refs()).toContain(revision)
})

test('A claim whose order got no clear answer is not released.', async () => {
  await ledger.save(entry, 'claimed', { orderedAt: new Date(local.clock.now()).toISOString() })
  expect(await ledger.release(entry)).toBe(false)
  expect(local.allRefs()).toHaveLength(3)
})

test('A claim that belongs to another workflow run is not released.', async () => {
  await ledger.release(entry)
  const theirs = await claim(await local.open(), { revision })
  expect(await ledger.release(entry)).toBe(false)
  expect((await latestOf(local, revision))?.nonce).toBe(theirs.record.nonce)
})

test('A claim is not released where GitHub shows it late: it stays for the next check.', async () => {
  local.github.lag({ get: minute })
  expect(await ledger.release(entry)).toBe(false)
  expect(local.allRefs()).toHaveLength(3)
})

test.each([
  ['was lost after it worked', { reset: true, applied: true }, []],
  ['is 502 after it worked', { status: 502, applied: true }, []],
  ['is lost before it worked', { reset: true }, [revision]],
])(
  'The deletion of a claim is sent once, because a second one could hit another claim: the answer %s.',
  async (_what, fault, refs) => {
    local.github.fault({ method: 'DELETE', path: new RegExp(revision), ...fault })
    expect(await ledger.release(entry)).toBe(false)
    const deletions = local.calls().filter((call) => call.startsWith('DELETE'))
    expect(deletions.filter((call) => call.includes(revision))).toHaveLength(1)
    expect(deletions.at(-1)).toContain(revision)
    expect(local.refs()).toEqual(refs)
  },
)

test('A slot that cannot be deleted stays used, and claim and name are released.', async () => {
  local.github.fault({ method: 'DELETE', path: /day/, status: 502 })
  expect(await ledger.release(entry)).toBe(true)
  expect(local.refs()).toEqual([slot])
  expect(local.allRefs()).toHaveLength(1)
  expect(await ledger.recent()).toEqual([])
})
