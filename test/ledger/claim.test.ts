import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { HttpError, NoAnswerError } from '../../src/http/errors.ts'
import { decide } from '../../src/ledger/decide.ts'
import { UnreadableRecord } from '../../src/ledger/entry.ts'
import type { Fault } from '../sandbox/faults.ts'
import { gitStore } from '../sandbox/github/git-store.ts'
import { seededRandom } from '../sandbox/seeded-random.ts'
import {
  claimant,
  type LocalLedger,
  minute,
  revisionOf,
  run,
  startLocalLedger,
  train,
  workflow,
} from './local-ledger.ts'

const revision = revisionOf('a')
const first = { revision, attempt: 1, claimant: claimant() }
const createRef = { method: 'POST', path: /\/git\/refs$/ }
let local: LocalLedger

beforeEach(async () => {
  local = await startLocalLedger()
})

afterEach(() => local.github.close())

test('A claim is a ref named by the revision, which holds a readable record with a nonce of its own.', async () => {
  const ledger = await local.open()
  expect(await ledger.latest(revision)).toBeNull()
  const { owned, entry } = await ledger.claim(first)
  expect(owned).toBe(true)
  expect(entry.record).toMatchObject({ revision, attempt: 1, verdict: null, deliveryId: 'msg_1' })
  expect(entry.record.nonce).toMatch(/^[0-9a-f]{32}$/)
  expect(local.refs()).toEqual([revision])
  expect(await (await local.open()).latest(revision)).toEqual(entry)
})

test('Whoever comes second gets the record of the first.', async () => {
  const [one, two] = [await local.open(), await local.open()]
  const winner = await one.claim(first)
  const loser = await two.claim({ ...first, claimant: claimant({ workflow: workflow('200') }) })
  expect(loser).toEqual({ owned: false, entry: winner.entry })
})

test('Two attempts at the same revision, and the same attempt at two, are claims of their own.', async () => {
  const ledger = await local.open()
  const others = [
    { ...first, attempt: 2 },
    { ...first, revision: revisionOf('b') },
  ]
  for (const claim of [first, ...others]) expect(await ledger.claim(claim)).toMatchObject({ owned: true })
})

const afterwards: Record<string, Omit<Fault, 'path'>> = {
  'the connection is reset': { reset: true },
  'GitHub answers 502': { status: 502 },
  'GitHub answers 500': { status: 500 },
  'GitHub answers 422 Reference update failed': {
    status: 422,
    body: { message: 'Reference update failed' },
  },
  'GitHub answers 201 with half a body': { status: 201, body: '{"ref":' },
}

describe.each(Object.entries(afterwards))('When %s', (_what, fault) => {
  test('after the ref was created, the claim is ours.', async () => {
    const ledger = await local.open()
    local.github.fault({ ...createRef, ...fault, applied: true })
    expect(await ledger.claim(first)).toMatchObject({ owned: true })
    expect(local.refs()).toEqual([revision])
  })

  test('after somebody else created it, the claim is theirs.', async () => {
    const [one, two] = [await local.open(), await local.open()]
    const winner = await one.claim(first)
    local.github.fault({ ...createRef, ...fault })
    expect(await two.claim(first)).toEqual({ owned: false, entry: winner.entry })
  })

  test('before the ref was created, it is created on the next try.', async () => {
    const ledger = await local.open()
    local.github.fault({ ...createRef, ...fault })
    expect(await ledger.claim(first)).toMatchObject({ owned: true })
    expect(local.clock.sleeps).toEqual([1000])
  })
})

test('A claim that GitHub keeps failing is an error, not a claim.', async () => {
  const ledger = await local.open()
  local.github.fault({ ...createRef, status: 502, times: 3 })
  await expect(ledger.claim(first)).rejects.toThrow(HttpError)
  expect(local.refs()).toEqual([])
})

