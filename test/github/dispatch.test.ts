import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { openEnvelope } from '../../src/event/open-envelope.ts'
import type { Environment } from '../../src/relay/settings/settings.ts'
import { createFakeClock, type FakeClock } from '../http/fake-clock.ts'
import { dataset, hubEvent, newSha, oldSha, secret } from '../relay/event.ts'
import {
  deliver,
  environment,
  type LocalRelay,
  repository,
  startLocalRelay,
  startSandbox,
  token,
  until,
} from '../relay/local-relay.ts'
import type { SandboxGitHub } from '../sandbox/github/github.ts'

const path = /\/dispatches$/
let github: SandboxGitHub
let clock: FakeClock
let relay: LocalRelay

async function start(change: Environment = {}): Promise<void> {
  await relay?.drain()
  relay = await startLocalRelay(environment(github, change), clock)
}

beforeEach(async () => {
  github = await startSandbox()
  clock = createFakeClock(Date.UTC(2026, 10, 24))
  relay = await startLocalRelay(environment(github), clock)
})

afterEach(async () => {
  await relay.drain()
  await github.close()
})

describe('The dispatch', () => {
  test('The dispatch carries the allow-listed part of the event and nothing else.', async () => {
    const comment = { comment: { content: 'x'.repeat(100_000) }, discussion: { title: '@everyone' } }
    const refs = [
      { ref: 'refs/pr/1', oldSha: null, newSha: oldSha },
      { ref: 'refs/heads/main', oldSha, newSha },
    ]
    const event = hubEvent({ ...comment, updatedRefs: refs, repo: { private: true } })
    const headers = { 'webhook-id': 'msg_1', 'x-forwarded-for': '203.0.113.9', cookie: 'session=1' }
    await deliver(relay.url, { body: JSON.stringify(event), headers })

    const sent = JSON.parse(String(github.requests[0]?.body))
    expect(sent).toEqual({
      event_type: 'hub-webhook',
      client_payload: {
        dataset,
        sha: newSha,
        id: 'msg_1',
        timestamp: clock.now() / 1000,
        signature: expect.stringMatching(/^v1,[A-Za-z0-9+/]{43}=$/),
        body: expect.any(String),
      },
    })
    expect(JSON.parse(sent.client_payload.body)).toEqual({
      event: { action: 'update', scope: 'repo.content' },
      repo: {
        type: 'dataset',
        name: dataset,
        id: '6366c000a2abcdf2fd69a080',
        private: true,
        headSha: newSha,
      },
      updatedRefs: [{ ref: 'refs/heads/main', oldSha, newSha }],
      webhook: { id: '6390e855e30d9209411de93b', version: 3 },
    })
  })

  test('The dispatch is signed with the current secret, so that the action can open it.', async () => {
    await start({ WEBHOOK_SECRET_PREVIOUS: 'the-secret-before-this-one' })
    await deliver(relay.url, { headers: { 'x-webhook-secret': 'the-secret-before-this-one' } })
    const opened = await openEnvelope(github.dispatches[0]?.clientPayload, {
      secrets: [secret],
      now: clock.now(),
      maxAgeMs: 1000,
      allowPlainSecret: false,
    })
    expect(opened.event.repo.name).toBe(dataset)
  })

  test('The dispatch has the headers that GitHub requires, and none of the caller.', async () => {
    await deliver(relay.url, { headers: { 'x-custom': 'x', authorization: 'Bearer caller' } })
    const { host, 'content-length': _length, ...headers } = github.requests[0]?.headers ?? {}
    expect(headers).toEqual({
      accept: 'application/vnd.github+json',
      'accept-encoding': 'gzip, deflate, br',
      authorization: `Bearer ${token}`,
      connection: 'keep-alive',
      'content-type': 'application/json',
      'user-agent': 'auto-retrain-relay',
      'x-github-api-version': '2022-11-28',
    })
  })

  test('The dispatch goes to the repository in the settings, regardless of path, query, headers and body.', async () => {
    const headers = {
      host: 'evil.test',
      'x-forwarded-host': 'evil.test',
      'x-original-url': '/repos/evil/evil',
    }
    await deliver(relay.url, { path: '/webhook?repository=evil/evil&event_type=evil', headers })
    const event = hubEvent({ repository: 'evil/evil', event_type: 'evil', url: 'https://evil.test' })
    await deliver(relay.url, { body: JSON.stringify(event) })
    expect(github.requests.map((request) => request.path)).toEqual(
      Array(2).fill(`/repos/${repository}/dispatches`),
    )
    expect(github.dispatches.map(({ eventType }) => eventType)).toEqual(['hub-webhook', 'hub-webhook'])
  })

  test('The dispatch uses EVENT_TYPE.', async () => {
    await start({ EVENT_TYPE: 'dataset-changed' })
    await deliver(relay.url)
    expect(github.dispatches[0]?.eventType).toBe('dataset-changed')
  })

  test('Without a Webhook-Id the dispatch, the answer and the log have the same id of 128 random bits.', async () => {
    const { json } = await deliver(relay.url)
    const id = github.dispatches[0]?.clientPayload.id
    expect(id).toMatch(/^msg_[0-9a-f]{32}$/)
    expect(json?.id).toBe(id)
    expect(relay.lines[0]?.id).toBe(id)
  })

  test('An invalid Webhook-Id becomes the same id each time.', async () => {
    await deliver(relay.url, { headers: { 'webhook-id': '$(id) \t::x' } })
    await deliver(relay.url, { headers: { 'webhook-id': '$(id) \t::x' } })
    const [first, second] = github.dispatches.map(({ clientPayload }) => clientPayload.id)
    expect(first).toMatch(/^msg_[0-9a-f]{64}$/)
    expect(second).toBe(first)
  })
})

