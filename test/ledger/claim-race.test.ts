import { setImmediate } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { openLedger, type RecipeLedger } from '../../src/ledger/ledger.ts'
import type { ClaimFacts } from '../../src/ledger/record.ts'
import { createFakeClock } from '../http/fake-clock.ts'
import { gitStore } from '../sandbox/github/git-store.ts'
import { type SandboxGitHub, startGitHub } from '../sandbox/github/github.ts'

const repository = 'acme/retrain'
const token = 'ghs_token_of_the_ledger'
const revision = 'a'.repeat(40)
const keys = {
  key: 'acme-digits-12345678',
  family: 'f',
  seenRef: 'refs/auto-retrain/seen/0/acme-digits-12345678',
}
const facts: ClaimFacts = {
  atHead: true,
  automatic: true,
  trigger: 'schedule',
  deliveryId: null,
  workflow: { runId: '1', runAttempt: 1, url: 'https://github.test/runs/1' },
  trainer: 'job',
  project: 'digits-aaaaaaa',
  model: 'acme/digits-aaaaaaa',
  modelHead: null,
  costEstimate: 1,
  deadline: null,
  data: null,
  howItRuns: null,
  whatItMakes: null,
  baseModel: null,
  dataset: null,
  publishTo: null,
}
let github: SandboxGitHub

beforeEach(async () => {
  github = await startGitHub({
    repositories: [{ name: repository, tokens: { [token]: { contents: 'write' } } }],
  })
})

afterEach(() => github.close())

let nonces = 0

function open(platformFetch: typeof fetch = fetch): Promise<RecipeLedger> {
  return openLedger({
    repository,
    token,
    apiUrl: github.url,
    commit: github.repositories[0]?.headSha ?? '',
    platformFetch,
    clock: createFakeClock(Date.UTC(2026, 0, 1)),
    randomBytes: (count) => new Uint8Array(count).fill(++nonces),
  }).recipe(keys)
}

const options = { revision, attempt: 1, facts, maxRunsPerDay: 10 }

test('A workflow run that lost a claim knows the attempt of the winner as open, so that the head is checked again.', async () => {
  const [winner, loser] = [await open(), await open()]
  expect((await winner.claim(options)).is).toBe('ours')
  expect((await loser.claim(options)).is).toBe('taken')
  expect((await loser.recent()).map(({ record }) => record.state)).toEqual(['claimed'])
})

test('Where one run is first with the slot and another with the claim, the attempt keeps its slot and its name.', async () => {
  const winner = await open()
  const claimRef = `refs/auto-retrain/${keys.key}/${revision}`
  let letGo = () => {}
  const winnerIsDone = new Promise<void>((resolve) => {
    letGo = resolve
  })
  const loser = await open(async (input, init) => {
    if (String(init?.body ?? '').includes(`"ref":"${claimRef}"`)) await winnerIsDone
    return fetch(input, init)
  })
  const lost = loser.claim(options)
  const refs = () => [...gitStore(github.repositories[0] ?? missing()).refs.keys()]
  const has = (part: string) => refs().some((ref) => ref.includes(part))
  while (!has('/day/') || !has('/model/')) await setImmediate()
  expect((await winner.claim(options)).is).toBe('ours')
  letGo()
  expect((await lost).is).toBe('taken')
  expect((await (await open()).recent()).map((entry) => entry.ref)).toEqual([claimRef])
  expect(has('/model/')).toBe(true)
})

function missing(): never {
  throw new Error('The sandbox GitHub has no repository.')
}
