import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { Refused } from '../../src/domain/verdict.ts'
import { createGitData } from '../../src/github/git-data.ts'
import { HttpError } from '../../src/http/errors.ts'
import { openLedger } from '../../src/ledger/ledger.ts'
import {
  claim,
  factsOf,
  key,
  keysOf,
  type LocalLedger,
  revisionOf,
  run,
  startLocalLedger,
  token,
} from '../ledger/local-ledger.ts'

const first = { revision: revisionOf('a'), attempt: 1, maxRunsPerDay: 9, facts: factsOf() }
let local: LocalLedger

beforeEach(async () => {
  local = await startLocalLedger()
})

afterEach(() => local.github.close())

async function failureOf(work: Promise<unknown>): Promise<Error> {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof Error)) throw new Error('It should have failed.')
  return error
}

test('Without a token the ledger is refused before any request.', () => {
  const open = () =>
    openLedger({
      repository: 'acme/retrain',
      token: '',
      apiUrl: local.github.url,
      commit: '1'.repeat(40),
      platformFetch: fetch,
      clock: local.clock,
      randomBytes: (count) => new Uint8Array(count),
    })
  expect(open).toThrow(Refused)
  expect(open).toThrow(/github-token/)
  expect(local.calls()).toEqual([])
})

describe('The ledger is refused with what to fix in the workflow', () => {
  test('It is refused for a token that may only read.', async () => {
    const ledger = await local.open({ token: 'ghs_reader' })
    const error = await failureOf(ledger.claim(first))
    expect(error).toBeInstanceOf(Refused)
    expect(error.message).toContain('`permissions: contents: write`')
    expect(error.message).toContain('acme/retrain')
    expect(error.cause).toBeInstanceOf(HttpError)
    expect(local.refs()).toEqual([])
  })

  test('It is refused for a classic token that may only read.', async () => {
    local.github.repositories[0]!.tokens.set('classic_reader', { contents: 'read' })
    const ledger = await local.open({ token: 'classic_reader' })
    expect((await failureOf(ledger.claim(first))).message).toContain('`permissions: contents: write`')
  })

  test('It is refused when only the permission for refs is missing.', async () => {
    const ledger = await local.open()
    local.github.fault({
      method: 'POST',
      path: /\/git\/refs$/,
      status: 403,
      body: { message: 'no' },
      times: 9,
    })
    expect(await failureOf(ledger.claim(first))).toBeInstanceOf(Refused)
    expect(local.calls().filter((call) => call === 'POST refs')).toHaveLength(2)
    expect(local.allRefs()).toEqual([])
  })

  test('It is refused when the permission is missing at an update.', async () => {
    const ledger = await local.open()
    const entry = await claim(ledger, first)
    local.github.fault({ method: 'PATCH', path: /./, status: 403, body: { message: 'no' } })
    expect(await failureOf(ledger.save(entry, 'started', { run }))).toBeInstanceOf(Refused)
  })

  test('It is refused for an invalid token.', async () => {
    const error = await failureOf(local.open({ token: 'ghs_expired' }))
    expect(error).toBeInstanceOf(Refused)
    expect(error.message).toContain('github-token')
  })

  test('It is refused for a repository that the token cannot see.', async () => {
    const error = await failureOf(local.open({ repository: 'acme/none' }))
    expect(error).toBeInstanceOf(Refused)
    expect(error.message).toContain('acme/none')
  })

  test('It is refused for a repository without a commit.', async () => {
    const error = await failureOf(local.open({ repository: 'acme/empty' }))
    expect(error).toBeInstanceOf(Refused)
    expect(error.message).toContain('Push a first commit: acme/empty has none yet.')
  })
})

