import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { decide } from '../../src/ledger/decide.ts'
import {
  claimant,
  key,
  type LocalLedger,
  minute,
  repository,
  revisionOf,
  run,
  startLocalLedger,
  token,
  train,
  workflow,
} from './local-ledger.ts'

const revision = revisionOf('new')
let local: LocalLedger

beforeEach(async () => {
  local = await startLocalLedger()
  for (let n = 0; n < 12; n++) {
    await train(await local.open(), { revision: revisionOf(`old-${n}`) })
    local.clock.advance(60 * minute)
  }
  local.github.requests.splice(0)
})

afterEach(() => local.github.close())

test('A workflow run that trains sends GitHub twelve requests, however long the history is.', async () => {
  const ledger = await local.open()
  await ledger.open()
  const latest = await ledger.latest(revision)
  expect(
    decide({ latest: latest?.record ?? null, workflow: workflow('1'), force: false, now: local.clock.now() })
      .do,
  ).toBe('claim')
  await ledger.base()
  await train(ledger, { revision, changes: { run } })
  const entry = (await ledger.latest(revision))!
  await ledger.save(entry, { verdict: 'succeeded', metrics: { accuracy: 0.9 } })
  expect(await ledger.history(10)).toHaveLength(10)

  const refPath = `auto-retrain%2F${key}%2F${revision}`
  const save = ['POST tags', `GET ref/${refPath}`, `PATCH refs/${refPath}`]
  expect(local.calls()).toEqual([
    `GET matching-refs/auto-retrain%2F${key}`,
    'POST /graphql',
    'POST /graphql',
    'POST tags',
    'POST refs',
    'POST refs',
    ...save,
    ...save,
  ])
  expect(local.calls().length).toBeLessThanOrEqual(15)
})

test('A workflow run whose revision is already trained sends GitHub two requests.', async () => {
  const ledger = await local.open()
  expect((await ledger.latest(revisionOf('old-3')))?.record.verdict).toBe('succeeded')
  expect(local.calls()).toHaveLength(2)
})

test('The token is sent in the authorization header only, and is not written to the repository.', async () => {
  const secrets = ['hf_secret_of_the_hub', 'a-webhook-secret-of-32-characters']
  const ledger = await local.open({ secrets })
  const all = `it said ${token} and ${secrets.join(' and ')}`
  const { entry } = await ledger.claim({
    revision,
    attempt: 1,
    claimant: claimant({ project: secrets[0]!, trigger: token }),
  })
  const slotted = (await ledger.takeDaySlot(entry, 99))!
  await ledger.save(slotted, { run: { id: all, url: all }, reason: all, verdict: 'failed', model: all })
  const kept = JSON.stringify([[...local.git.refs], [...local.git.tags.values()]])
  for (const secret of [token, ...secrets]) expect(kept).not.toContain(secret)
  expect(kept).toContain('it said *** and *** and ***')
  for (const request of local.github.requests) {
    const { authorization, ...headers } = request.headers
    expect(authorization).toBe(`token ${token}`)
    expect(JSON.stringify([request.path, headers, request.body ?? ''])).not.toContain(token)
  }
})

test('An error about the ledger names the ref, and not the token.', async () => {
  const ledger = await local.open()
  local.github.fault({ method: 'POST', path: /\/git\/refs$/, status: 500, times: 9 })
  const error = await ledger
    .claim({ revision, attempt: 1, claimant: claimant() })
    .catch((thrown: unknown) => thrown)
  expect(String(error)).toContain(repository)
  const { inspect } = await import('node:util')
  expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(token)
})
