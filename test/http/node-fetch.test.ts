import { Agent } from 'node:http'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { NoAnswerError } from '../../src/http/errors.ts'
import { defaultPolicy, withPolicy } from '../../src/http/exchange.ts'
import { createNodeSend } from '../../src/http/node-fetch.ts'
import { createFakeClock } from './fake-clock.ts'
import { closedPortUrl, type LocalServer, startLocalServer } from './local-server.ts'

const limit = 10 * 1024 * 1024
const send = createNodeSend()
let server: LocalServer
let elsewhere: LocalServer
let arrived = () => {}

beforeEach(async () => {
  elsewhere = await startLocalServer((_, response) => response.end('stolen'))
  server = await startLocalServer((request, response) => {
    arrived()
    const path = new URL(request.url ?? '/', 'http://x').pathname
    if (path === '/redirect')
      return response.writeHead(302, { location: `${elsewhere.url}/take` }).end('moved')
    if (path === '/temporary') return response.writeHead(307, { location: '/echo' }).end()
    if (path === '/limit') return response.end(Buffer.alloc(limit, 'x'))
    if (path === '/over') return response.end(Buffer.alloc(limit + 1, 'x'))
    if (path === '/chunked') {
      for (let sent = 0; sent <= limit; sent += 1024 * 1024) response.write(Buffer.alloc(1024 * 1024, 'x'))
      return response.end()
    }
    if (path === '/bomb') {
      return response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(limit + 1)))
    }
    if (path === '/hang') return
    if (path === '/half') {
      response.writeHead(200, { 'content-length': '100' }).write('half')
      return setImmediate(() => response.destroy())
    }
    if (path === '/cut') return request.socket.destroy()
    request.pipe(response.writeHead(201, { 'x-request-id': 'r1' }))
    return undefined
  })
})

afterEach(() => Promise.all([server.close(), elsewhere.close()]))

test('It sends method, headers and body, and returns status, headers and text.', async () => {
  const answer = await send(`${server.url}/echo?q=1`, {
    method: 'POST',
    headers: { authorization: 'Bearer hf_x', 'content-type': 'application/json' },
    body: '{"a":"ä"}',
  })
  expect(answer).toMatchObject({ status: 201, text: '{"a":"ä"}' })
  expect(answer.headers.get('x-request-id')).toBe('r1')
  expect(server.requests[0]).toMatchObject({
    method: 'POST',
    url: '/echo?q=1',
    headers: { authorization: 'Bearer hf_x', 'content-type': 'application/json' },
  })
})

describe('Redirects', () => {
  test('A redirect to another origin is returned, and nothing is sent there.', async () => {
    const answer = await send(`${server.url}/redirect`, { headers: { authorization: 'Bearer hf_x' } })
    expect(answer).toMatchObject({ status: 302, text: 'moved' })
    expect(elsewhere.requests).toEqual([])
  })

  test('A redirect within the same origin is not followed either.', async () => {
    expect(await send(`${server.url}/temporary`, {})).toMatchObject({ status: 307 })
    expect(server.requests).toHaveLength(1)
  })
})

describe('The size of an answer', () => {
  test('An answer of 10 MiB is read.', async () => {
    expect((await send(`${server.url}/limit`, {})).text).toHaveLength(limit)
  })

  test.each(['over', 'chunked', 'bomb'])(
    'Reading stops at an answer of more than 10 MiB (%s).',
    async (path) => {
      await expect(send(`${server.url}/${path}`, {})).rejects.toMatchObject({ type: 'max-size' })
    },
  )
})

describe('With the HTTP policy', () => {
  const clock = createFakeClock()
  const call = withPolicy({ send, policy: { ...defaultPolicy, retries: 0 }, clock })

  test('A request to a closed port counts as never sent.', async () => {
    const url = await closedPortUrl()
    await expect(call(url, { method: 'POST' })).rejects.toMatchObject({
      neverSent: true,
      message: `POST ${url} got no answer: ECONNREFUSED`,
    })
  })

  test.each(['cut', 'half'])(
    'A request whose connection ends early (%s) may have been carried out.',
    async (path) => {
      const error = await call(`${server.url}/${path}`, { method: 'POST' }).catch((thrown: unknown) => thrown)
      expect(error).toBeInstanceOf(NoAnswerError)
      expect(error).toMatchObject({ neverSent: false })
    },
  )

  test('A request to a server that hangs times out, and the error says so.', async () => {
    const hangs = new Promise<void>((resolve) => {
      arrived = resolve
    })
    const answer = call(`${server.url}/hang`, {})
    await hangs
    clock.advance(defaultPolicy.perTryMs)
    await expect(answer).rejects.toMatchObject({
      message: `GET ${server.url}/hang got no answer: timed out`,
    })
  })

  test("The caller's signal aborts the request, and its reason is thrown.", async () => {
    const controller = new AbortController()
    const reason = new Error('The workflow was cancelled.')
    const hangs = new Promise<void>((resolve) => {
      arrived = resolve
    })
    const answer = call(`${server.url}/hang`, { signal: controller.signal })
    await hangs
    controller.abort(reason)
    await expect(answer).rejects.toBe(reason)
  })

  test('A redirect is not retried.', async () => {
    const again = withPolicy({ send, policy: defaultPolicy, clock })
    expect((await again(`${server.url}/redirect`, {})).status).toBe(302)
    expect(server.requests).toHaveLength(1)
  })
})

test('With an agent that keeps connections open, two requests share one.', async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const keeping = createNodeSend({ agent: () => agent })
  const ports = new Set<number | undefined>()
  for (let count = 0; count < 2; count++) {
    await keeping(`${server.url}/echo`, {})
    ports.add(Object.values(agent.freeSockets).flat()[0]?.localPort)
  }
  agent.destroy()
  expect(ports.size).toBe(1)
})

test('A request with a body that is aborted before it is sent rejects without an uncaught error.', async () => {
  const uncaught: unknown[] = []
  const note = (error: unknown) => uncaught.push(error)
  process.on('uncaughtException', note)
  const reason = new Error('The workflow was cancelled.')
  const signal = AbortSignal.abort(reason)
  await expect(send(`${server.url}/echo`, { method: 'POST', body: '{}', signal })).rejects.toBe(reason)
  await new Promise((resolve) => setImmediate(resolve))
  process.off('uncaughtException', note)
  expect(uncaught).toEqual([])
})
