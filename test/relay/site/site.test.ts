import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Environment } from '../../../src/relay/settings/settings.ts'
import { version } from '../../../src/relay/version.ts'
import { createFakeClock, type FakeClock } from '../../http/fake-clock.ts'
import type { SandboxServer } from '../../sandbox/server.ts'
import { dataset, hubEvent, secret } from '../event.ts'
import {
  deliver,
  environment,
  type LocalRelay,
  repository,
  startLocalRelay,
  startSandbox,
  token,
  until,
} from '../local-relay.ts'

const adminToken = 'open-sesame-open-sesame'
let github: SandboxServer
let clock: FakeClock
let relay: LocalRelay

async function start(change: Environment = {}): Promise<void> {
  await relay?.drain()
  relay = await startLocalRelay(environment(github, { RELAY_ADMIN_TOKEN: adminToken, ...change }), clock)
}

const get = (path: string, headers: Record<string, string> = {}) =>
  deliver(relay.url, { path, method: 'GET', headers: { 'x-webhook-secret': undefined, ...headers } })
const basic = (user: string, password: string) => ({ authorization: `Basic ${btoa(`${user}:${password}`)}` })

beforeEach(async () => {
  github = await startSandbox()
  clock = createFakeClock(Date.UTC(2026, 10, 24))
  await start()
})

afterEach(async () => {
  await relay.drain()
  await github.close()
})

test('The version of the relay is the one in package.json.', () => {
  expect(JSON.parse(readFileSync('package.json', 'utf8')).version).toBe(version)
})

