import { request as httpRequest } from 'node:http'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { type SandboxGitHub, startGitHub } from '../github/github.ts'

const path = '/repos/acme/retrain/dispatches'
let github: SandboxGitHub

beforeEach(async () => {
  github = await startGitHub({
    repositories: [
      {
        name: 'acme/retrain',
        private: true,
        tokens: {
          writer: { contents: 'write' },
          reader: { contents: 'read' },
          github_pat_reader: { contents: 'read' },
          ghs_reader: { contents: 'read' },
        },
      },
      { name: 'acme/open', tokens: { elsewhere: { contents: 'write' } } },
    ],
  })
})

afterEach(() => github.close())

interface Call {
  path?: string
  method?: string
  headers?: Record<string, string>
  body?: unknown
}

async function dispatch(change: Call = {}) {
  const { body = { event_type: 'hub-webhook', client_payload: { dataset: 'acme/cats' } } } = change
  const response = await fetch(github.url + (change.path ?? path), {
    method: change.method ?? 'POST',
    headers: { 'user-agent': 'relay', authorization: 'Bearer writer', ...change.headers },
    ...(change.method === 'GET' ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const text = await response.text()
  const { message } = text.startsWith('{') ? (JSON.parse(text) as { message: string }) : { message: text }
  return { status: response.status, headers: response.headers, message }
}

test('An accepted dispatch is answered 204 with an empty body, and the workflow reads its event.', async () => {
  const heard: string[] = []
  github.onDispatch((accepted) => heard.push(accepted.eventType))
  expect(await dispatch()).toMatchObject({ status: 204, message: '' })
  expect(heard).toEqual(['hub-webhook'])
  expect(github.dispatches[0]).toMatchObject({
    repository: 'acme/retrain',
    clientPayload: { dataset: 'acme/cats' },
    event: {
      action: 'hub-webhook',
      branch: 'main',
      client_payload: { dataset: 'acme/cats' },
      repository: { full_name: 'acme/retrain', private: true },
    },
  })
})

test('A dispatch without client_payload is accepted with an empty one.', async () => {
  expect(await dispatch({ body: { event_type: 'x' } })).toMatchObject({ status: 204 })
  expect(github.dispatches[0]?.event.client_payload).toEqual({})
})

test('A repository is found whatever the case of its name, and `token` serves as well as `Bearer`.', async () => {
  const call = { path: '/repos/Acme/Retrain/dispatches', headers: { authorization: 'token writer' } }
  expect(await dispatch(call)).toMatchObject({ status: 204 })
  expect(github.dispatches[0]?.repository).toBe('acme/retrain')
})

describe('A refused dispatch', () => {
  const properties = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, n) => [`k${n}`, n]))
  const refused: [string, Call, number, string][] = [
    ['for an unknown token', { headers: { authorization: 'Bearer x' } }, 401, 'Bad credentials'],
    ['for an empty authorization header', { headers: { authorization: '' } }, 401, 'Bad credentials'],
    ['for a repository that does not exist', { path: '/repos/acme/none/dispatches' }, 404, 'Not Found'],
    [
      'for a classic token that may only read',
      { headers: { authorization: 'Bearer reader' } },
      404,
      'Not Found',
    ],
    [
      'for a fine-grained token that may only read',
      { headers: { authorization: 'Bearer github_pat_reader' } },
      403,
      'Resource not accessible by personal access token',
    ],
    [
      'for an Actions token that may only read',
      { headers: { authorization: 'Bearer ghs_reader' } },
      403,
      'Resource not accessible by integration',
    ],
    ["for another repository's token", { headers: { authorization: 'Bearer elsewhere' } }, 404, 'Not Found'],
    [
      'for a public repository that the token has no access to',
      { path: '/repos/acme/open/dispatches' },
      404,
      'Not Found',
    ],
    ['for a body that is not JSON', { body: '{' }, 400, 'Problems parsing JSON'],
    [
      'for an empty body',
      { body: '' },
      422,
      "Invalid request.\n\nFor 'links/0/schema', nil is not an object.",
    ],
    ['without event_type', { body: {} }, 422, 'Invalid request.\n\n"event_type" wasn\'t supplied.'],
    [
      'when event_type is a number',
      { body: { event_type: 1 } },
      422,
      "Invalid request.\n\nFor 'properties/event_type', 1 is not a string.",
    ],
    [
      'when event_type has 101 characters',
      { body: { event_type: 'x'.repeat(101) } },
      422,
      'Invalid request.\n\nOnly 100 characters are allowed; 101 were supplied.',
    ],
    [
      'when client_payload is a list',
      { body: { event_type: 'x', client_payload: [] } },
      422,
      "Invalid request.\n\nFor 'properties/client_payload', [] is not an object.",
    ],
    [
      'when client_payload is null',
      { body: { event_type: 'x', client_payload: null } },
      422,
      "Invalid request.\n\nFor 'properties/client_payload', nil is not an object.",
    ],
    [
      'when client_payload has 11 properties',
      { body: { event_type: 'x', client_payload: properties(11) } },
      422,
      'Invalid request.\n\nNo more than 10 properties are allowed; 11 were supplied.',
    ],
    [
      'when client_payload is over 64 KB',
      { body: { event_type: 'x', client_payload: { text: 'x'.repeat(65_536) } } },
      422,
      'client_payload is too large.',
    ],
    ['when it is a GET', { method: 'GET' }, 404, 'Not Found'],
    ['when it is a PUT', { method: 'PUT' }, 404, 'Not Found'],
  ]
  test.each(refused)('A dispatch is refused %s.', async (_why, call, status, message) => {
    expect(await dispatch(call)).toMatchObject({ status, message })
    expect(github.dispatches).toEqual([])
  })
})

