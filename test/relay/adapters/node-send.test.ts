import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { createKeepAliveSend } from '../../../src/relay/adapters/node-send.ts'
import { until } from '../local-relay.ts'

let server: Server
let url: string
let handle: RequestListener

beforeEach(async () => {
  server = createServer((request, response) => handle(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
})

afterEach(() => {
  server.close()
  server.closeAllConnections()
})

test('An answer has its status, its headers in any case, and its text.', async () => {
  handle = (_request, response) => response.writeHead(403, { 'Retry-After': '3' }).end('é')
  const { status, headers, text } = await createKeepAliveSend()(url, {})
  expect([status, headers.get('RETRY-AFTER'), headers.get('x'), text]).toEqual([403, '3', null, 'é'])
})

test('One connection serves one request after another.', async () => {
  const ports = new Set<number | undefined>()
  handle = (request, response) => {
    ports.add(request.socket.remotePort)
    response.writeHead(204).end()
  }
  const send = createKeepAliveSend()
  for (let n = 0; n < 3; n += 1) await send(url, { method: 'POST', body: 'x' })
  expect(ports.size).toBe(1)
})

test('No redirect is followed.', async () => {
  let requests = 0
  handle = (_request, response) => {
    requests += 1
    response.writeHead(307, { location: url }).end()
  }
  expect(await createKeepAliveSend()(url, { method: 'POST', body: 'x' })).toMatchObject({ status: 307 })
  expect(requests).toBe(1)
})

test.each([
  ['before the answer', () => {}],
  ['in the middle of the answer', (response: { write(text: string): unknown }) => response.write('half')],
])('A time limit that strikes %s ends the request with its reason.', async (_when, begin) => {
  let isHere = false
  handle = (_request, response) => {
    begin(response)
    isHere = true
  }
  const controller = new AbortController()
  const sent = createKeepAliveSend()(url, { signal: controller.signal })
  sent.catch(() => {})
  await until(() => isHere)
  controller.abort(new DOMException('It took too long.', 'TimeoutError'))
  await expect(sent).rejects.toThrow()
})

test('A signal that has struck before sends nothing.', async () => {
  handle = () => {
    throw new Error('Nothing may arrive.')
  }
  await expect(
    createKeepAliveSend()(url, { signal: AbortSignal.abort(new Error('too late')) }),
  ).rejects.toThrow('too late')
})

test('An answer without end is cut off.', async () => {
  handle = (_request, response) => {
    const more = () => {
      while (response.write('x'.repeat(65_536)));
      response.once('drain', more)
    }
    more()
  }
  await expect(createKeepAliveSend()(url, {})).rejects.toThrow('too long')
})

test('A connection that is cut is an error.', async () => {
  handle = (request) => request.socket.destroy()
  await expect(createKeepAliveSend()(url, {})).rejects.toThrow()
})
