import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { newRecord, writeRecord } from '../../src/ledger/record.ts'
import { claimRef, dayRef } from '../../src/ledger/ref-names.ts'
import { addTag } from '../sandbox/github/git-store.ts'
import { noLimits } from '../sandbox/github/github-rate-limit.ts'
import { type Fleet, recipes, startFleet } from './fleet.ts'
import {
  claim,
  day,
  factsOf,
  key,
  type LocalLedger,
  minute,
  repository,
  revisionOf,
  startLocalLedger,
  startsAndFails,
  token,
  train,
} from './local-ledger.ts'

const hour = 60 * minute

describe('The calls of one recipe', () => {
  const [recipe] = recipes(1)
  const one = recipe === undefined ? [] : [recipe]
  let fleet: Fleet

  beforeEach(async () => {
    fleet = await startFleet()
    fleet.finish()
  })

  afterEach(() => fleet.close())

  /** A commit of data, and the calls of the run that trains it. */
  async function callsOfTraining(n: number): Promise<string[]> {
    fleet.hub.commit('ann/digits', { files: { 'train/1/b.txt': `${n}` } })
    fleet.local.clock.advance(2 * hour)
    fleet.local.github.requests.splice(0)
    const [outcome] = await fleet.run(one)
    expect(outcome).toMatchObject({ verdict: 'succeeded' })
    return fleet.local.calls()
  }

  test('A training takes at most 25 calls from its check to its end, as the first and as the twentieth.', async () => {
    expect((await callsOfTraining(0)).length).toBeLessThanOrEqual(25)
    for (let n = 1; n < 19; n++) await callsOfTraining(n)
    const calls = await callsOfTraining(19)
    expect(calls.length).toBeLessThanOrEqual(25)
    expect(calls.filter((call) => /^(POST (tags|refs)|PATCH|DELETE)/.test(call)).length).toBeLessThanOrEqual(
      12,
    )
  })

  test('A check of a revision that is trained takes three calls.', async () => {
    await callsOfTraining(0)
    fleet.local.github.requests.splice(0)
    const [outcome] = await fleet.run(one)
    expect(outcome).toMatchObject({ verdict: 'skipped' })
    expect(fleet.local.calls()).toHaveLength(3)
  })

  test('Old slots are removed by the run that trains, a few at a time.', async () => {
    await callsOfTraining(0)
    const [ref = '', sha = ''] = [...fleet.local.git.refs].find(([name]) => name.includes('/day/')) ?? []
    const prefix = ref.replace(/\d{4}-\d\d-\d\d\/\d+$/, '')
    for (let n = 1; n <= 101; n++) fleet.local.git.refs.set(`${prefix}2025-01-01/${n}`, sha)
    const calls = await callsOfTraining(1)
    expect(calls.filter((call) => call.startsWith('DELETE'))).toHaveLength(3)
    expect(calls.length).toBeLessThanOrEqual(28)
    expect(fleet.local.git.refs.has(`${prefix}2025-01-01/1`)).toBe(false)
  })
})

describe('Fifty recipes in one config, inside GitHub’s limits', () => {
  const fifty = recipes(50)
  let fleet: Fleet

  beforeEach(async () => {
    fleet = await startFleet()
  })

  afterEach(() => fleet.close())

  const verdicts = (outcomes: readonly { verdict: string }[]) => {
    const counts: Record<string, number> = {}
    for (const { verdict } of outcomes) counts[verdict] = (counts[verdict] ?? 0) + 1
    return counts
  }

  test('All are trained once, over as many hours as the limits need, and nothing is refused by GitHub for good.', async () => {
    fleet.finish()
    let hours = 0
    for (let trained = 0; trained < 50; hours++) {
      const outcomes = await fleet.run(fifty)
      trained = fleet.paid.length
      for (const { verdict, reason } of outcomes) {
        if (verdict === 'failed') expect(reason).toMatch(/nothing was started, the next check tries again/)
      }
      fleet.local.clock.advance(hour)
    }
    expect(hours).toBeLessThanOrEqual(3)
    expect(new Set(fleet.paid.map((order) => order.key)).size).toBe(50)
    expect(fleet.warnings).toEqual([])
    expect(verdicts(await fleet.run(fifty))).toEqual({ skipped: 50 })
  })

  test('What is started can always be recorded: no call is refused, when all end in the same hour.', async () => {
    const running = fleet.run(fifty)
    // The last is planned, and is one of those that are not started any more.
    await fleet.planned(50)
    const started = fleet.paid.length
    fleet.finish()
    const outcomes = await running
    expect(verdicts(outcomes)).toEqual({ succeeded: started, failed: 50 - started })
    expect(started).toBeGreaterThanOrEqual(25)
    expect(fleet.warnings).toEqual([])
    expect(fleet.local.github.requests.length).toBeLessThan(1000)
  })

  test('A check with nothing to do takes two calls for all of them.', async () => {
    fleet.finish()
    await fleet.run(recipes(20))
    fleet.local.github.requests.splice(0)
    expect(verdicts(await fleet.run(recipes(20)))).toEqual({ skipped: 20 })
    expect(fleet.local.calls()).toEqual(['GET matching-refs/auto-retrain%2F', 'POST /graphql'])
  })

  test('A run by hand, which trusts nothing that was seen, takes two queries and one write for each at most.', async () => {
    fleet.finish()
    await fleet.run(recipes(20))
    fleet.local.github.requests.splice(0)
    expect(verdicts(await fleet.run(recipes(20), { byPerson: true }))).toEqual({ skipped: 20 })
    const calls = fleet.local.calls()
    expect(calls.filter((call) => call.startsWith('GET'))).toEqual(['GET matching-refs/auto-retrain%2F'])
    expect(calls.filter((call) => call === 'POST /graphql').length).toBeLessThanOrEqual(1 + 2 * 20)
    expect(calls.filter((call) => call === 'POST tags').length).toBeLessThanOrEqual(20)
  })

  test('A recipe that left the config leaves no seen entry behind.', async () => {
    fleet.finish()
    await fleet.run(recipes(3))
    const entries = () => fleet.local.allRefs().filter((ref) => ref.startsWith('seen/'))
    expect(entries()).toHaveLength(3)
    await fleet.run(recipes(2), { byPerson: true })
    expect(entries()).toHaveLength(3)
    await fleet.run(recipes(2))
    expect(entries()).toHaveLength(2)
  })
})

