import { afterEach, beforeEach, expect, test } from '@jest/globals'
import {
  claim,
  day,
  key,
  type LocalLedger,
  revisionOf,
  startLocalLedger,
  startsAndFails,
  train,
} from '../local-ledger.ts'

let local: LocalLedger

beforeEach(async () => {
  local = await startLocalLedger()
})

afterEach(() => local.github.close())

const slots = () => local.refs().filter((ref) => ref.startsWith('day/'))

/** Puts slots of a day into the repository, all of one failed attempt. */
async function addSlots(date: string, count: number): Promise<void> {
  const entry = await train(await local.open(), { revision: revisionOf(date), steps: startsAndFails })
  for (const ref of entry.with) local.git.refs.delete(ref)
  for (let n = 1; n <= count; n++) local.git.refs.set(`refs/auto-retrain/${key}/day/${date}/${n}`, entry.sha)
}

async function prune(times = 1): Promise<void> {
  for (let n = 0; n < times; n++) await (await local.open()).prune()
}

test('Slots older than 60 days and beyond the newest 100 are removed, oldest first and a few at a time.', async () => {
  await addSlots('2025-01-01', 4)
  await addSlots('2025-06-01', 99)
  await train(await local.open(), { revision: revisionOf('new') })
  await prune()
  expect(slots()).toHaveLength(101)
  expect(slots()).not.toContain('day/2025-01-01/3')
  expect(slots()).toContain('day/2025-01-01/4')
  await prune(2)
  expect(slots()).toHaveLength(100)
  expect(slots().filter((ref) => ref.includes('2025-06-01'))).toHaveLength(99)
})

test('The claims stay: they are what prevents a second training.', async () => {
  await addSlots('2025-01-01', 1)
  await addSlots('2025-06-01', 99)
  await train(await local.open(), { revision: revisionOf('new') })
  await prune()
  expect(slots()).toHaveLength(100)
  expect(await (await local.open()).attempts(revisionOf('2025-01-01'))).toHaveLength(1)
})

test('Slots of the last 60 days stay, however many they are.', async () => {
  await addSlots('2025-12-01', 130)
  await train(await local.open(), { revision: revisionOf('new') })
  await prune()
  expect(slots()).toHaveLength(131)
  local.clock.advance(40 * day)
  await prune()
  expect(slots()).toHaveLength(128)
})

test('The newest 100 stay, however old they are.', async () => {
  await train(await local.open(), { revision: revisionOf('old') })
  await addSlots('2025-01-01', 99)
  local.clock.advance(500 * day)
  await prune()
  expect(slots()).toHaveLength(100)
})

test('Nothing is removed while the last success may be among the old ones: it is a base.', async () => {
  await addSlots('2024-01-01', 5)
  await addSlots('2025-01-01', 100)
  await prune()
  expect(slots()).toHaveLength(105)
})

test('A slot that cannot be removed is left to the next run, and nothing is said.', async () => {
  await addSlots('2025-01-01', 2)
  await addSlots('2025-06-01', 99)
  await train(await local.open(), { revision: revisionOf('new') })
  local.github.fault({ method: 'DELETE', path: /day/, status: 403, body: { message: 'no' }, times: 2 })
  await prune()
  expect(slots()).toHaveLength(102)
  await prune()
  expect(slots()).toHaveLength(100)
})

test('Without anything to remove it sends nothing.', async () => {
  await claim(await local.open(), { revision: revisionOf('a') })
  const ledger = await local.open()
  await ledger.recent()
  const before = local.calls().length
  await ledger.prune()
  expect(local.calls()).toHaveLength(before)
})
