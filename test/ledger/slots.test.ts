import { afterEach, beforeEach, expect, test } from '@jest/globals'
import type { Entry } from '../../src/ledger/entry.ts'
import type { RecipeLedger } from '../../src/ledger/ledger.ts'
import { claimant, type LocalLedger, minute, revisionOf, startLocalLedger } from './local-ledger.ts'

const createSlot = { method: 'POST', path: /\/git\/refs$/ }
let local: LocalLedger

beforeEach(async () => {
  local = await startLocalLedger()
})

afterEach(() => local.github.close())

async function claimed(word: string): Promise<{ ledger: RecipeLedger; entry: Entry }> {
  const ledger = await local.open()
  const { entry } = await ledger.claim({ revision: revisionOf(word), attempt: 1, claimant: claimant() })
  return { ledger, entry }
}

const slots = () => local.refs().filter((ref) => ref.startsWith('day/'))

test('The runs of a day take its slots in order, until all are used.', async () => {
  for (const [word, slot] of [
    ['a', 'day/2026-01-02/1'],
    ['b', 'day/2026-01-02/2'],
  ] as const) {
    const { ledger, entry } = await claimed(word)
    expect((await ledger.takeDaySlot(entry, 2))?.slot).toContain(slot)
  }
  const { ledger, entry } = await claimed('c')
  expect(await ledger.takeDaySlot(entry, 2)).toBeNull()
  expect(slots()).toEqual(['day/2026-01-02/1', 'day/2026-01-02/2'])
})

test('All slots are free again at midnight UTC.', async () => {
  const one = await claimed('a')
  await one.ledger.takeDaySlot(one.entry, 1)
  local.clock.advance(12 * 60 * minute - 1)
  const two = await claimed('b')
  expect(await two.ledger.takeDaySlot(two.entry, 1)).toBeNull()
  local.clock.advance(1)
  expect((await two.ledger.takeDaySlot(two.entry, 1))?.slot).toContain('day/2026-01-03/1')
})

test('A limit of 0 gives no slot and sends no request.', async () => {
  const { ledger, entry } = await claimed('a')
  const before = local.calls().length
  expect(await ledger.takeDaySlot(entry, 0)).toBeNull()
  expect(local.calls()).toHaveLength(before)
})

test('A day without free slots takes no request.', async () => {
  for (const word of ['a', 'b', 'c']) {
    const { ledger, entry } = await claimed(word)
    await ledger.takeDaySlot(entry, 3)
  }
  const { ledger, entry } = await claimed('d')
  const before = local.calls().length
  expect(await ledger.takeDaySlot(entry, 3)).toBeNull()
  expect(local.calls()).toHaveLength(before)
})

test('When many workflow runs take slots at the same time, exactly as many get one as there are slots.', async () => {
  const all = await Promise.all(['a', 'b', 'c', 'd', 'e', 'f'].map(claimed))
  local.github.fault({ ...createSlot, reset: true, applied: true })
  local.github.fault({ ...createSlot, status: 502, applied: true })
  const taken = await Promise.all(all.map(({ ledger, entry }) => ledger.takeDaySlot(entry, 4)))
  const got = taken.flatMap((entry) => entry?.slot ?? [])
  expect(got).toHaveLength(4)
  expect(new Set(got).size).toBe(4)
  expect(slots()).toHaveLength(4)
})

test('A slot whose answer is lost is taken once.', async () => {
  const { ledger, entry } = await claimed('a')
  local.github.fault({ ...createSlot, reset: true, applied: true })
  expect((await ledger.takeDaySlot(entry, 5))?.slot).toContain('day/2026-01-02/1')
  expect(slots()).toEqual(['day/2026-01-02/1'])
})

test('A higher limit on the same day gives more slots.', async () => {
  const one = await claimed('a')
  await one.ledger.takeDaySlot(one.entry, 1)
  const two = await claimed('b')
  expect(await two.ledger.takeDaySlot(two.entry, 1)).toBeNull()
  expect((await two.ledger.takeDaySlot(two.entry, 2))?.slot).toContain('day/2026-01-02/2')
})