describe('Refusals of GitHub', () => {
  const cases: [string, Environment, string][] = [
    ['a wrong token', { GITHUB_TOKEN: 'github_pat_revoked' }, 'The token is wrong, expired or revoked'],
    [
      'a token that can only read',
      { GITHUB_REPOSITORY: 'acme/readable' },
      'give it Contents: read and write',
    ],
    [
      'a repository that the token cannot see',
      { GITHUB_REPOSITORY: 'acme/none' },
      'does not exist, or the token lacks',
    ],
  ]
  test.each(cases)(
    'With %s the answer is 502 with a fixed sentence, and the log names the cause and the fix.',
    async (_what, env, cause) => {
      await start(env)
      const answer = await deliver(relay.url)
      expect(answer.status).toBe(502)
      expect(answer.json).toEqual({ error: "GitHub refused the event: the relay's log says why." })
      expect(relay.lines).toEqual([
        expect.objectContaining({
          level: 'error',
          status: 502,
          dataset,
          reason: expect.stringContaining(cause),
        }),
      ])
      expect(github.requests).toHaveLength(1)
    },
  )

  test.each([
    [301, 'was renamed or moved'],
    [307, 'was renamed or moved'],
    [400, 'GitHub answered 400: "no ::set-output name=x::y zzz'],
    [403, 'GitHub answered 403: "no ::set-output name=x::y zzz'],
    [422, 'GitHub answered 422: "no ::set-output name=x::y zzz'],
    [451, 'GitHub answered 451: "no ::set-output name=x::y zzz'],
  ])(
    'A dispatch that GitHub answers with %i is answered 502 at once, and no redirect is followed.',
    async (status, cause) => {
      const body = { message: `no\n::set-output name=x::y ${'z'.repeat(1000)}` }
      github.fault({ path, status, body, headers: { location: `${github.url}/elsewhere` } })
      const answer = await deliver(relay.url)
      expect(answer.status).toBe(502)
      expect(answer.text).not.toContain('set-output')
      expect(relay.lines[0]?.reason).toContain(cause)
      expect(String(relay.lines[0]?.reason).length).toBeLessThan(600)
      expect(github.requests).toHaveLength(1)
    },
  )
})

