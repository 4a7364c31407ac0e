import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { openLedger } from '../../src/ledger/ledger.ts'
import type { ClaimFacts } from '../../src/ledger/record.ts'
import { createFakeClock } from '../http/fake-clock.ts'
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

test('A workflow run that lost a claim knows the attempt of the winner as open, so that the head is checked again.', async () => {
  let nonces = 0
  const open = () =>
    openLedger({
      repository,
      token,
      apiUrl: github.url,
      commit: github.repositories[0]?.headSha ?? '',
      platformFetch: fetch,
      clock: createFakeClock(Date.UTC(2026, 0, 1)),
      randomBytes: (count) => new Uint8Array(count).fill(++nonces),
    }).recipe(keys)
  const [winner, loser] = [await open(), await open()]
  const options = { revision, attempt: 1, facts, maxRunsPerDay: 10 }
  expect((await winner.claim(options)).is).toBe('ours')
  expect((await loser.claim(options)).is).toBe('taken')
  expect((await loser.recent()).map(({ record }) => record.state)).toEqual(['claimed'])
})