describe("GitHub's own words are in the refusal", () => {
  const permission = '`permissions: contents: write`'

  test.each([
    [
      403,
      'The credentials look right, but organisation acme lets in listed IP addresses only, and yours is not among them.',
      "Add the address of this machine to the organisation's IP allow list",
    ],
    [
      403,
      'Organisation acme asks for SAML: authorise this token for it first.',
      'Authorise github-token for single sign-on',
    ],
    [403, 'This repository is archived and cannot be written to.', 'Unarchive acme/retrain'],
    [
      422,
      'Reference update failed',
      "The repository's rules do not let github-token create refs: allow refs/auto-retrain/**",
    ],
    [
      422,
      'Rule of the repository broken: refs may not be created here',
      "The repository's rules do not let github-token create refs: allow refs/auto-retrain/**",
    ],
    [451, 'Repository access blocked', ''],
    [403, 'Something that nobody knows.', ''],
  ])(
    'A %d with "%s" has the advice for these words alone, and names the ref.',
    async (status, message, advice) => {
      const ledger = await local.open()
      local.github.fault({ method: 'POST', path: /\/git\/refs$/, status, body: { message }, times: 9 })
      const error = await failureOf(ledger.claim(first))
      expect(error).toBeInstanceOf(Refused)
      const words = message.replace(/\.$/, '')
      expect(error.message).toContain(`GitHub refused to create refs/auto-retrain/${key}/`)
      expect(error.message).toContain(` in acme/retrain (${status}: "${words}").${advice && ` ${advice}`}`)
      expect(error.message).not.toContain(permission)
      if (advice === '') expect(error.message).toMatch(/"\)\.$/)
    },
  )

  test('The token in an answer is hidden.', async () => {
    const ledger = await local.open()
    local.github.fault({
      method: 'POST',
      path: /\/git\/tags$/,
      status: 403,
      body: { message: `no ${token}` },
    })
    const error = await failureOf(ledger.claim(first))
    expect(error.message).toContain('"no ***"')
    expect(JSON.stringify(error.cause)).not.toContain(token)
  })

  test('A refusal of GraphQL, which is answered with 200, has the words and the advice too.', async () => {
    const git = createGitData({
      repository: 'acme/retrain',
      apiUrl: local.github.url,
      token,
      commit: '1'.repeat(40),
      platformFetch: fetch,
      clock: local.clock,
    })
    const message = 'Resource protected by organization SAML enforcement.'
    const body = { data: { repository: null }, errors: [{ type: 'FORBIDDEN', message }] }
    local.github.fault({ path: /graphql/, status: 200, body })
    const error = await failureOf(git.readTags(['2'.repeat(40)]))
    expect(error).toBeInstanceOf(Refused)
    expect(error.message).toMatch(
      /^GitHub refused to read the records in acme\/retrain: "Resource protected by .*enforcement"\. Authorise /,
    )
  })

  test('A page of a proxy is called that, with its address.', async () => {
    const body = '<html><head><title>Blocked</title></head></html>'
    local.github.fault({ path: /matching-refs/, status: 403, body })
    expect((await failureOf(local.open())).message).toMatch(
      /\(403: a page of HTML \("Blocked"\) from http:\/\/127\S+\/matching-refs\/\S+\)\.$/,
    )
  })
})

test('The next page of the refs is asked of the configured GitHub.', async () => {
  const elsewhere = await startLocalLedger()
  const path = `/repos/acme/retrain/git/matching-refs/auto-retrain%2F${key}?page=2`
  const link = `<${elsewhere.github.url}${path}>; rel="next"`
  const ledger = await local.open()
  await claim(ledger, first)
  local.github.fault({ path: /matching-refs/, status: 200, body: [], headers: { link } })
  expect((await local.open()).isEmpty).toBe(false)
  expect(elsewhere.github.requests).toEqual([])
  await elsewhere.github.close()
})

test('A list of refs that does not end is an error.', async () => {
  const link = '</repos/acme/retrain/git/matching-refs/auto-retrain%2F?page=2>; rel="next"'
  local.github.fault({ path: /matching-refs/, status: 200, body: [], headers: { link }, times: 999 })
  expect((await failureOf(local.open())).message).toContain('does not end')
})

test.each([
  'abuse detection mechanism: wait some minutes, then try once more.',
  'You have triggered an abuse detection mechanism. Please wait a few minutes before you try again.',
])(
  'The older words for a secondary rate limit are not reported as a missing permission (%s).',
  async (message) => {
    local.github.fault({ path: /matching-refs/, status: 403, body: { message }, times: 9 })
    const error = await failureOf(local.open())
    expect(error).toBeInstanceOf(HttpError)
    expect(error.message).toContain('this is a rate limit')
    expect(error.message).not.toContain('permissions')
  },
)

test('A rate limit says when it is free again.', async () => {
  const headers = {
    'x-ratelimit-remaining': '0',
    'x-ratelimit-reset': String(Math.ceil(local.clock.now() / 1000) + 1800),
  }
  const body = { message: 'API rate limit exceeded for installation.' }
  local.github.fault({ path: /matching-refs/, status: 403, headers, body, times: 9 })
  expect((await failureOf(local.open())).message).toMatch(
    /answered 403: "API rate limit exceeded for installation"; the limit is free again in 30 min/,
  )
})

test('A used-up rate limit is not reported as a missing permission.', async () => {
  const headers = {
    'x-ratelimit-remaining': '0',
    'x-ratelimit-reset': String(local.clock.now() / 1000 + 3600),
  }
  local.github.fault({ path: /matching-refs/, status: 403, headers, times: 9 })
  const error = await failureOf(local.open())
  expect(error).toBeInstanceOf(HttpError)
  expect(error.message).toContain('rate limit')
  expect(local.calls()).toHaveLength(1)
})

test('A secondary rate limit that only the body mentions is not reported as a missing permission.', async () => {
  const message = 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.'
  local.github.fault({ path: /matching-refs/, status: 403, body: { message }, times: 9 })
  const error = await failureOf(local.open())
  expect(error).toBeInstanceOf(HttpError)
  expect(error.message).toContain('rate limit')
})

test('A 503 with Retry-After is not reported as a used-up rate limit.', async () => {
  local.github.fault({ path: /matching-refs/, status: 503, headers: { 'retry-after': '3600' }, times: 9 })
  const error = await failureOf(local.open())
  expect(error).toMatchObject({ status: 503 })
  expect(error.message).not.toContain('rate limit')
})

test('A request is retried after a short rate limit, even if it is never retried otherwise.', async () => {
  const ledger = await local.open()
  local.github.fault({ method: 'POST', path: /\/git\/refs$/, status: 429, headers: { 'retry-after': '7' } })
  expect(await ledger.claim(first)).toMatchObject({ is: 'ours' })
  expect(local.clock.sleeps).toEqual([7000])
})

test('A commit that GitHub does not know is refused with what to do: push it first.', async () => {
  const ledger = await local.open({ commit: '0'.repeat(40) })
  const error = await failureOf(ledger.claim(first))
  expect(error).toBeInstanceOf(Refused)
  expect(error.message).toMatch(
    /^GitHub refused to write the record of refs\/auto-retrain\/.* in acme\/retrain \(422, request id .*: "Object does not exist"\)\. The commit that this workflow runs on \(GITHUB_SHA\) is not a commit of acme\/retrain: push it first\.$/,
  )
  expect(error.cause).toMatchObject({ status: 422, body: expect.stringContaining('Object does not exist') })
})

test("Any other 422 is refused with GitHub's own words, on one line.", async () => {
  const ledger = await local.open()
  const message = 'Repository rule violations found\n\nCannot create ref'
  local.github.fault({ method: 'POST', path: /\/git\/tags$/, status: 422, body: { message } })
  const error = await failureOf(ledger.claim(first))
  expect(error).toBeInstanceOf(Refused)
  expect(error.message).toContain('Repository rule violations found Cannot create ref')
})

describe('What is left of the hour', () => {
  test("It is what GitHub's last answer said, and not known before the first.", async () => {
    const ledger = local.ledger()
    expect(ledger.callsLeft()).toBeNull()
    const recipe = await ledger.recipe(keysOf())
    expect(ledger.callsLeft()).toBe(999)
    await claim(recipe, first)
    expect(ledger.callsLeft()).toBe(996)
  })

  test('GraphQL has a limit of its own, which says nothing about the calls.', async () => {
    await claim(await local.open(), first)
    local.github.spend({ token, requests: 900 })
    const ledger = local.ledger()
    const recipe = await ledger.recipe(keysOf())
    const left = ledger.callsLeft()
    expect(left).toBeLessThan(100)
    await recipe.recent()
    expect(local.calls().at(-1)).toBe('POST /graphql')
    expect(ledger.callsLeft()).toBe(left)
  })

  test('Changes of the ledger are counted here, since GitHub does not tell how many are left.', async () => {
    const ledger = local.ledger()
    const recipe = await ledger.recipe(keysOf())
    expect(ledger.creationsLeft()).toBe(500)
    await claim(recipe, first)
    expect(ledger.creationsLeft()).toBe(497)
    local.clock.advance(3_600_000)
    expect(ledger.creationsLeft()).toBe(500)
  })
})

test('An answer of an unexpected form is an error.', async () => {
  local.github.fault({ path: /matching-refs/, status: 200, body: '<html>a proxy</html>' })
  expect((await failureOf(local.open())).message).toContain('unexpected answer')
})

test('A redirect is asked of the configured GitHub, so the token is not sent elsewhere.', async () => {
  const elsewhere = await startLocalLedger()
  const location = `${elsewhere.github.url}/repos/acme/retrain/git/matching-refs/auto-retrain%2F`
  local.github.fault({ path: /matching-refs/, status: 307, headers: { location } })
  const ledger = await local.open()
  expect(await ledger.claim(first)).toMatchObject({ is: 'ours' })
  expect(elsewhere.github.requests).toEqual([])
  await elsewhere.github.close()
})

test('A repository that is renamed while the workflow runs still gets its records.', async () => {
  const ledger = await local.open()
  const location = '/repos/acme/retrain/git/refs'
  local.github.fault({ method: 'POST', path: /\/git\/refs$/, status: 307, headers: { location }, times: 1 })
  local.github.fault({
    method: 'POST',
    path: /\/git\/refs$/,
    status: 307,
    headers: { location: '/elsewhere' },
  })
  const moved = await failureOf(ledger.claim(first))
  expect(moved.message).toContain('GitHub refused to create refs/auto-retrain/')
})

test('A redirect that leads to itself ends with the status.', async () => {
  const location = `/repos/acme/retrain/git/matching-refs/auto-retrain%2F${key}`
  local.github.fault({ path: /matching-refs/, status: 301, headers: { location }, times: 99 })
  expect(await failureOf(local.open())).toMatchObject({
    status: 301,
    message: expect.stringContaining(`answered 301, a redirect to ${local.github.url}/repos/acme/retrain/`),
  })
})

test('A request that hangs times out, and the claim is read back.', async () => {
  const ledger = await local.open()
  local.github.fault({ method: 'POST', path: /\/git\/refs$/, hang: true, applied: true })
  const claiming = ledger.claim(first)
  while (!local.calls().includes('POST refs')) await new Promise((resolve) => setImmediate(resolve))
  local.clock.advance(30_000)
  expect(await claiming).toMatchObject({ is: 'ours' })
})
