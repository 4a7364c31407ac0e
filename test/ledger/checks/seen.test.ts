import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { Refused } from '../../../src/domain/verdict.ts'
import { readSeen, type Seen } from '../../../src/event/seen.ts'
import { keysOf, type LocalLedger, revisionOf, startLocalLedger } from '../local-ledger.ts'

const workflow = 'acme/retrain/.github/workflows/retrain.yml@refs/heads/main'
const config = '.github/auto-retrain.yml'
const seen: Seen = {
  revision: revisionOf('a'),
  verdict: 'succeeded',
  reason: 'Trained.',
  warns: false,
  again: null,
  wait: 0,
  workflow,
  config,
  howItRuns: 'as it is',
  models: [],
}
const { seenRef } = keysOf()
let local: LocalLedger

beforeEach(async () => {
  local = await startLocalLedger()
})

afterEach(() => local.github.close())

const held = () => readSeen(local.git.tags.get(local.git.refs.get(seenRef) ?? '')?.message ?? null)

/** The ledger of the recipe, after it read what a check needs. */
async function opened() {
  const ledger = await local.open()
  await ledger.prepare(null)
  return ledger
}

describe('What a recipe saw', () => {
  test('It is read by the next check, as it was written.', async () => {
    expect(await (await opened()).seen()).toBeNull()
    expect(await (await opened()).writeSeen(seen)).toBe(true)
    expect(await (await opened()).seen()).toEqual(seen)
  })

  test('The same again is not written again.', async () => {
    await (await opened()).writeSeen(seen)
    const ledger = await opened()
    const before = local.calls().length
    expect(await ledger.writeSeen({ ...seen })).toBe(false)
    expect(local.calls()).toHaveLength(before)
  })

  test('Something else replaces it with one tag and one update.', async () => {
    await (await opened()).writeSeen(seen)
    const ledger = await opened()
    const before = local.calls().length
    expect(await ledger.writeSeen({ ...seen, revision: revisionOf('b') })).toBe(true)
    expect(local.calls().slice(before)).toEqual(['POST tags', expect.stringMatching(/^PATCH refs\//)])
    expect(held()?.revision).toBe(revisionOf('b'))
  })

  test('An entry that another workflow run created meanwhile is updated by force.', async () => {
    const [one, two] = [await opened(), await opened()]
    await one.writeSeen(seen)
    await two.writeSeen({ ...seen, verdict: 'failed' })
    expect(held()?.verdict).toBe('failed')
  })

  test('An entry is created also when a replica does not show that it is there.', async () => {
    await (await opened()).writeSeen(seen)
    local.github.lag({ get: 5000 })
    const ledger = await opened()
    await ledger.writeSeen({ ...seen, verdict: 'failed' })
    expect(held()?.verdict).toBe('failed')
  })

  test.each(['not JSON', '{"revision":"main"}', '{"version":9}'])(
    'An entry that this version cannot read counts as none, and is replaced: %j.',
    async (message) => {
      const ledger = await opened()
      await ledger.writeSeen(seen)
      const sha = local.git.refs.get(seenRef) ?? ''
      const tag = local.git.tags.get(sha)
      if (tag === undefined) throw new Error('There is no entry.')
      local.git.tags.set(sha, { ...tag, message })
      const later = await opened()
      expect(await later.seen()).toBeNull()
      expect(await later.writeSeen({ ...seen, verdict: 'failed' })).toBe(true)
    },
  )

  test('A token that may only read is refused with what to fix.', async () => {
    const ledger = await local.open({ token: 'ghs_reader' })
    await expect(ledger.writeSeen(seen)).rejects.toThrow(Refused)
  })
})

describe('The entries of recipes that the config does not have any more', () => {
  const keys = ['acme-a-00000001', 'acme-b-00000002', 'acme-gone-00000003'].map(keysOf)
  const kept = keys.slice(0, 2)

  async function writeAll(change: Partial<Seen> = {}) {
    for (const one of keys) await (await local.ledger().recipe(one)).writeSeen({ ...seen, ...change })
  }
  const entries = () =>
    local.allRefs().flatMap((ref) => (ref.startsWith('seen/') ? (ref.split('/')[2] ?? []) : []))

  test('They are removed by a run of the same workflow and config path.', async () => {
    await writeAll()
    const shared = await local.ledger().recipes(kept)
    expect(await shared.forgetSeen({ workflow, config })).toBe(1)
    expect(entries()).toEqual(kept.map(({ key }) => key))
  })

  test.each<[string, Partial<Seen>]>([
    ['another workflow', { workflow: workflow.replace('retrain.yml', 'other.yml') }],
    ['the same workflow on another branch', { workflow: workflow.replace('main', 'next') }],
    ['another config', { config: 'other.yml' }],
    ['no config', { config: null }],
  ])('Those of %s stay.', async (_what, change) => {
    await writeAll(change)
    const shared = await local.ledger().recipes(kept)
    expect(await shared.forgetSeen({ workflow, config })).toBe(0)
    expect(entries()).toHaveLength(3)
  })

  test('One that cannot be removed is left to the next run.', async () => {
    await writeAll()
    local.github.fault({ method: 'DELETE', path: /seen/, status: 502 })
    expect(await (await local.ledger().recipes(kept)).forgetSeen({ workflow, config })).toBe(0)
    expect(await (await local.ledger().recipes(kept)).forgetSeen({ workflow, config })).toBe(1)
  })
})
