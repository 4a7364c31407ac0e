import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Fault } from '../../sandbox/faults.ts'
import { runtimes } from './runtimes.ts'
import {
  dataset,
  hubToken,
  otherDataset,
  otherRepository,
  type ReconcileSandbox,
  relayToken,
  repository,
  routes,
  secret,
  startReconcileSandbox,
} from './sandbox.ts'
import { minute } from './situation.ts'

let world: ReconcileSandbox

beforeEach(async () => {
  world = await startReconcileSandbox()
})

afterEach(() => world.close())

const head = /\/api\/datasets\/acme\/digits\/revision/
const refs = /\/repos\/acme\/retrain\/git\/matching-refs/
const dispatches = /\/repos\/acme\/retrain\/dispatches/
const always = { times: Number.POSITIVE_INFINITY }
const leak = `the token ${relayToken}, ${hubToken} or ${secret} is wrong`

/** A failure of one half, and what the line about it says. */
type Case = [what: string, server: 'hub' | 'github', fault: Fault, says: string]

const cases: Case[] = [
  [
    'the Hub answers 401',
    'hub',
    { path: head, status: 401, body: { error: leak } },
    'The Hub: acme/digits cannot be read (the Hub answered 401',
  ],
  [
    'the Hub does not know HF_TOKEN',
    'hub',
    { path: head, status: 401, body: { error: 'Invalid credentials in Authorization header' } },
    'HF_TOKEN is wrong, expired or revoked, so set a new one',
  ],
  [
    'the Hub answers 404',
    'hub',
    { path: head, status: 404, body: { error: 'Repository not found' } },
    'The Hub: acme/digits cannot be read (the Hub answered 404',
  ],
  [
    'the Hub limits the rate',
    'hub',
    { path: head, status: 429, headers: { 'retry-after': '240' }, body: { error: 'Too many requests' } },
    'The Hub: ',
  ],
  ['the Hub answers 500', 'hub', { path: head, status: 500 }, 'The Hub: '],
  ['the Hub answers nothing', 'hub', { path: head, reset: true }, 'The Hub: '],
  [
    'the Hub answers a page in place of JSON',
    'hub',
    { path: head, status: 200, body: '<html><title>Sign in</title></html>' },
    'The Hub: ',
  ],
  [
    'GitHub refuses the token',
    'github',
    { path: refs, status: 401, body: { message: `Bad credentials ${leak}` } },
    'set a new GITHUB_TOKEN',
  ],
  [
    'GitHub refuses the permission',
    'github',
    { path: refs, status: 403, body: { message: 'Resource not accessible by personal access token' } },
    'GitHub: GitHub answered 403',
  ],
  [
    'GitHub does not show the repository',
    'github',
    { path: refs, status: 404, body: { message: 'Not Found' } },
    'acme/retrain does not exist, or the token lacks Contents: write there',
  ],
  [
    'the rate limit of GitHub is used up',
    'github',
    {
      path: refs,
      status: 403,
      headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1999999999' },
      body: { message: 'API rate limit exceeded' },
    },
    'GitHub: GitHub answered 403',
  ],
  ['GitHub answers 500', 'github', { path: refs, status: 500 }, 'GitHub: GitHub answered 500'],
  ['GitHub answers nothing', 'github', { path: refs, reset: true }, 'GitHub: '],
  [
    'GraphQL answers an error with status 200',
    'github',
    { path: /graphql/, status: 200, body: { data: null, errors: [{ message: 'Something went wrong' }] } },
    'GitHub: GitHub answered 200',
  ],
  [
    'GraphQL does not show the repository',
    'github',
    { path: /graphql/, status: 200, body: { data: { repository: null }, errors: [{ type: 'NOT_FOUND' }] } },
    'GitHub: GitHub answered 200',
  ],
  [
    'GraphQL could not read all that the recipes saw',
    'github',
    {
      path: /graphql/,
      status: 200,
      body: { data: { repository: { o0: null } }, errors: [{ message: 'Something went wrong' }] },
    },
    'GitHub: GitHub answered 200',
  ],
  ['GraphQL answers 502', 'github', { path: /graphql/, status: 502 }, 'GitHub: GitHub answered 502'],
  [
    'GitHub refuses the dispatch',
    'github',
    { path: dispatches, status: 404, body: { message: 'Not Found' } },
    'GitHub accepted no dispatch: GitHub answered 404',
  ],
  [
    'GitHub is down for the dispatch',
    'github',
    { path: dispatches, status: 503 },
    'GitHub accepted no dispatch: GitHub answered 503',
  ],
]

describe.each(runtimes)('When one half of a reconcile fails, on %s:', (_runtime, reconcile) => {
  test.each(cases)(
    'Where %s, the line names that half, the other dataset is served, and no secret is shown.',
    async (_what, server, fault, says) => {
      // Something to do, and an entry to read: a reconcile needs all of its calls.
      await world.write({ again: new Date(Date.now() - 5 * minute).toISOString() })
      world[server].fault({ ...always, ...fault })
      const { isGood, printed } = await reconcile(
        world.environment({
          HF_TOKEN: hubToken,
          ...routes({ dataset, repository }, { dataset: otherDataset, repository: otherRepository }),
        }),
      )
      expect(isGood).toBe(false)
      expect(printed).toContain(says)
      expect(printed).not.toMatch(/the Hub sends the event again/)
      expect(world.github.dispatches.map(({ repository: to }) => to)).toEqual([otherRepository])
      for (const hidden of [relayToken, hubToken, secret]) expect(printed).not.toContain(hidden)
    },
  )
})