/** Puts the claim and the slot of an attempt into the repository, twenty a day. */
function addAttempt({ git, github, clock }: LocalLedger, n: number): void {
  if (n % 20 === 0) clock.advance(day)
  const now = clock.now()
  const revision = revisionOf(`${n}`)
  const record = newRecord(factsOf({ project: `p-${n}` }), {
    recipe: key,
    revision,
    attempt: 1,
    nonce: `${n}`,
    now,
  })
  const sha = github.repositories[0]?.headSha ?? ''
  const message = writeRecord(record, (text) => text)
  const tag = addTag(git, { tag: `${n}`, message, object: { type: 'commit', sha } }, now)
  git.refs.set(claimRef(key, revision, 1), tag.sha)
  git.refs.set(dayRef(key, new Date(now).toISOString().slice(0, 10), (n % 20) + 1), tag.sha)
}

describe('A long history', () => {
  let local: LocalLedger

  beforeEach(async () => {
    local = await startLocalLedger({ limits: noLimits })
  })

  afterEach(() => local.github.close())

  test('A thousand attempts stay readable in four calls, and a training in the midst of them is found.', async () => {
    for (let n = 0; n < 1000; n++) addAttempt(local, n)
    local.github.requests.splice(0)
    const later = await local.open()
    await later.prepare(revisionOf('500'))
    expect((await later.attempts(revisionOf('500')))[0]?.record.project).toBe('p-500')
    const recent = await later.recent()
    expect(recent).toHaveLength(100)
    expect(recent[0]?.record.project).toBe('p-999')
    expect(local.calls().length).toBeLessThanOrEqual(5)
  })

  test('Where GraphQL does not answer, a long history costs at most thirty calls and starts nothing.', async () => {
    const ledger = await local.open()
    for (let n = 0; n < 40; n++) {
      await train(ledger, { revision: revisionOf(`${n}`), steps: startsAndFails })
    }
    local.github.fault({ path: /graphql/, status: 502, times: Number.POSITIVE_INFINITY })
    local.github.requests.splice(0)
    const later = await local.open()
    await expect(later.recent()).rejects.toThrow('in one query')
    expect(local.calls().filter((call) => call.startsWith('GET tags'))).toHaveLength(30)
  })
})

describe('The token', () => {
  let local: LocalLedger

  beforeEach(async () => {
    local = await startLocalLedger()
  })

  afterEach(() => local.github.close())

  test('It is sent in the authorization header only, and is not written to the repository.', async () => {
    const secrets = ['hf_secret_of_the_hub', 'a-webhook-secret-of-32-characters']
    const ledger = await local.open({ secrets })
    const all = `it said ${token} and ${secrets.join(' and ')}`
    const entry = await claim(ledger, {
      revision: revisionOf('a'),
      facts: { project: secrets[0] ?? '', trigger: token, model: all },
    })
    await ledger.save(entry, 'started', { run: { id: all, url: all }, discussionUrl: all })
    const kept = JSON.stringify([[...local.git.refs], [...local.git.tags.values()]])
    for (const secret of [token, ...secrets]) expect(kept).not.toContain(secret)
    expect(kept).toContain('it said *** and *** and ***')
    for (const request of local.github.requests) {
      const { authorization, ...headers } = request.headers
      expect(authorization).toBe(`token ${token}`)
      expect(JSON.stringify([request.path, headers, request.body ?? ''])).not.toContain(token)
    }
  })

  test('An error about the ledger names the repository, and not the token.', async () => {
    const ledger = await local.open()
    local.github.fault({ method: 'POST', path: /\/git\/refs$/, status: 500, times: 9 })
    const error = await claim(ledger, { revision: revisionOf('a') }).catch((thrown: unknown) => thrown)
    expect(String(error)).toContain(repository)
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(token)
    expect(local.refs()).not.toContain(key)
  })
})