test('A claim whose answers are lost is an error when it cannot be looked up, and nobody else gets it.', async () => {
  const ledger = await local.open()
  local.github.fault({ ...createRef, reset: true, applied: true })
  local.github.fault({ method: 'GET', path: /\/git\/ref\//, reset: true, times: 4 })
  await expect(ledger.claim(first)).rejects.toThrow(NoAnswerError)
  const later = await local.open()
  expect(await later.claim(first)).toMatchObject({ owned: false })
})

test('A tag object that GitHub fails to make is made again, since nothing refers to it.', async () => {
  const ledger = await local.open()
  local.github.fault({ method: 'POST', path: /\/git\/tags$/, status: 502 })
  local.github.fault({ method: 'POST', path: /\/git\/tags$/, reset: true, applied: true })
  expect(await ledger.claim(first)).toMatchObject({ owned: true })
})

test('A claim that was given back while another one tried for it can be had.', async () => {
  const [one, two] = [await local.open(), await local.open()]
  const { entry } = await one.claim(first)
  local.github.fault({ ...createRef, status: 422, body: { message: 'Reference already exists' } })
  await one.release(entry)
  expect(await two.claim(first)).toMatchObject({ owned: true })
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
  'Of those who claim at the same time under faults, exactly one is the owner (seed %i).',
  async (seed) => {
    const random = seededRandom(seed)
    const contenders = 2 + Math.floor(random() * 4)
    const ledgers = await Promise.all(Array.from({ length: contenders }, () => local.open()))
    for (let n = 0; n < 2; n++) {
      const fault = faults[Math.floor(random() * faults.length)]
      if (fault) local.github.fault({ ...createRef, ...fault })
    }
    const claims = await Promise.all(ledgers.map((ledger) => ledger.claim(first)))
    const owners = claims.filter(({ owned }) => owned)
    expect(owners).toHaveLength(1)
    expect(new Set(claims.map(({ entry }) => entry.record.nonce)).size).toBe(1)
    expect(local.refs()).toEqual([revision])
  },
)

describe('What was claimed before', () => {
  test('is the highest attempt, by number.', async () => {
    const ledger = await local.open()
    for (let attempt = 1; attempt <= 11; attempt++) await ledger.claim({ ...first, attempt })
    await ledger.claim({ ...first, revision: revisionOf('b'), attempt: 12 })
    const later = await local.open()
    expect((await later.latest(revision))?.record.attempt).toBe(11)
  })

  test('is not that of a recipe whose key begins the same.', async () => {
    await (await local.open({}, 'acme-12345678')).claim(first)
    await (await local.open({}, 'acme-12345678-9abcdef0')).claim({ ...first, attempt: 5 })
    const ledger = await local.open({}, 'acme-12345678')
    expect((await ledger.latest(revision))?.record.attempt).toBe(1)
  })

  test.each([
    ['is no JSON', 'garbage'],
    ['is of an unknown shape', '{"version":99,"state":"done"}'],
  ])('stops everything when it %s: it may have been a run.', async (_what, message) => {
    const ledger = await local.open()
    const { entry } = await ledger.claim(first)
    const tag = local.git.tags.get(entry.sha)!
    local.git.tags.set(entry.sha, { ...tag, message })
    const later = await local.open()
    await expect(later.latest(revision)).rejects.toThrow(UnreadableRecord)
    await expect(later.latest(revision)).rejects.toThrow(`git push origin --delete ${entry.ref}`)
    await expect(later.claim(first)).rejects.toThrow(UnreadableRecord)
    expect(await later.latest(revisionOf('b'))).toBeNull()
  })

  test('is not called unreadable when GitHub fails to show it.', async () => {
    await (await local.open()).claim(first)
    const later = await local.open()
    local.github.fault({ path: /\/git\/tags\//, status: 500, times: 4 })
    await expect(later.latest(revision)).rejects.toThrow(HttpError)
  })

  test('stops everything when a commit stands in its place.', async () => {
    const { headSha } = local.github.repositories[0]!
    gitStore(local.github.repositories[0]!).refs.set(
      `refs/auto-retrain/acme-vision-12345678/${revision}`,
      headSha,
    )
    await expect((await local.open()).latest(revision)).rejects.toThrow(UnreadableRecord)
  })
})

describe('A claim whose owner went away', () => {
  const ask = async (runId: string) => {
    const ledger = await local.open()
    const latest = (await ledger.latest(revision))!
    const decision = decide({
      latest: latest.record,
      workflow: workflow(runId),
      force: false,
      now: local.clock.now(),
    })
    return { ledger, latest, decision }
  }

  test('is left alone for ten minutes and then taken over as the next attempt, by one.', async () => {
    await (await local.open()).claim(first)
    local.clock.advance(9 * minute)
    expect((await ask('200')).decision).toMatchObject({ do: 'skip' })
    local.clock.advance(minute)
    const [two, three] = await Promise.all([ask('200'), ask('300')])
    expect(two.decision).toEqual({ do: 'take-over', attempt: 2 })
    expect(three.decision).toEqual(two.decision)
    const claims = await Promise.all([two, three].map(({ ledger }) => ledger.claim({ ...first, attempt: 2 })))
    expect(claims.filter(({ owned }) => owned)).toHaveLength(1)
  })

  test('is completed with the run that its provider knows, and then nobody starts another.', async () => {
    await (await local.open()).claim(first)
    local.clock.advance(11 * minute)
    const { ledger, latest } = await ask('200')
    await ledger.save(latest, { run })
    expect((await ask('300')).decision).toMatchObject({
      do: 'skip',
      reason: expect.stringContaining(run.url),
    })
  })
})

test('After a run that failed, the next attempt is claimed beside it.', async () => {
  const ledger = await local.open()
  await train(ledger, { revision, changes: { run, verdict: 'failed' } })
  await train(ledger, { revision, attempt: 2 })
  expect((await (await local.open()).latest(revision))?.record).toMatchObject({
    attempt: 2,
    verdict: 'succeeded',
  })
  expect(local.refs()).toEqual([revision, `${revision}-2`, 'day/2026-01-02/1', 'day/2026-01-02/2'].sort())
})
