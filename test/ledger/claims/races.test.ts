import { afterEach, beforeEach, expect, test } from '@jest/globals'
import type { Fault } from '../../sandbox/faults.ts'
import { seededRandom } from '../../sandbox/seeded-random.ts'
import { factsOf, key, type LocalLedger, revisionOf, startLocalLedger, workflow } from '../local-ledger.ts'

const revision = revisionOf('a')
const claimed = { revision, attempt: 1, maxRunsPerDay: 9, facts: factsOf({ model: 'acme/vision-abc1234' }) }
const slot = 'day/2026-01-02/1'
let local: LocalLedger

beforeEach(async () => {
  local = await startLocalLedger()
})

afterEach(() => local.github.close())

/** Every ref that a claim needs, and nothing else. */
function expectOneClaim() {
  expect(local.allRefs()).toEqual([
    `${key}/${revision}`,
    `${key}/${slot}`,
    expect.stringMatching(/^model\/[0-9a-f]{16}$/),
  ])
}

/** A gate that opens once. */
function gate() {
  let open = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { open, opened }
}

test('Each of two workflow runs is first with one ref: who has the claim keeps the slot and name of the other.', async () => {
  const claimIsMade = gate()
  const slotAndNameAreMade = [gate(), gate()]
  const isClaim = (body: string) => body.includes(`"ref":"refs/auto-retrain/${key}/${revision}"`)
  const isRef = (init: RequestInit | undefined) =>
    init?.method === 'POST' && String(init.body).includes('"ref"')
  const winners: typeof fetch = async (input, init) => {
    if (!isRef(init)) return fetch(input, init)
    if (!isClaim(String(init?.body))) {
      await Promise.all(slotAndNameAreMade.map(({ opened }) => opened))
      return fetch(input, init)
    }
    const answer = await fetch(input, init)
    claimIsMade.open()
    return answer
  }
  let others = 0
  const losers: typeof fetch = async (input, init) => {
    if (!isRef(init)) return fetch(input, init)
    if (isClaim(String(init?.body))) {
      await claimIsMade.opened
      return fetch(input, init)
    }
    const answer = await fetch(input, init)
    slotAndNameAreMade[others]?.open()
    others += 1
    return answer
  }
  const [one, two] = [
    await local.open({ platformFetch: winners }),
    await local.open({ platformFetch: losers }),
  ]
  const [won, lost] = await Promise.all([
    one.claim(claimed),
    two.claim({ ...claimed, facts: { ...claimed.facts, workflow: workflow('200') } }),
  ])
  expect([won.is, lost.is]).toEqual(['ours', 'taken'])
  expectOneClaim()
  expect((await (await local.open()).recent()).map(({ record }) => record.workflow.runId)).toEqual(['100'])
  if (won.is !== 'ours') return
  expect(await one.release(won.entry)).toBe(true)
  expect(local.allRefs()).toEqual([])
})

const faults: (Omit<Fault, 'path'> | null)[] = [
  null,
  null,
  { reset: true, applied: true },
  { reset: true },
  { status: 502, applied: true },
  { status: 502 },
]

test.each(Array.from({ length: 50 }, (_, seed) => seed))(
  'Of several workflow runs that claim at the same time under faults, exactly one is the owner, with slot and name (seed %i).',
  async (seed) => {
    const random = seededRandom(seed)
    const contenders = 2 + Math.floor(random() * 4)
    const ledgers = await Promise.all(Array.from({ length: contenders }, () => local.open()))
    for (let n = 0; n < 2; n++) {
      const fault = faults[Math.floor(random() * faults.length)]
      if (fault) local.github.fault({ method: 'POST', path: /\/git\/refs$/, ...fault })
    }
    if (random() < 0.5)
      local.github.lag({ get: Math.floor(random() * 5000), tag: Math.floor(random() * 5000) })
    const all = await Promise.all(ledgers.map((ledger) => ledger.claim(claimed)))
    expect(all.filter(({ is }) => is === 'ours')).toHaveLength(1)
    expect(all.filter(({ is }) => is === 'taken')).toHaveLength(contenders - 1)
    const nonces = all.flatMap((one) => ('entry' in one ? one.entry.record.nonce : []))
    expect(new Set(nonces).size).toBe(1)
    expectOneClaim()
    const [attempt] = await (await local.open()).recent()
    expect(attempt?.record.nonce).toBe(nonces[0])
  },
)