describe('The page', () => {
  test('The page says what the relay is and whether it is ready, and names no dataset or repository.', async () => {
    await deliver(relay.url)
    await deliver(relay.url, { headers: { 'x-webhook-secret': 'wrong' } })
    clock.advance(90_000)
    const { status, text } = await get('/')
    expect(status).toBe(200)
    expect(text).toContain('auto-retrain relay')
    expect(text).toContain('starts the GitHub workflows that retrain models on them.')
    expect(text).toContain('Ready: GitHub accepts the token, and every repository can be reached.')
    expect(text).toContain(`Version ${version}, up for 1 minute.`)
    expect(text).toContain('GitHub accepts the token.')
    expect(text).toContain('1 of 1 repositories can be reached (0 seconds ago).')
    expect(text).toContain('<dt>Dispatched</dt><dd>1</dd>')
    expect(text).toContain('<dt>Wrong secret</dt><dd>1</dd>')
    for (const hidden of [repository, dataset, secret, token, adminToken]) expect(text).not.toContain(hidden)
  })

  test('The page says which check fails, and the log says why.', async () => {
    await start({ GITHUB_TOKEN: 'github_pat_revoked' })
    expect((await get('/')).text).toContain('GitHub refuses the token: the log says why.')
    expect(relay.lines[0]).toMatchObject({
      level: 'error',
      reason: expect.stringContaining('set a new GITHUB_TOKEN'),
    })
  })

  test('The policy of the page allows its own style sheet and nothing else.', async () => {
    const { headers, text } = await get('/')
    const style = /<style>([\s\S]*)<\/style>/.exec(text)?.[1] ?? ''
    const hash = createHash('sha256').update(style).digest('base64')
    expect(headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(headers.get('content-security-policy')).toBe(
      `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'; ` +
        "frame-ancestors 'self' https://huggingface.co",
    )
    expect(text).not.toMatch(/<script|style=|onload|src=/)
  })

  test('The page has no list of deliveries without RELAY_ADMIN_TOKEN.', async () => {
    await start({ RELAY_ADMIN_TOKEN: '' })
    expect(await get('/deliveries', { authorization: 'Bearer x' })).toMatchObject({ status: 404 })
    const { status, text } = await get('/', { authorization: 'Bearer x' })
    expect(status).toBe(200)
    expect(text).not.toContain('/deliveries')
  })
})

describe('The list of deliveries', () => {
  test('The list of deliveries makes a browser ask for the password.', async () => {
    const { status, headers, json } = await get('/deliveries')
    expect(status).toBe(401)
    expect(headers.get('www-authenticate')).toMatch(/^Basic realm=".*", charset="UTF-8"$/)
    expect(json).toEqual({ error: 'The list of deliveries requires RELAY_ADMIN_TOKEN.' })
  })

  test.each([
    ['Bearer', '/', () => ({ authorization: `Bearer ${adminToken}` })],
    ['bearer', '/deliveries', () => ({ authorization: `bearer ${adminToken}` })],
    ['Basic', '/deliveries', () => basic('any-name', adminToken)],
    ['Basic without a name', '/', () => basic('', adminToken)],
  ])('The list of deliveries opens with %s authentication at %s.', async (_scheme, path, headers) => {
    await deliver(relay.url, { headers: { 'webhook-id': 'msg_1' } })
    const { status, text } = await get(path, headers())
    expect(status).toBe(200)
    expect(text).toContain('Last deliveries')
    expect(text).toContain(`href="https://github.com/${repository}/actions?query=msg_1"`)
    expect(text).toContain(dataset)
    expect(text).not.toContain(adminToken)
  })

  test.each([
    ['a wrong token', { authorization: 'Bearer wrong' }],
    ['the webhook secret', { authorization: `Bearer ${secret}` }],
    ['an empty password', basic('admin', '')],
    ['the token as user name', basic(adminToken, 'x')],
    ['invalid base64', { authorization: 'Basic %%%' }],
    ['another scheme', { authorization: `Digest ${adminToken}` }],
  ])('The list of deliveries stays closed for %s.', async (_what, headers) => {
    await deliver(relay.url)
    for (const path of ['/', '/deliveries']) {
      const { status, text } = await get(path, headers)
      expect(status).toBe(401)
      expect(text).not.toContain(dataset)
      expect(relay.lines.at(-1)).toMatchObject({
        level: 'warn',
        message: 'Wrong RELAY_ADMIN_TOKEN',
      })
    }
  })

  test('The list shows the newest hundred deliveries, and calls with a wrong secret do not push them off.', async () => {
    for (let n = 0; n < 105; n += 1) await deliver(relay.url, { headers: { 'webhook-id': `msg_${n}_` } })
    for (let n = 0; n < 50; n += 1) await deliver(relay.url, { headers: { 'x-webhook-secret': 'wrong' } })
    const { text } = await get('/', { authorization: `Bearer ${adminToken}` })
    const ids = [...text.matchAll(/<code>(msg_\d+_)<\/code>/g)].map(([, id]) => id)
    expect(ids).toHaveLength(100)
    expect(ids[0]).toBe('msg_104_')
    expect(text).toContain('<dt>Wrong secret</dt><dd>50</dd>')
  })

  test('The list of deliveries escapes text from outside.', async () => {
    const event = { action: '<img src=x onerror=alert(1)>', scope: 'repo.content' }
    await deliver(relay.url, { body: JSON.stringify(hubEvent({ event })) })
    await deliver(relay.url, { body: JSON.stringify({ '<script>': 1 }) })
    const { text } = await get('/', { authorization: `Bearer ${adminToken}` })
    expect(text).not.toMatch(/<(img|script)/)
    expect(text).toContain('Not a webhook payload')
  })
})

describe('/readyz', () => {
  test('/readyz answers 200 when GitHub accepts the token and shows the repository.', async () => {
    expect(await get('/readyz')).toMatchObject({
      status: 200,
      json: { ready: true, secret: 'set', token: 'accepted', repositories: 1, reachable: 1 },
    })
  })

  test('/readyz and the page ask GitHub once for all requests at the same time.', async () => {
    let answer = () => {}
    const held = new Promise<void>((resolve) => {
      answer = resolve
    })
    github.fault({ path: /^\/repos/, until: held })
    const first = get('/readyz')
    await until(() => github.requests.length === 1)
    const others = Array.from({ length: 50 }, (_, n) => get(n % 2 === 0 ? '/readyz' : '/'))
    answer()
    for (const { status } of await Promise.all([first, ...others])) expect(status).toBe(200)
    expect(github.requests).toHaveLength(1)
  })

  test('/readyz reports a rate limit as an unknown token, not a refused one.', async () => {
    github.fault({ path: /^\/repos/, status: 403, headers: { 'retry-after': '60' } })
    expect(await get('/readyz')).toMatchObject({ status: 503, json: { token: 'unknown' } })
    expect(relay.lines[0]?.reason).toContain('rate limit of the token is used up')
  })

  test('/readyz warns once about a classic token that can write to every repository.', async () => {
    const headers = { 'x-oauth-scopes': 'gist, repo' }
    github.fault({ path: /^\/repos/, status: 200, body: {}, headers, times: 2 })
    await get('/readyz')
    clock.advance(60_000)
    expect(await get('/readyz')).toMatchObject({ status: 200 })
    expect(relay.lines).toHaveLength(1)
    expect(relay.lines[0]).toMatchObject({
      level: 'warn',
      reason: expect.stringContaining('fine-grained token'),
    })
  })

  test('/readyz and the page ask GitHub at most once a minute.', async () => {
    for (let n = 0; n < 5; n += 1) await get('/readyz')
    await get('/')
    expect(github.requests).toHaveLength(1)
    clock.advance(60_000)
    await get('/readyz')
    expect(github.requests).toHaveLength(2)
  })

  test.each([
    ['a refused token', { GITHUB_TOKEN: 'github_pat_revoked' }, { token: 'refused', reachable: 0 }],
    ['a missing repository', { GITHUB_REPOSITORY: 'acme/none' }, { token: 'accepted', reachable: 0 }],
    ['an unreachable GitHub', { GITHUB_API_URL: 'http://127.0.0.1:1' }, { token: 'unknown', reachable: 0 }],
  ])('/readyz answers 503 with %s, and names no repository.', async (_what, env, facts) => {
    await start(env)
    const { status, json, text } = await get('/readyz')
    expect(status).toBe(503)
    expect(json).toMatchObject({ ready: false, ...facts })
    expect(text).not.toContain('acme')
  })

  test('/readyz is ready again at most ten seconds after GitHub is.', async () => {
    const fault = github.fault({ path: /^\/repos/, times: 9, status: 503 })
    expect(await get('/readyz')).toMatchObject({ status: 503 })
    fault.lift()
    expect(await get('/readyz')).toMatchObject({ status: 503 })
    clock.advance(10_000)
    expect(await get('/readyz')).toMatchObject({ status: 200 })
  })
})

test('Creating the relay, /healthz and the webhook send no request to GitHub but the dispatch.', async () => {
  await get('/healthz')
  await deliver(relay.url)
  expect(github.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
    `POST /repos/${repository}/dispatches`,
  ])
})

test('A POST to a wrong path is logged.', async () => {
  await deliver(relay.url, { path: '/webhooks' })
  await deliver(relay.url, { path: '/' })
  expect(relay.lines).toMatchObject([
    { level: 'warn', path: '/webhooks', status: 404 },
    { level: 'warn', path: '/', status: 405 },
  ])
  await get('/favicon.ico')
  expect(relay.lines).toHaveLength(2)
})

test('A secret in the query is accepted only with ALLOW_QUERY_SECRET, and never logged.', async () => {
  const inQuery = { path: `/webhook?secret=${secret}`, headers: { 'x-webhook-secret': undefined } }
  expect(await deliver(relay.url, inQuery)).toMatchObject({ status: 401 })
  await start({ ALLOW_QUERY_SECRET: 'true' })
  expect(await deliver(relay.url, inQuery)).toMatchObject({ status: 202 })
  expect(await deliver(relay.url, { ...inQuery, path: '/webhook?secret=wrong' })).toMatchObject({
    status: 403,
  })
  expect(JSON.stringify(relay.lines)).not.toMatch(/secret=|correct-horse/)
})
