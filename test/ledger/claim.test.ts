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

test('A claim is a ref named after the revision, with a readable record that has a nonce.', async () => {
  const ledger = await local.open()
  expect(await ledger.latest(revision)).toBeNull()
  const { owned, entry } = await ledger.claim(first)
  expect(owned).toBe(true)
  expect(entry.record).toMatchObject({ revision, attempt: 1, verdict: null, deliveryId: 'msg_1' })
  expect(entry.record.nonce).toMatch(/^[0-9a-f]{32}$/)
  expect(local.refs()).toEqual([revision])
  expect(await (await local.open()).latest(revision)).toEqual(entry)
})

test('The second workflow run to claim a revision gets the record of the first.', async () => {
  const [one, two] = [await local.open(), await local.open()]
  const winner = await one.claim(first)
  const loser = await two.claim({ ...first, claimant: claimant({ workflow: workflow('200') }) })
  expect(loser).toEqual({ owned: false, entry: winner.entry })
})

test('Two attempts at one revision are separate claims, and so are the first attempts at two revisions.', async () => {
  const ledger = await local.open()
  const others = [
    { ...first, attempt: 2 },
    { ...first, revision: revisionOf('b') },
  ]
  for (const claim of [first, ...others]) expect(await ledger.claim(claim)).toMatchObject({ owned: true })
})

const faultyAnswers: Record<string, Omit<Fault, 'path'>> = {
  'the connection is reset': { reset: true },
  'GitHub answers 502': { status: 502 },
  'GitHub answers 500': { status: 500 },
  'GitHub answers 422 Reference update failed': {
    status: 422,
    body: { message: 'Reference update failed' },
  },
  'GitHub answers 201 with half a body': { status: 201, body: '{"ref":' },
}

describe.each(Object.entries(faultyAnswers))('A claim during which %s', (_what, fault) => {
  test('The claim is owned if the ref was created.', async () => {
    const ledger = await local.open()
    local.github.fault({ ...createRef, ...fault, applied: true })
    expect(await ledger.claim(first)).toMatchObject({ owned: true })
    expect(local.refs()).toEqual([revision])
  })

  test('The claim belongs to the other workflow run if that one created the ref before.', async () => {
    const [one, two] = [await local.open(), await local.open()]
    const winner = await one.claim(first)
    local.github.fault({ ...createRef, ...fault })
    expect(await two.claim(first)).toEqual({ owned: false, entry: winner.entry })
  })

  test('The ref is created on the next try if it was not created.', async () => {
    const ledger = await local.open()
    local.github.fault({ ...createRef, ...fault })
    expect(await ledger.claim(first)).toMatchObject({ owned: true })
    expect(local.clock.sleeps).toEqual([1000])
  })
})

test('A claim fails with an error when GitHub keeps failing.', async () => {
  const ledger = await local.open()
  local.github.fault({ ...createRef, status: 502, times: 3 })
  await expect(ledger.claim(first)).rejects.toThrow(HttpError)
  expect(local.refs()).toEqual([])
})

test('A claim whose answers are lost fails when it cannot be looked up, and no other workflow run gets it.', async () => {
  const ledger = await local.open()
  local.github.fault({ ...createRef, reset: true, applied: true })
  local.github.fault({ method: 'GET', path: /\/git\/ref\//, reset: true, times: 4 })
  await expect(ledger.claim(first)).rejects.toThrow(NoAnswerError)
  const later = await local.open()
  expect(await later.claim(first)).toMatchObject({ owned: false })
})

test('The creation of a tag object is retried, since nothing refers to it.', async () => {
  const ledger = await local.open()
  local.github.fault({ method: 'POST', path: /\/git\/tags$/, status: 502 })
  local.github.fault({ method: 'POST', path: /\/git\/tags$/, reset: true, applied: true })
  expect(await ledger.claim(first)).toMatchObject({ owned: true })
})

test('A claim that is released during an attempt to claim it can be claimed.', async () => {
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
  'Of several workflow runs that claim at the same time under faults, exactly one is the owner (seed %i).',
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

describe('The latest entry of a revision', () => {
  test('The latest entry has the highest attempt, by number.', async () => {
    const ledger = await local.open()
    for (let attempt = 1; attempt <= 11; attempt++) await ledger.claim({ ...first, attempt })
    await ledger.claim({ ...first, revision: revisionOf('b'), attempt: 12 })
    const later = await local.open()
    expect((await later.latest(revision))?.record.attempt).toBe(11)
  })

  test('The latest entry is not one of a recipe whose key begins with the same text.', async () => {
    await (await local.open({}, 'acme-12345678')).claim(first)
    await (await local.open({}, 'acme-12345678-9abcdef0')).claim({ ...first, attempt: 5 })
    const ledger = await local.open({}, 'acme-12345678')
    expect((await ledger.latest(revision))?.record.attempt).toBe(1)
  })

  test.each([
    ['is not JSON', 'garbage'],
    ['has an unknown form', '{"version":99,"state":"done"}'],
  ])('A record that %s is an error, because the revision may have a run.', async (_what, message) => {
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

  test('A record that GitHub fails to return is an HTTP error, not an unreadable record.', async () => {
    await (await local.open()).claim(first)
    const later = await local.open()
    local.github.fault({ path: /\/git\/tags\//, status: 500, times: 4 })
    await expect(later.latest(revision)).rejects.toThrow(HttpError)
  })

  test('A claim ref that points to a commit is an unreadable record.', async () => {
    const { headSha } = local.github.repositories[0]!
    gitStore(local.github.repositories[0]!).refs.set(
      `refs/auto-retrain/acme-vision-12345678/${revision}`,
      headSha,
    )
    await expect((await local.open()).latest(revision)).rejects.toThrow(UnreadableRecord)
  })
})

describe('A claim whose owner died', () => {
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

  test('An abandoned claim is skipped for ten minutes and then taken over by one workflow run, as the next attempt.', async () => {
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

  test('An abandoned claim whose run the provider knows is completed with that run, and no other is started.', async () => {
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

test('After a failed run, the next attempt gets a claim of its own.', async () => {
  const ledger = await local.open()
  await train(ledger, { revision, changes: { run, verdict: 'failed' } })
  await train(ledger, { revision, attempt: 2 })
  expect((await (await local.open()).latest(revision))?.record).toMatchObject({
    attempt: 2,
    verdict: 'succeeded',
  })
  expect(local.refs()).toEqual([revision, `${revision}-2`, 'day/2026-01-02/1', 'day/2026-01-02/2'].sort())
})