describe("GitHub's own words are in the log, and only there", () => {
  const permission = 'Contents: read and write'

  test.each([
    [
      'The credentials look right, but organisation acme lets in listed IP addresses only, and yours is not among them.',
      "Add the address of this machine to the organisation's IP allow list",
    ],
    ['This repository is archived and cannot be written to.', 'Unarchive acme/retrain'],
    [
      'Organisation acme asks for SAML: authorise this token for it first.',
      'Authorise the token for single sign-on',
    ],
    [
      'Organisation acme takes fine-grained tokens of at most 366 days, this one lives longer. Change how long it lives, on the page of the token: https://github.com/settings/personal-access-tokens/0000000000/edit?why=lifetime-of-the-token',
      'Give the token an earlier expiry date.',
    ],
    ['Something that nobody knows.', ''],
  ])('With "%s" the log has the advice for these words alone.', async (message, advice) => {
    github.fault({ path, status: 403, body: { message, documentation_url: 'https://docs.github.com/rest' } })
    const answer = await deliver(relay.url)
    expect(answer.status).toBe(502)
    expect(answer.json).toEqual({ error: "GitHub refused the event: the relay's log says why." })
    const { reason } = relay.lines[0] ?? {}
    expect(reason).toContain(`GitHub answered 403: "${message.replace(/\.$/, '')}".${advice && ` ${advice}`}`)
    expect(reason).not.toContain(permission)
  })

  test('The older words for a secondary rate limit are answered 503, not taken for a missing permission.', async () => {
    const message = 'abuse detection mechanism: wait some minutes, then try once more.'
    github.fault({ path, status: 403, body: { message } })
    expect(await deliver(relay.url)).toMatchObject({ status: 503 })
    expect(relay.lines[0]).toMatchObject({
      outcome: 'unavailable',
      reason: expect.stringMatching(/^GitHub answered 403: "abuse detection mechanism.*": nothing to do/),
    })
  })

  test('A page of HTML is called that, with its address.', async () => {
    github.fault({ path, status: 403, body: '<html><title>Sign in to the proxy</title></html>' })
    await deliver(relay.url)
    expect(relay.lines[0]?.reason).toBe(
      `GitHub answered 403: a page of HTML ("Sign in to the proxy") from ${github.url}/repos/${repository}/dispatches.`,
    )
  })

  test('The token in an answer is hidden.', async () => {
    github.fault({ path, status: 422, body: { message: `no ${token}` } })
    await deliver(relay.url)
    expect(relay.lines[0]?.reason).toBe('GitHub answered 422: "no ***".')
  })
})

describe('Retries', () => {
  test.each([502, 503, 504, 429])(
    'The dispatch is retried after %i, and answered 202 once GitHub accepts it.',
    async (status) => {
      github.fault({ path, times: 2, status })
      expect(await deliver(relay.url)).toMatchObject({ status: 202 })
      expect(clock.sleeps).toEqual([375, 750])
      expect(github.dispatches).toHaveLength(1)
    },
  )

  test('The dispatch is retried after a lost connection.', async () => {
    github.fault({ path, times: 2, reset: true })
    expect(await deliver(relay.url)).toMatchObject({ status: 202 })
    expect(github.requests).toHaveLength(3)
  })

  test('The dispatch is retried after a rate limit (403) when Retry-After fits the time limit.', async () => {
    github.fault({ path, times: 1, status: 403, headers: { 'retry-after': '3' } })
    expect(await deliver(relay.url)).toMatchObject({ status: 202 })
    expect(clock.sleeps).toEqual([3000])
  })

  test('The dispatch is tried three times at most, then answered 503 with Retry-After.', async () => {
    github.fault({ path, times: 99, status: 503 })
    const answer = await deliver(relay.url)
    expect(answer.status).toBe(503)
    expect(answer.headers.get('retry-after')).toBe('30')
    expect(answer.json).toEqual({ error: 'GitHub is not available at the moment: try again.' })
    expect(github.requests).toHaveLength(3)
    expect(relay.lines[0]).toMatchObject({ level: 'error', outcome: 'unavailable', status: 503 })
  })
})

