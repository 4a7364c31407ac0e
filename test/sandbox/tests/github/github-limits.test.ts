import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { type SandboxGitHub, startGitHub } from '../../github/github.ts'
import type { Limits } from '../../github/github-rate-limit.ts'

const headSha = '1'.repeat(40)
const minuteMs = 60_000
const start = Date.UTC(2026, 0, 2, 12)
let github: SandboxGitHub
let now: number
let token: string

async function startWith(limits?: Limits): Promise<void> {
  now = start
  github = await startGitHub({
    repositories: [{ name: 'acme/retrain', headSha, tokens: { writer: { contents: 'write' } } }],
    now: () => now,
    ...(limits && { limits }),
  })
  token = github.issueToken('acme/retrain', { contents: 'write' })
}

beforeEach(() => startWith())
afterEach(() => github.close())

async function call(method: string, path: string, body?: unknown, bearer = token) {
  const response = await fetch(`${github.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${bearer}` },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  return { status: response.status, headers: response.headers, json: text === '' ? null : JSON.parse(text) }
}

const git = (method: string, path: string, body?: unknown) =>
  call(method, `/repos/acme/retrain/git/${path}`, body)
const read = () => git('GET', 'ref/heads/main')
const ask = (query = '{ repository(owner: "acme", name: "retrain") { id } }') =>
  call('POST', '/graphql', { query })
const createTag = (message: string) =>
  git('POST', 'tags', { tag: 'a', message, object: headSha, type: 'commit' })

function budget({ headers }: { headers: Headers }): Record<string, string | null> {
  const names = ['limit', 'remaining', 'used', 'reset', 'resource']
  return Object.fromEntries(names.map((name) => [name, headers.get(`x-ratelimit-${name}`)]))
}

const reset = String((start + 60 * minuteMs) / 1000)

describe('The hourly budget of the tokens that jobs get', () => {
  test('Every answer counts it down, refusals included.', async () => {
    expect(budget(await read())).toEqual({
      limit: '1000',
      remaining: '999',
      used: '1',
      reset,
      resource: 'core',
    })
    expect(budget(await git('GET', 'ref/heads/none'))).toMatchObject({ remaining: '998', used: '2' })
  })

  test('Once it is used up, REST answers 403 in GitHub words until the hour is over.', async () => {
    github.spend({ token, requests: 999 })
    expect(await read()).toMatchObject({ status: 200 })
    const refused = await read()
    expect(refused).toMatchObject({
      status: 403,
      json: { message: `API rate limit exceeded for installation ID ${github.repositories[0]!.id}.` },
    })
    expect(budget(refused)).toMatchObject({ remaining: '0', used: '1000', reset })
    expect(refused.headers.has('retry-after')).toBe(false)
    now += 60 * minuteMs
    expect(await read()).toMatchObject({ status: 200 })
  })

  test('All tokens of a repository share it, and a person has 5,000 of their own.', async () => {
    github.spend({ token, requests: 1000 })
    const other = github.issueToken('acme/retrain', { contents: 'read' })
    expect(await call('GET', '/repos/acme/retrain', undefined, other)).toMatchObject({ status: 403 })
    const own = await call('GET', '/repos/acme/retrain', undefined, 'writer')
    expect(own.status).toBe(200)
    expect(budget(own)).toMatchObject({ limit: '5000', remaining: '4999' })
  })

  test('GraphQL has a budget beside it, and answers 200 with an error once that is used up.', async () => {
    github.spend({ token, requests: 1000, points: 999 })
    expect(budget(await ask())).toMatchObject({ limit: '1000', remaining: '0', resource: 'graphql' })
    const refused = await ask()
    expect(refused).toMatchObject({ status: 200, json: { errors: [{ type: 'RATE_LIMITED' }] } })
    expect(refused.json.data).toBeUndefined()
  })

  test('The limit and the refusal are what a test asks for.', async () => {
    await github.close()
    await startWith({ requestsPerHour: 1, refusalStatus: 429 })
    expect(budget(await read())).toMatchObject({ limit: '1', remaining: '0' })
    expect(await read()).toMatchObject({ status: 429 })
  })
})

describe('The secondary limit on creating content', () => {
  test('The 81st creation of a minute is refused with a time to wait, and reads still pass.', async () => {
    for (let count = 0; count < 79; count += 1) expect((await createTag(`${count}`)).status).toBe(201)
    now += 20_000
    expect((await createTag('the 80th')).status).toBe(201)
    const refused = await createTag('the 81st')
    expect(refused).toMatchObject({
      status: 403,
      json: { message: expect.stringContaining('You have exceeded a secondary rate limit.') },
    })
    expect(refused.headers.get('retry-after')).toBe('40')
    expect(Number(refused.headers.get('x-ratelimit-remaining'))).toBeGreaterThan(0)
    expect((await read()).status).toBe(200)
    now += 40_000
    expect((await createTag('later')).status).toBe(201)
  })

  test('Updates and deletions of refs and dispatches count as creations.', async () => {
    await github.close()
    await startWith({ creationsPerMinute: 4 })
    const ref = 'refs/auto-retrain/k/1'
    expect((await git('POST', 'refs', { ref, sha: headSha })).status).toBe(201)
    expect((await git('PATCH', ref, { sha: headSha, force: true })).status).toBe(200)
    expect((await git('DELETE', ref)).status).toBe(204)
    expect((await call('POST', '/repos/acme/retrain/dispatches', { event_type: 'x' })).status).toBe(204)
    expect((await call('POST', '/repos/acme/retrain/dispatches', { event_type: 'x' })).status).toBe(403)
    expect(github.dispatches).toHaveLength(1)
  })

  test('An hour has a limit of its own.', async () => {
    await github.close()
    await startWith({ creationsPerHour: 3 })
    for (const message of ['1', '2', '3']) {
      expect((await createTag(message)).status).toBe(201)
      now += 10 * minuteMs
    }
    const refused = await createTag('4')
    expect(refused.status).toBe(403)
    expect(refused.headers.get('retry-after')).toBe(String(30 * 60))
    now += 30 * minuteMs
    expect((await createTag('5')).status).toBe(201)
  })
})
