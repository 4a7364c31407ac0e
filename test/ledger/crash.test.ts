import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { decide, mayStart } from '../../src/ledger/decide.ts'
import type { Entry } from '../../src/ledger/entry.ts'
import type { RecipeLedger } from '../../src/ledger/ledger.ts'
import {
  claimant,
  type LocalLedger,
  minute,
  revisionOf,
  run,
  startLocalLedger,
  workflow,
} from './local-ledger.ts'

const revision = revisionOf('a')
let local: LocalLedger
/** The nonces of the runs that a provider started, in order: each of them is paid. */
let paid: string[]

beforeEach(async () => {
  local = await startLocalLedger()
  paid = []
})

afterEach(() => local.github.close())

/** The n-th call to another service is the last, as by SIGKILL: the process dies before or after the call's effect. */
interface Death {
  readonly at: number
  readonly when: 'before' | 'after'
}

/** All calls of a workflow run go through this, so that it can die at any of them. */
function mortal(death: Death | null) {
  let count = 0
  const act = async <T>(work: () => Promise<T>): Promise<T> => {
    count += 1
    if (death === null || count < death.at) return work()
    if (count === death.at && death.when === 'after') await work()
    throw new Error('killed')
  }
  const mortalFetch: typeof fetch = (input, init) => act(() => fetch(input, init))
  return { act, fetch: mortalFetch, count: () => count }
}

type Life = ReturnType<typeof mortal>

/** One workflow run, reduced to its calls to the ledger and the provider. */
async function workflowRun(life: Life, by: { runId: string; runAttempt: number }): Promise<string> {
  const ledger = await local.open({ platformFetch: life.fetch })
  await closeOpenRecords(ledger, life)
  const latest = await ledger.latest(revision)
  const decision = decide({
    latest: latest?.record ?? null,
    workflow: by,
    force: false,
    now: local.clock.now(),
  })
  if (decision.do === 'skip') return 'skipped'
  if (latest !== null && decision.do === 'attach') return await end(ledger, latest, life)
  if (latest !== null && decision.do === 'take-over') {
    const found = await life.act(async () => paid.includes(latest.record.nonce))
    if (found) return await end(ledger, await ledger.save(latest, { run }), life)
  }
  if (decision.do === 'attach') throw new Error('There is nothing to attach to.')
  const { attempt } = decision
  const whose = claimant({ workflow: workflow(by.runId, by.runAttempt) })
  const claimed = await ledger.claim({ revision, attempt, claimant: whose })
  if (!claimed.owned) return 'lost'
  const entry = await ledger.takeDaySlot(claimed.entry, 24)
  if (entry === null || !mayStart(entry.record, local.clock.now())) {
    await ledger.release(claimed.entry)
    return 'released'
  }
  await life.act(async () => void paid.push(entry.record.nonce))
  return await end(ledger, await ledger.save(entry, { run }), life)
}

async function end(ledger: RecipeLedger, entry: Entry, life: Life): Promise<string> {
  await life.act(async () => {})
  await ledger.save(entry, { verdict: 'succeeded' })
  return 'succeeded'
}

async function closeOpenRecords(ledger: RecipeLedger, life: Life): Promise<void> {
  for (const entry of await ledger.open()) {
    const { nonce } = entry.record
    const found = await life.act(async () => paid.includes(nonce))
    await ledger.save(entry, found ? { run, verdict: 'succeeded' } : { verdict: 'cancelled' })
  }
}

const steps = 14
const deaths = Array.from({ length: steps }, (_, index) => index + 1).flatMap((at) =>
  (['before', 'after'] as const).map((when) => ({ at, when })),
)

test('An undisturbed workflow run makes at most fourteen calls and pays once.', async () => {
  const life = mortal(null)
  expect(await workflowRun(life, { runId: '1', runAttempt: 1 })).toBe('succeeded')
  expect(life.count()).toBeLessThanOrEqual(steps)
  expect(paid).toHaveLength(1)
})

describe.each(deaths)('A workflow run that is killed $when call $at', (death) => {
  const die = async () => {
    await workflowRun(mortal(death), { runId: '1', runAttempt: 1 }).catch(() => 'killed')
  }
  const settled = async () => {
    expect(paid).toHaveLength(1)
    expect((await (await local.open()).latest(revision))?.record.verdict).toBe('succeeded')
  }

  test('Another workflow run does not repeat the training, and completes what is missing.', async () => {
    await die()
    local.clock.advance(11 * minute)
    await workflowRun(mortal(null), { runId: '2', runAttempt: 1 })
    await settled()
  })

  test('"Re-run jobs" right afterwards does not repeat the training.', async () => {
    await die()
    await workflowRun(mortal(null), { runId: '1', runAttempt: 2 })
    await settled()
  })

  test('Two workflow runs at the same time do not repeat the training.', async () => {
    await die()
    local.clock.advance(11 * minute)
    const both = ['2', '3'].map((runId) => workflowRun(mortal(null), { runId, runAttempt: 1 }))
    await Promise.allSettled(both)
    await settled()
  })

  test('The training is neither repeated nor lost when the workflow runs that take over are killed too.', async () => {
    await die()
    for (let at = 1; at <= steps; at += 3) {
      local.clock.advance(11 * minute)
      const runId = String(10 + at)
      await workflowRun(mortal({ at, when: 'after' }), { runId, runAttempt: 1 }).catch(() => 'killed')
    }
    local.clock.advance(11 * minute)
    await workflowRun(mortal(null), { runId: '99', runAttempt: 1 })
    await settled()
  })
})
