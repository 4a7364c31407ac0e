import { afterEach, beforeEach, expect, test } from '@jest/globals'
import type { LedgerKeys } from '../../../src/ledger/ledger.ts'
import {
  claim,
  type factsOf,
  keysOf,
  type LocalLedger,
  revisionOf,
  startLocalLedger,
  train,
} from '../local-ledger.ts'

const oldKeys = keysOf('acme-vision-12345678')
const newKeys = keysOf('acme-vision-9abcdef0')
const datasetId = 'hub-id-1'
const revision = revisionOf('a')
let local: LocalLedger

beforeEach(async () => {
  local = await startLocalLedger()
})

afterEach(() => local.github.close())

const before = (keys: LedgerKeys, id = datasetId) => local.ledger().beforeRename(keys, id)

async function trainedUnder(
  keys: LedgerKeys,
  dataset: Partial<NonNullable<ReturnType<typeof factsOf>['dataset']>> = {},
) {
  const facts = { dataset: { id: datasetId, family: keys.family, ...dataset } }
  await train(await local.ledger().recipe(keys), { revision, facts })
}

test('A recipe without records goes on under the key that it had before its dataset was renamed.', async () => {
  await trainedUnder(oldKeys)
  const found = await before(newKeys)
  expect(found?.key).toBe(oldKeys.key)
  expect((await found?.attempts(revision))?.[0]?.record.state).toBe('succeeded')
})

test('The rename is written down in the new key’s place, so that no later run searches again.', async () => {
  await trainedUnder(oldKeys)
  await before(newKeys)
  expect(local.allRefs()).toContain(`${newKeys.key}/renamed`)
  local.github.requests.splice(0)
  const later = await local.ledger().recipe(newKeys)
  expect(later.key).toBe(oldKeys.key)
  expect(later.isEmpty).toBe(false)
  expect(await later.attempts(revision)).toHaveLength(1)
  expect(local.calls()).toHaveLength(4)
  await claim(later, { revision, attempt: 2 })
  expect(local.allRefs()).toContain(`${oldKeys.key}/${revision}-2`)
})

test.each([
  ['of another dataset', { id: 'hub-id-2' }],
  ['whose Hub did not say its id', { id: null }],
  ['that differs in more than the dataset', { family: 'family-2' }],
])('A sibling %s is another recipe.', async (_what, dataset) => {
  await trainedUnder(oldKeys, dataset)
  expect(await before(newKeys)).toBeNull()
  expect(local.allRefs()).not.toContain(`${newKeys.key}/renamed`)
})

test('A recipe of another namespace or prefix is no sibling.', async () => {
  await trainedUnder(keysOf('acme-visions-12345678'))
  await trainedUnder(keysOf('acme-vision-too-12345678'))
  expect(await before(newKeys)).toBeNull()
})

test('A dataset that was renamed twice is found by its first key.', async () => {
  await trainedUnder(oldKeys)
  await before(newKeys)
  expect((await before(keysOf('acme-vision-00000001')))?.key).toBe(oldKeys.key)
})

test('The newest attempt of a sibling counts: an older one may lack the id.', async () => {
  const ledger = await local.ledger().recipe(oldKeys)
  for (let n = 1; n <= 9; n++) await claim(ledger, { revision: revisionOf(`${n}`), facts: { dataset: null } })
  await claim(ledger, { revision: revisionOf('10') })
  expect((await before(newKeys))?.key).toBe(oldKeys.key)
})

test('Two workflow runs that find it at the same time agree.', async () => {
  await trainedUnder(oldKeys)
  const found = await Promise.all([before(newKeys), before(newKeys)])
  expect(found.map((ledger) => ledger?.key)).toEqual([oldKeys.key, oldKeys.key])
})

test('For several recipes of a config, the search lists nothing by itself.', async () => {
  await trainedUnder(oldKeys)
  const shared = await local.ledger().recipes([newKeys])
  expect((await shared.recipe(newKeys)).isEmpty).toBe(true)
  local.github.requests.splice(0)
  expect((await shared.beforeRename(newKeys, datasetId))?.key).toBe(oldKeys.key)
  expect(local.calls().filter((call) => call.includes('matching-refs'))).toEqual([])
})