test('Ten properties and just under 64 KB are accepted.', async () => {
  const payload = Object.fromEntries(Array.from({ length: 10 }, (_, n) => [`k${n}`, 'x'.repeat(6500)]))
  expect(await dispatch({ body: { event_type: 'x', client_payload: payload } })).toMatchObject({
    status: 204,
  })
})

test('Without any token a private repository is not found and a public one asks for authentication.', async () => {
  const post = async (name: string) => {
    const response = await fetch(`${github.url}/repos/${name}/dispatches`, { method: 'POST', body: '{}' })
    return [response.status, ((await response.json()) as { message: string }).message]
  }
  expect(await post('acme/retrain')).toEqual([404, 'Not Found'])
  expect(await post('acme/open')).toEqual([401, 'Requires authentication'])
})

test('A request without User-Agent is answered 403 before its token is checked.', async () => {
  const status = await new Promise((resolve, reject) => {
    const request = httpRequest(github.url + path, { method: 'POST' }, (response) => {
      response.resume()
      resolve(response.statusCode)
    })
    request.on('error', reject)
    request.end('{}')
  })
  expect(status).toBe(403)
  expect(github.requests[0]?.headers['user-agent']).toBeUndefined()
})

test('Every response counts down the rate limit and carries a request id.', async () => {
  const first = await dispatch()
  const second = await dispatch({ body: '{' })
  expect(first.headers.get('x-ratelimit-limit')).toBe('5000')
  expect(first.headers.get('x-ratelimit-remaining')).toBe('4999')
  expect(second.headers.get('x-ratelimit-remaining')).toBe('4998')
  expect(second.headers.get('x-github-request-id')).not.toBe(first.headers.get('x-github-request-id'))
})

test('The tokens of all jobs in a repository share 1,000 requests an hour.', async () => {
  const remaining = async () => {
    const token = github.issueToken('acme/retrain', { contents: 'write' })
    const { headers } = await dispatch({ headers: { authorization: `token ${token}` } })
    return [headers.get('x-ratelimit-limit'), headers.get('x-ratelimit-remaining')]
  }
  expect(await remaining()).toEqual(['1000', '999'])
  expect(await remaining()).toEqual(['1000', '998'])
})

test('Beyond the rate limit requests are refused with 403 until the hour is over.', async () => {
  let now = 0
  const small = await startGitHub({
    repositories: [{ name: 'acme/retrain', tokens: { writer: { contents: 'write' } } }],
    limits: { requestsPerHour: 1 },
    now: () => now,
  })
  const headers = { authorization: 'Bearer writer' }
  const post = () => fetch(small.url + path, { method: 'POST', headers, body: '{"event_type":"x"}' })
  expect((await post()).status).toBe(204)
  const over = await post()
  expect(over.status).toBe(403)
  expect(over.headers.get('x-ratelimit-remaining')).toBe('0')
  expect(over.headers.get('x-ratelimit-reset')).toBe('3600')
  now = 3_600_001
  expect((await post()).status).toBe(204)
  await small.close()
})

test('A fault answers instead of GitHub as often as configured.', async () => {
  github.fault({ method: 'POST', path: /dispatches$/, status: 502, body: 'Bad gateway' })
  expect(await dispatch()).toMatchObject({ status: 502, message: 'Bad gateway' })
  expect(await dispatch()).toMatchObject({ status: 204 })
  expect(github.dispatches).toHaveLength(1)
  expect(github.requests).toHaveLength(2)
})

test('A connection reset before the work does nothing, and one after it leaves the dispatch accepted.', async () => {
  github.fault({ path: /dispatches$/, reset: true })
  await expect(dispatch()).rejects.toMatchObject({ cause: { code: 'ECONNRESET' } })
  expect(github.dispatches).toHaveLength(0)
  github.fault({ path: /dispatches$/, applied: true, reset: true })
  await expect(dispatch()).rejects.toThrow()
  expect(github.dispatches).toHaveLength(1)
})

test('A hanging request is ended only by its sender, and does not stop GitHub from closing.', async () => {
  github.fault({ path: /./, hang: true })
  const signal = AbortSignal.timeout(20)
  await expect(fetch(github.url + path, { method: 'POST', signal })).rejects.toThrow()
})

test('A token that GitHub issued for a job works until it is revoked.', async () => {
  const token = github.issueToken('acme/retrain', { contents: 'write' })
  const headers = { authorization: `token ${token}` }
  expect(await dispatch({ headers })).toMatchObject({ status: 204 })
  github.revokeToken(token)
  expect(await dispatch({ headers })).toMatchObject({ status: 401 })
})
