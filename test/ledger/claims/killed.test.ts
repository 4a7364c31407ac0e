import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { decide } from '../../../src/ledger/decide.ts'
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
  workflow,
} from '../local-ledger.ts'

const revision = revisionOf('a')
const claimed = { revision, attempt: 1, maxRunsPerDay: 1, facts: factsOf({ model: 'acme/vision-abc1234' }) }
let local: LocalLedger

beforeEach(async () => {
  local = await startLocalLedger()
})

afterEach(() => local.github.close())

/** The n-th call to GitHub is the last, as by SIGKILL: the process dies before or after the call's effect. */
interface Death {
  readonly at: number
  readonly when: 'before' | 'after'
}

/** A fetch that dies; calls that were sent together before have their effect. */
function mortal({ at, when }: Death): typeof fetch {
  let count = 0
  return async (input, init) => {
    count += 1
    if (count < at) return fetch(input, init)
    if (count === at && when === 'after') await fetch(input, init)
    return new Promise(() => {})
  }
}

/** The work of a process that dies on its way; resolves once it can do nothing any more. */
async function dying(death: Death, work: (ledger: RecipeLedger) => Promise<unknown>): Promise<void> {
  const ledger = await local.open({ platformFetch: mortal({ ...death, at: death.at + 1 }) })
  const before = local.calls().length
  const isOver = work(ledger).then(
    () => true,
    () => true,
  )
  // It hangs in a call that never answers: nothing of it reaches GitHub any more.
  for (let still = 0, known = before; still < 200; still++) {
    if (local.calls().length !== known) still = 0
    known = local.calls().length
    if (await Promise.race([isOver, new Promise<boolean>((resolve) => setImmediate(() => resolve(false)))]))
      return
  }
}

const deathsIn = (calls: number): Death[] =>
  Array.from({ length: calls }, (_, n) => n + 1).flatMap((at) =>
    (['before', 'after'] as const).map((when) => ({ at, when })),
  )

describe.each(deathsIn(4))('A claim that is killed $when call $at', (death) => {
  test('The next check claims the attempt, or takes the dead claim over after ten minutes.', async () => {
    await dying(death, (ledger) => ledger.claim(claimed))
    local.clock.advance(11 * minute)
    const ledger = await local.open()
    const [dead] = await ledger.attempts(revision)
    const attempt = dead === undefined ? 1 : 2
    if (dead !== undefined) {
      const asked = { byPerson: false, force: false, runsTheSame: true, bound: null, now: local.clock.now() }
      expect(decide({ ...asked, last: dead.record, workflow: workflow('200') })).toEqual({ do: 'take-over' })
    }
    const facts = factsOf({ model: `acme/vision-abc1234${attempt === 1 ? '' : '-2'}` })
    expect(await ledger.claim({ ...claimed, attempt, facts, maxRunsPerDay: 2 })).toMatchObject({ is: 'ours' })
    expect(local.refs().filter((ref) => ref.startsWith('day/')).length).toBeLessThanOrEqual(attempt)
  })

  test('What it left of the day is used by the same attempt, and by no other.', async () => {
    await dying(death, (ledger) => ledger.claim(claimed))
    const left = local.refs()
    const other = await (await local.open()).claim({
      ...claimed,
      revision: revisionOf('b'),
      facts: factsOf(),
    })
    expect(other.is).toBe(left.some((ref) => ref.startsWith('day/')) ? 'no-slot' : 'ours')
  })
})

describe.each(deathsIn(3))('A save that is killed $when call $at', (death) => {
  test('The record is the one before or the one after, and the next check goes on from it.', async () => {
    const entry = await claim(await local.open(), { revision })
    await dying(death, (ledger) => ledger.save(entry, 'started', { run, began: true }))
    const left = await latestOf(local, revision)
    expect(['claimed', 'started']).toContain(left?.state)
    expect(left?.nonce).toBe(entry.record.nonce)
    const ledger = await local.open()
    const [found] = await ledger.attempts(revision)
    if (found === undefined) throw new Error('The claim is gone.')
    await ledger.save(found, 'succeeded', { run, began: true })
    expect(await latestOf(local, revision)).toMatchObject({ state: 'succeeded', run })
  })
})

describe.each(deathsIn(4))('A release that is killed $when call $at', (death) => {
  test('The claim is the last that goes, and the attempt can be claimed or taken over.', async () => {
    const entry = await claim(await local.open(), claimed)
    await dying(death, (ledger) => ledger.release(entry))
    const isGone = !local.git.refs.has(entry.ref)
    if (isGone) expect(local.allRefs()).toEqual([])
    const again = await (await local.open()).claim(claimed)
    expect(again.is).toBe(isGone ? 'ours' : 'taken')
    expect(local.refs()).toEqual([revision, 'day/2026-01-02/1'])
    expect(local.allRefs().filter((ref) => ref.startsWith('model/'))).toHaveLength(1)
    if (isGone) return
    local.clock.advance(11 * minute)
    const facts = factsOf({ model: 'acme/vision-abc1234-2' })
    const next = await (await local.open()).claim({ ...claimed, attempt: 2, maxRunsPerDay: 2, facts })
    expect(next.is).toBe('ours')
  })
})
