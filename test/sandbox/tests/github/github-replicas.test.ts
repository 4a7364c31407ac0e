import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { type SandboxGitHub, startGitHub } from '../../github/github.ts'

const headSha = '1'.repeat(40)
const start = Date.UTC(2026, 0, 2, 12)
const ref = 'refs/auto-retrain/k/1'
let github: SandboxGitHub
let now: number

beforeEach(async () => {
  now = start
  github = await startGitHub({
    repositories: [{ name: 'acme/retrain', headSha, tokens: { writer: { contents: 'write' } } }],
    now: () => now,
  })
})
afterEach(() => github.close())

async function git(method: string, path: string, body?: unknown) {
  const response = await fetch(`${github.url}/repos/acme/retrain/git/${path}`, {
    method,
    headers: { authorization: 'Bearer writer' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  return { status: response.status, headers: response.headers, json: text === '' ? null : JSON.parse(text) }
}

async function createTag(message: string): Promise<string> {
  const body = { tag: 'a', message, object: headSha, type: 'commit' }
  return (await git('POST', 'tags', body)).json.sha
}

const createRef = (sha: string) => git('POST', 'refs', { ref, sha })
const updateRef = (sha: string) => git('PATCH', ref, { sha, force: true })
const get = async () => {
  const { status, json } = await git('GET', 'ref/auto-retrain/k/1')
  return status === 404 ? null : json.object.sha
}
const list = async () =>
  (await git('GET', 'matching-refs/auto-retrain/')).json.map(
    ({ object }: { object: { sha: string } }) => object.sha,
  )

describe('Replicas that lag behind the primary', () => {
  test('A new ref is not found for as long as the lag, yet creating it again fails at once.', async () => {
    github.lag({ get: 3000 })
    expect(await createRef(headSha)).toMatchObject({ status: 201 })
    now += 2999
    expect(await get()).toBeNull()
    expect(await createRef(headSha)).toMatchObject({
      status: 422,
      json: { message: 'Reference already exists' },
    })
    now += 1
    expect(await get()).toBe(headSha)
  })

  test('An update shows the old object, and a deletion the deleted one.', async () => {
    const [first, second] = [await createTag('1'), await createTag('2')]
    await createRef(first)
    now += 10_000
    github.lag({ get: 3000, list: 3000 })
    await updateRef(second)
    expect([await get(), await list()]).toEqual([first, [first]])
    now += 3000
    expect([await get(), await list()]).toEqual([second, [second]])
    await git('DELETE', ref)
    expect([await get(), await list()]).toEqual([second, [second]])
    now += 3000
    expect([await get(), await list()]).toEqual([null, []])
  })

  test('Each kind of read lags by itself.', async () => {
    github.lag({ get: 3000, list: 0 })
    await createRef(headSha)
    expect([await get(), await list()]).toEqual([null, [headSha]])
  })

  test('A tag object can be missing although its ref is there.', async () => {
    github.lag({ tag: 1000 })
    const sha = await createTag('1')
    await createRef(sha)
    expect([await get(), (await git('GET', `tags/${sha}`)).status]).toEqual([sha, 404])
    now += 1000
    expect(await git('GET', `tags/${sha}`)).toMatchObject({ status: 200, json: { message: '1' } })
  })

  test('A lag that is lifted is over at once, and others stay.', async () => {
    const long = github.lag({ get: 60_000 })
    github.lag({ get: 1000 })
    await createRef(headSha)
    now += 1000
    expect(await get()).toBeNull()
    long.lift()
    expect(await get()).toBe(headSha)
  })
})

describe('A clock of GitHub that is wrong', () => {
  const createdAt = async () => {
    const body = { tag: 'a', message: String(now), object: headSha, type: 'commit' }
    return (await git('POST', 'tags', body)).json.tagger.date
  }

  test('The Date header and the times of objects follow the sandbox clock, also in a fault.', async () => {
    github.fault({ path: /heads/, status: 502 })
    const { status, headers } = await git('GET', 'ref/heads/main')
    expect([status, headers.get('date')]).toEqual([502, 'Fri, 02 Jan 2026 12:00:00 GMT'])
    expect(await createdAt()).toBe('2026-01-02T12:00:00Z')
  })

  test('It can be ahead or behind, and the lag of the replicas stays what it was.', async () => {
    github.lag({ get: 3000 })
    github.skew(10 * 60_000)
    await createRef(headSha)
    expect((await git('GET', 'ref/heads/main')).headers.get('date')).toBe('Fri, 02 Jan 2026 12:10:00 GMT')
    expect(await createdAt()).toBe('2026-01-02T12:10:00Z')
    github.skew(-10 * 60_000)
    expect((await git('GET', 'ref/heads/main')).headers.get('date')).toBe('Fri, 02 Jan 2026 11:50:00 GMT')
    expect(await get()).toBeNull()
    now += 3000
    expect(await get()).toBe(headSha)
  })
})
