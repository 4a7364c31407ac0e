import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { HttpError, NoAnswerError } from '../../../src/http/errors.ts'
import type { Claimed } from '../../../src/ledger/claim.ts'
import { UnreadableRecord } from '../../../src/ledger/entry.ts'
import type { RecipeLedger } from '../../../src/ledger/ledger.ts'
import type { Fault } from '../../sandbox/faults.ts'
import {
  claim,
  day,
  factsOf,
  key,
  type LocalLedger,
  minute,
  revisionOf,
  startLocalLedger,
  starts,
  train,
  workflow,
} from '../local-ledger.ts'

const revision = revisionOf('a')
const first = { revision, attempt: 1, maxRunsPerDay: 9, facts: factsOf() }
const named = { ...first, facts: factsOf({ model: 'acme/vision-abc1234' }) }
const createRef = { method: 'POST', path: /\/git\/refs$/ }
const slot = 'day/2026-01-02/1'
let local: LocalLedger

beforeEach(async () => {
  local = await startLocalLedger()
})

afterEach(() => local.github.close())

function ours(claimed: Claimed) {
  if (claimed.is !== 'ours') throw new Error(`The claim is ${claimed.is}.`)
  return claimed.entry
}

/** The platform's fetch, for which GitHub fails to create some refs. */
const failingFor =
  (part: string): typeof fetch =>
  async (input, init) =>
    init?.method === 'POST' && /"ref"/.test(String(init.body)) && String(init.body).includes(part)
      ? new Response('{}', { status: 502 })
      : fetch(input, init)

test('A claim is a ref named after the revision, with a readable record that has a nonce.', async () => {
  const ledger = await local.open()
  expect(await ledger.attempts(revision)).toEqual([])
  const entry = ours(await ledger.claim(first))
  expect(entry.record).toMatchObject({ revision, attempt: 1, state: 'claimed', deliveryId: 'msg_1' })
  expect(entry.record.nonce).toMatch(/^[0-9a-f]{32}$/)
  expect(local.refs()).toEqual([revision, slot])
  expect(await (await local.open()).attempts(revision)).toEqual([{ ...entry, with: [] }])
})

test('Claim, slot and the name of the model are three refs at one tag object, which is made before them.', async () => {
  ours(await (await local.open()).claim(named))
  expect(local.calls().slice(1)).toEqual(['POST tags', 'POST refs', 'POST refs', 'POST refs'])
  expect(local.allRefs()).toEqual([
    `${key}/${revision}`,
    `${key}/${slot}`,
    expect.stringMatching(/^model\/[0-9a-f]{16}$/),
  ])
  const held = local.allRefs().map((name) => local.git.refs.get(`refs/auto-retrain/${name}`))
  expect(new Set(held).size).toBe(1)
})

test('The second workflow run to claim a revision gets the record of the first.', async () => {
  const [one, two] = [await local.open(), await local.open()]
  const entry = ours(await one.claim(first))
  const lost = await two.claim({ ...first, facts: factsOf({ workflow: workflow('200') }) })
  expect(lost).toEqual({ is: 'taken', entry: { ...entry, with: [] } })
  expect(local.refs()).toEqual([revision, slot])
})

test('The loser of a race knows the winner as an open attempt of the recipe.', async () => {
  const [one, two] = [await local.open(), await local.open()]
  const entry = ours(await one.claim(first))
  await two.claim(first)
  expect((await two.recent()).map(({ record }) => record.nonce)).toEqual([entry.record.nonce])
})

test('Two attempts at one revision are separate claims, and so are the first attempts at two revisions.', async () => {
  const ledger = await local.open()
  for (const other of [first, { ...first, attempt: 2 }, { ...first, revision: revisionOf('b') }]) {
    expect(await ledger.claim(other)).toMatchObject({ is: 'ours' })
  }
  expect(local.refs()).toHaveLength(6)
})

test('Of two recipes that would train a model of the same name, the second is refused before money, and gives all back.', async () => {
  ours(await (await local.open({}, 'other-recipe-12345678')).claim(named))
  const refused = await (await local.open()).claim(named)
  expect(refused).toEqual({
    is: 'name-taken',
    recipe: 'other-recipe-12345678',
    workflowUrl: workflow('100').url,
  })
  expect(local.refs()).toEqual([])
  expect(local.allRefs()).toHaveLength(3)
})

