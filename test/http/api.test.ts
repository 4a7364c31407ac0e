import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import * as z from 'zod/mini'
import { type ApiCall, createApi } from '../../src/http/api.ts'
import { HttpError } from '../../src/http/errors.ts'
import { createNodeSend } from '../../src/http/node-fetch.ts'
import { createFakeClock } from './fake-clock.ts'
import { type LocalServer, startLocalServer } from './local-server.ts'

const nameSchema = z.object({ name: z.string() })
let server: LocalServer
let status: number
let body: string
let received: string

beforeEach(async () => {
  status = 200
  body = '{"name":"acme"}'
  received = ''
  server = await startLocalServer(async (request, response) => {
    for await (const chunk of request) received += String(chunk)
    response.writeHead(status, { 'x-request-id': 'r1', 'x-error-code': 'RepoNotFound' }).end(body)
  })
})

afterEach(() => server.close())

function call(change: Partial<ApiCall<{ name: string }>> = {}, debug?: (line: string) => void) {
  const api = createApi({
    baseUrl: `${server.url}/hub`,
    token: 'hf_token',
    http: createNodeSend(),
    readWords: () => null,
    clock: createFakeClock(),
    debug,
  })
  return api.call({ method: 'GET', path: '/api/x', answer: nameSchema, ...change })
}

test('A call appends its path to the base URL and sends the token and the User-Agent.', async () => {
  expect(await call()).toEqual({ name: 'acme' })
  expect(server.requests[0]).toMatchObject({
    method: 'GET',
    url: '/hub/api/x',
    headers: { authorization: 'Bearer hf_token', accept: 'application/json', 'user-agent': 'auto-retrain' },
  })
  expect(server.requests[0]?.headers).not.toHaveProperty('content-type')
})

test('A call sends its body as JSON.', async () => {
  await call({ method: 'POST', body: { title: 'ä' } })
  expect(received).toBe('{"title":"ä"}')
  expect(server.requests[0]?.headers['content-type']).toBe('application/json')
})

test('A call without a schema accepts any 2xx, even an empty one.', async () => {
  status = 204
  body = ''
  await expect(call({ answer: null })).resolves.toBeUndefined()
})

describe('A call throws an HttpError with status, request id and code', () => {
  test.each([400, 401, 403, 404, 409, 422, 429, 500, 302, 304])(
    'It throws after status %d.',
    async (wrong) => {
      status = wrong
      const error = await call().catch((thrown: unknown) => thrown)
      expect(error).toBeInstanceOf(HttpError)
      expect(error).toMatchObject({ status: wrong, requestId: 'r1', code: 'RepoNotFound' })
    },
  )

  test.each(['', 'no JSON', '[]', '{"name":5}'])('It throws after 200 with the body %j.', async (wrong) => {
    body = wrong
    await expect(call()).rejects.toMatchObject({
      status: 200,
      message: `GET ${server.url}/hub/api/x answered 200 with an unexpected body (request id r1)`,
    })
  })

  test('The error does not contain the token.', async () => {
    status = 500
    const error = await call().catch((thrown: unknown) => thrown)
    expect(`${error}${JSON.stringify(error)}`).not.toContain('hf_token')
  })
})

test('The debug hook receives the place of an unexpected value in a body, but not the value.', async () => {
  body = '{"name":{"secret":"hf_other"}}'
  const lines: string[] = []
  await expect(call({}, (line) => lines.push(line))).rejects.toBeInstanceOf(HttpError)
  expect(lines).toEqual([`GET ${server.url}/hub/api/x: unexpected body at name`])
})