describe('No retry', () => {
  test('When Retry-After exceeds the time limit, the dispatch is not retried and 503 passes it on.', async () => {
    github.fault({ path, status: 429, headers: { 'retry-after': '60' } })
    const answer = await deliver(relay.url)
    expect(answer.status).toBe(503)
    expect(answer.headers.get('retry-after')).toBe('60')
    expect(github.requests).toHaveLength(1)
  })

  test('When the hourly limit is used up, the dispatch is not retried and 503 names the time until the reset.', async () => {
    const reset = String(clock.now() / 1000 + 1800)
    const headers = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset }
    github.fault({ path, status: 403, headers })
    const answer = await deliver(relay.url)
    expect(answer.status).toBe(503)
    expect(answer.headers.get('retry-after')).toBe('1800')
  })

  test('A secondary rate limit without headers is answered 503, not taken for a missing permission.', async () => {
    const message =
      'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.'
    github.fault({ path, status: 403, body: { message } })
    expect(await deliver(relay.url)).toMatchObject({ status: 503 })
    expect(relay.lines[0]).toMatchObject({ outcome: 'unavailable' })
  })

  test('After 500, which may have dispatched, the dispatch is not retried and answered 503.', async () => {
    github.fault({ path, times: 1, status: 500 })
    expect(await deliver(relay.url)).toMatchObject({ status: 503 })
    expect(github.requests).toHaveLength(1)
  })
})

test('When GitHub never answers, the dispatch is answered 503 after 8 s.', async () => {
  github.fault({ path, times: 9, hang: true })
  const begin = clock.now()
  const answer = deliver(relay.url)
  await until(() => github.requests.length === 1)
  clock.advance(4000)
  await until(() => github.requests.length === 2)
  clock.advance(3625)
  expect(await answer).toMatchObject({ status: 503 })
  expect(clock.now() - begin).toBe(8000)
})

test('When GitHub is unreachable, the dispatch is answered 503 and the log says why.', async () => {
  await start({ GITHUB_API_URL: 'http://127.0.0.1:1' })
  expect(await deliver(relay.url)).toMatchObject({ status: 503 })
  expect(relay.lines[0]?.reason).toContain('ECONNREFUSED')
})

test('A dispatch whose answer is lost is sent again under the same id before the delivery is acknowledged.', async () => {
  github.fault({ path, times: 1, applied: true, reset: true })
  expect(await deliver(relay.url)).toMatchObject({ status: 202 })
  expect(github.dispatches.map(({ clientPayload }) => clientPayload.id)).toEqual([
    expect.any(String),
    github.dispatches[0]?.clientPayload.id,
  ])
})

test('Deliveries over MAX_IN_FLIGHT are answered 503 with Retry-After, and those in progress continue.', async () => {
  await start({ MAX_IN_FLIGHT: '2' })
  github.fault({ path, times: 2, hang: true })
  const inProgress = [deliver(relay.url), deliver(relay.url)]
  await until(() => github.requests.length === 2)
  const answer = await deliver(relay.url)
  expect(answer.status).toBe(503)
  expect(answer.headers.get('retry-after')).toBe('5')
  expect(await deliver(relay.url, { headers: { 'x-webhook-secret': 'wrong' } })).toMatchObject({
    status: 403,
  })
  clock.advance(4000)
  expect(await Promise.all(inProgress)).toMatchObject([{ status: 202 }, { status: 202 }])
  expect(await deliver(relay.url)).toMatchObject({ status: 202 })
})