describe('The name of a model', () => {
  const otherKey = 'other-recipe-12345678'
  const other = { ...named, revision: revisionOf('b') }

  test('It is taken in any case of its letters, since the Hub takes both for one.', async () => {
    ours(await (await local.open({}, otherKey)).claim(named))
    const model = named.facts.model?.toUpperCase() ?? null
    const sameModel = { ...other, facts: { ...other.facts, model } }
    expect(await (await local.open()).claim(sameModel)).toMatchObject({ is: 'name-taken' })
  })

  test('It is free again once the attempt that has it ended, and stays taken while that may run.', async () => {
    const theirs = await local.open({}, otherKey)
    const entry = ours(await theirs.claim(named))
    const started = await theirs.save(entry, 'started', { began: true })
    expect(await (await local.open()).claim(other)).toMatchObject({ is: 'name-taken' })
    await theirs.save(started, 'failed', { cause: 'training' })
    expect(await (await local.open()).claim(other)).toMatchObject({ is: 'ours' })
  })

  test('It is not free while its claim is on its way, or a replica does not show that.', async () => {
    ours(await (await local.open({}, otherKey)).claim(named))
    local.clock.advance(1000)
    const lag = local.github.lag({ get: 20_000 })
    expect(await (await local.open()).claim(other)).toMatchObject({ is: 'name-taken' })
    lag.lift()
    local.git.refs.delete(`refs/auto-retrain/${otherKey}/${revision}`)
    expect(await (await local.open()).claim(other)).toMatchObject({ is: 'name-taken' })
    local.clock.advance(10 * minute)
    expect(await (await local.open()).claim(other)).toMatchObject({ is: 'ours' })
  })
})

describe('Slots of the day', () => {
  const taken = (claimed: Claimed) => ours(claimed).with[0]?.split('/day/')[1]

  test('The attempts of a day take its slots in order, until all are used.', async () => {
    for (const [word, expected] of [
      ['a', '2026-01-02/1'],
      ['b', '2026-01-02/2'],
    ]) {
      const ledger = await local.open()
      expect(
        taken(await ledger.claim({ ...first, revision: revisionOf(word ?? ''), maxRunsPerDay: 2 })),
      ).toBe(expected)
    }
  })

  test('A day whose slots are used up refuses the claim, which leaves no ref.', async () => {
    await claim(await local.open(), { revision: revisionOf('a'), maxRunsPerDay: 1 })
    const before = local.allRefs()
    const next = { ...named, revision: revisionOf('b'), maxRunsPerDay: 1 }
    expect(await (await local.open()).claim(next)).toEqual({ is: 'no-slot' })
    expect(local.allRefs()).toEqual(before)
  })

  test('A limit of 0 starts nothing.', async () => {
    expect(await (await local.open()).claim({ ...first, maxRunsPerDay: 0 })).toEqual({ is: 'no-slot' })
    expect(local.refs()).toEqual([])
  })

  test('All slots are free again at midnight UTC, and the slot is of the day of the claim.', async () => {
    await claim(await local.open(), { revision: revisionOf('a'), maxRunsPerDay: 1 })
    local.clock.advance(day / 2)
    const claimed = await (await local.open()).claim({
      ...first,
      revision: revisionOf('b'),
      maxRunsPerDay: 1,
    })
    expect(taken(claimed)).toBe('2026-01-03/1')
  })

  test('A slot that an earlier try at the same attempt left is used, whatever its nonce.', async () => {
    const ledger = await local.open()
    ours(await ledger.claim(named))
    local.git.refs.delete(`refs/auto-retrain/${key}/${revision}`)
    const entry = ours(await (await local.open()).claim({ ...named, maxRunsPerDay: 1 }))
    expect(entry.with).toHaveLength(2)
    expect(local.refs()).toEqual([revision, slot])
  })

  test('When many workflow runs claim at the same time, exactly as many start as there are slots.', async () => {
    const words = ['a', 'b', 'c', 'd', 'e', 'f']
    const ledgers = await Promise.all(words.map(() => local.open()))
    local.github.fault({ ...createRef, reset: true, applied: true })
    local.github.fault({ ...createRef, status: 502, applied: true })
    const all = await Promise.all(
      ledgers.map((ledger, n) =>
        ledger.claim({ ...first, revision: revisionOf(words[n] ?? ''), maxRunsPerDay: 4 }),
      ),
    )
    expect(all.filter(({ is }) => is === 'ours')).toHaveLength(4)
    expect(new Set(all.flatMap((claimed) => (claimed.is === 'ours' ? taken(claimed) : []))).size).toBe(4)
    expect(local.refs()).toHaveLength(8)
  })
})

const faultyAnswers: Record<string, Omit<Fault, 'path'>> = {
  'the connection is reset': { reset: true },
  'GitHub answers 502': { status: 502 },
  'GitHub answers 500': { status: 500 },
  'GitHub answers 201 with half a body': { status: 201, body: '{"ref":' },
}

describe.each(Object.entries(faultyAnswers))('A claim during which %s', (_what, fault) => {
  test('The claim is ours if the refs were created.', async () => {
    const ledger = await local.open()
    local.github.fault({ ...createRef, ...fault, applied: true, times: 3 })
    expect(await ledger.claim(named)).toMatchObject({ is: 'ours' })
    expect(local.allRefs()).toHaveLength(3)
  })

  test('The claim belongs to the other workflow run if that one created the ref before.', async () => {
    const [one, two] = [await local.open(), await local.open()]
    const entry = ours(await one.claim(first))
    local.github.fault({ ...createRef, ...fault, times: 2 })
    expect(await two.claim(first)).toEqual({ is: 'taken', entry: { ...entry, with: [] } })
  })

  test('A ref is created on the next try if it was not created.', async () => {
    const ledger = await local.open()
    local.github.fault({ ...createRef, ...fault, times: 3 })
    expect(await ledger.claim(named)).toMatchObject({ is: 'ours' })
    expect(local.allRefs()).toHaveLength(3)
  })
})

describe('A claim that fails', () => {
  test('Nothing is left when GitHub keeps failing.', async () => {
    const ledger = await local.open()
    local.github.fault({ ...createRef, status: 502, times: 9 })
    await expect(ledger.claim(named)).rejects.toThrow(HttpError)
    expect(local.allRefs()).toEqual([])
  })

  test.each(['/day/', 'refs/auto-retrain/model/'])(
    'A claim whose ref %s cannot be created is given back, so that the next check claims at once.',
    async (part) => {
      const ledger = await local.open({ platformFetch: failingFor(part) })
      await expect(ledger.claim(named)).rejects.toThrow(HttpError)
      expect(local.allRefs()).toEqual([])
      expect(await (await local.open()).claim(named)).toMatchObject({ is: 'ours' })
    },
  )

  test("GitHub's refusal of a ref is told in GitHub's words, and not taken for a claim of another.", async () => {
    const ledger = await local.open()
    local.github.fault({ ...createRef, status: 422, body: { message: 'Reference update failed' }, times: 9 })
    await expect(ledger.claim(named)).rejects.toThrow('Reference update failed')
    expect(local.allRefs()).toEqual([])
  })

  test('A claim whose answers are lost fails when it cannot be looked up, and no other workflow run gets it.', async () => {
    const ledger = await local.open()
    local.github.fault({ ...createRef, reset: true, applied: true, times: 2 })
    local.github.fault({ method: 'GET', path: /\/git\/ref\//, reset: true, times: 8 })
    await expect(ledger.claim(first)).rejects.toThrow(NoAnswerError)
    expect(await (await local.open()).claim(first)).toMatchObject({ is: 'taken' })
  })
})

test('The creation of a tag object is retried, since nothing refers to it.', async () => {
  const ledger = await local.open()
  local.github.fault({ method: 'POST', path: /\/git\/tags$/, status: 502 })
  local.github.fault({ method: 'POST', path: /\/git\/tags$/, reset: true, applied: true })
  expect(await ledger.claim(first)).toMatchObject({ is: 'ours' })
})

describe('A replica that lags', () => {
  test('A ref that exists is somebody else’s, also while a replica still answers 404 for it.', async () => {
    const two = await local.open()
    const entry = ours(await (await local.open()).claim(first))
    const lag = local.github.lag({ get: 8000 })
    expect(await two.claim(first)).toEqual({ is: 'taken', entry: { ...entry, with: [] } })
    lag.lift()
    expect(local.refs()).toEqual([revision, slot])
  })

  test('A claim that its owner gave back while it seemed to lag is claimed on the next try.', async () => {
    const [one, two] = [await local.open(), await local.open()]
    const entry = ours(await one.claim(first))
    local.github.fault({ ...createRef, status: 422, body: { message: 'Reference already exists' } })
    await one.release(entry)
    expect(await two.claim(first)).toMatchObject({ is: 'ours' })
  })

  test('A list that does not show the latest claims costs nobody a slot or a claim.', async () => {
    const entry = ours(await (await local.open()).claim(first))
    local.github.lag({ list: 60_000 })
    const late = await local.open()
    expect(await late.attempts(revision)).toEqual([])
    expect(await late.claim(first)).toEqual({ is: 'taken', entry: { ...entry, with: [] } })
    const next = ours(await late.claim({ ...first, revision: revisionOf('b') }))
    expect(next.with[0]).toContain('day/2026-01-02/2')
  })

  test('A record whose object a replica does not show yet is waited for, and not called unreadable.', async () => {
    await claim(await local.open(), { revision })
    local.github.lag({ tag: 9000, graphql: 9000 })
    const [entry] = await (await local.open()).attempts(revision)
    expect(entry?.record.state).toBe('claimed')
  })
})

describe('Clocks that differ', () => {
  const clockAhead = (ms: number) => ({ ...local.clock, now: () => local.clock.now() + ms })

  test.each([-5, 5])(
    'A claim by a runner whose clock is off by %i minutes is claimed once.',
    async (minutes) => {
      const other = await local.open({ clock: clockAhead(minutes * minute) })
      const entry = ours(await other.claim(first))
      expect(await (await local.open()).claim(first)).toEqual({ is: 'taken', entry: { ...entry, with: [] } })
    },
  )

  test("GitHub's own clock does not matter.", async () => {
    local.github.skew(3 * day)
    const entry = ours(await (await local.open()).claim(first))
    expect(entry.record.times.claimed).toBe('2026-01-02T12:00:00.000Z')
    expect(local.refs()).toEqual([revision, slot])
  })
})

describe('The attempts at a revision', () => {
  test('They are sorted by number.', async () => {
    const ledger = await local.open()
    for (let attempt = 11; attempt >= 1; attempt--) await claim(ledger, { revision, attempt })
    await claim(ledger, { revision: revisionOf('b'), attempt: 12 })
    const found = await (await local.open()).attempts(revision)
    expect(found.map(({ record }) => record.attempt)).toEqual(Array.from({ length: 11 }, (_, n) => n + 1))
  })

  test('They are not those of a recipe whose key begins with the same text.', async () => {
    await claim(await local.open({}, 'acme-12345678'), { revision })
    await claim(await local.open({}, 'acme-12345678-9abcdef0'), { revision, attempt: 5 })
    const ledger = await local.open({}, 'acme-12345678')
    expect((await ledger.attempts(revision)).map(({ record }) => record.attempt)).toEqual([1])
  })

  test.each([
    ['is not JSON', 'garbage'],
    ['has an unknown form', '{"version":99,"state":"done"}'],
  ])('A record that %s is an error, because the revision may have a run.', async (_what, message) => {
    const { ref } = await claim(await local.open(), { revision })
    local.damage(revision, message)
    const later = await local.open()
    await expect(later.attempts(revision)).rejects.toThrow(UnreadableRecord)
    await expect(later.attempts(revision)).rejects.toThrow(`git push origin --delete ${ref}`)
    await expect(later.claim(first)).rejects.toThrow(UnreadableRecord)
    expect(await later.attempts(revisionOf('b'))).toEqual([])
  })

  test('A record that GitHub fails to return is an HTTP error, not an unreadable record.', async () => {
    await claim(await local.open(), { revision })
    const later = await local.open()
    local.github.fault({ path: /\/graphql|\/git\/tags\//, status: 500, times: 9 })
    await expect(later.attempts(revision)).rejects.toThrow(HttpError)
  })

  test('A claim ref that points to a commit is an unreadable record.', async () => {
    const [home] = local.github.repositories
    local.git.refs.set(`refs/auto-retrain/${key}/${revision}`, home?.headSha ?? '')
    await expect((await local.open()).attempts(revision)).rejects.toThrow(UnreadableRecord)
  })
})

describe('A claim whose owner died', () => {
  test('Of several workflow runs that take it over, one claims the next attempt.', async () => {
    await claim(await local.open(), { revision })
    local.clock.advance(10 * minute)
    const ledgers = await Promise.all(['2', '3', '4'].map(() => local.open()))
    const all = await Promise.all(ledgers.map((ledger) => ledger.claim({ ...first, attempt: 2 })))
    expect(all.filter(({ is }) => is === 'ours')).toHaveLength(1)
    expect(all.filter(({ is }) => is === 'taken')).toHaveLength(2)
  })

  test('A run of it that turns up is recorded with its claim, and no other workflow run has it.', async () => {
    await claim(await local.open(), { revision })
    local.clock.advance(11 * minute)
    const ledger: RecipeLedger = await local.open()
    const [entry] = await ledger.attempts(revision)
    if (entry === undefined) throw new Error('The claim is gone.')
    for (const [to, facts] of starts) await ledger.save(entry, to, facts)
    const [seen] = await (await local.open()).attempts(revision)
    expect(seen?.record).toMatchObject({ state: 'started', attempt: 1 })
  })
})

test('After a failed run, the next attempt gets a claim and a slot of its own.', async () => {
  const ledger = await local.open()
  await train(ledger, { revision })
  await train(ledger, { revision, attempt: 2 })
  expect(local.refs()).toEqual([revision, `${revision}-2`, 'day/2026-01-02/1', 'day/2026-01-02/2'].sort())
})
