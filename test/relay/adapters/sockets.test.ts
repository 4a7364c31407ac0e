import { connect } from 'node:net'
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import type { SandboxGitHub } from '../../sandbox/github/github.ts'
import { hubEvent, secret } from '../event.ts'
import { deliver, environment, startSandbox } from '../local-relay.ts'
import { type RelayProcess, startRelayProcess } from '../program.ts'

let github: SandboxGitHub
let relay: RelayProcess

beforeAll(async () => {
  github = await startSandbox()
  relay = await startRelayProcess(environment(github))
})

beforeEach(() => {
  github.requests.length = 0
})

afterAll(async () => {
  relay.kill('SIGTERM')
  await relay.ended
  await github.close()
})

const body = JSON.stringify(hubEvent())
const head = (...headers: string[]) =>
  ['POST /webhook HTTP/1.1', 'Host: relay', `X-Webhook-Secret: ${secret}`, ...headers, '', ''].join('\r\n')

/** Sends the text unchanged and returns the status line of the answer; empty when the connection is cut. */
async function exchange(text: string, options: { end?: boolean; more?: () => string | null } = {}) {
  const { hostname, port } = new URL(relay.url)
  const socket = connect(Number(port), hostname)
  let answer = ''
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  const answered = new Promise<void>((resolve) => {
    socket.setEncoding('latin1').on('data', (chunk) => {
      answer += chunk
      if (answer.includes('\r\n\r\n')) resolve()
    })
  })
  socket.on('error', () => {})
  socket.write(text)
  if (options.end) socket.end()
  const pump = () => {
    const next = socket.destroyed || answer !== '' ? null : options.more?.()
    if (next != null) socket.write(next, () => setImmediate(pump))
  }
  pump()
  await Promise.race([answered, closed])
  socket.destroy()
  return answer.split('\r\n', 1)[0]
}

test('A declared length over 1 MiB is answered 413 before any byte of the body is sent.', async () => {
  expect(await exchange(head('Content-Length: 1048577'))).toBe('HTTP/1.1 413 Payload Too Large')
})

test('A body that never ends is answered 413 after 1 MiB, and the rest is not read.', async () => {
  const chunk = `10000\r\n${'x'.repeat(65_536)}\r\n`
  let sent = 0
  const more = () => {
    sent += 1
    return sent < 16_384 ? chunk : null
  }
  expect(await exchange(head('Transfer-Encoding: chunked'), { more })).toBe('HTTP/1.1 413 Payload Too Large')
  expect(sent).toBeLessThan(16_384)
})

test.each([
  ['that is too short', head('Content-Length: 10') + body],
  ['that is not a number', head('Content-Length: ten') + body],
  ['that is negative', head('Content-Length: -1') + body],
  ['given twice', head('Content-Length: 5', 'Content-Length: 6') + body],
  ['with chunked encoding', `${head('Content-Length: 5', 'Transfer-Encoding: chunked')}0\r\n\r\n`],
])('A declared length %s is answered 400, and GitHub is not called.', async (_what, text) => {
  expect(await exchange(text)).toBe('HTTP/1.1 400 Bad Request')
  expect(github.requests).toEqual([])
})

test('A body shorter than its declared length is not dispatched.', async () => {
  expect(await exchange(head(`Content-Length: ${body.length + 1}`) + body, { end: true })).not.toContain(
    ' 202 ',
  )
  expect(await deliver(relay.url)).toMatchObject({ status: 202 })
  expect(github.requests).toHaveLength(1)
})

test('Headers over 16 KiB are answered 431.', async () => {
  const status = await exchange(head(`X-Junk: ${'x'.repeat(20_000)}`))
  expect(status).toBe('HTTP/1.1 431 Request Header Fields Too Large')
})

test.each([
  '\r\n\r\n',
  'GET\r\n\r\n',
  '\x16\x03\x01\x02\x00\x01',
  'POST /webhook HTTP/9.9\r\n\r\n',
  'x'.repeat(20_000),
])('Bytes that are not HTTP (%j) end the connection, and the relay keeps running.', async (text) => {
  expect(await exchange(text, { end: true })).toMatch(/^(HTTP\/1\.1 4\d\d .*)?$/)
  expect(await deliver(relay.url, { path: '/healthz', method: 'GET' })).toMatchObject({ status: 200 })
})

test('A secret that is not ASCII is answered 403.', async () => {
  const text = head('Content-Length: 0').replace(secret, '\u00fc'.repeat(20))
  expect(await exchange(text)).toBe('HTTP/1.1 403 Forbidden')
})

test('A header name is accepted in any case.', async () => {
  const text = head(`content-length: ${body.length}`).replace('X-Webhook-Secret', 'x-WEBHOOK-secret') + body
  expect(await exchange(text)).toBe('HTTP/1.1 202 Accepted')
})

test('A wrong secret before a huge body is answered 403, and the connection is cut before the body ends.', async () => {
  const chunk = 'x'.repeat(65_536)
  let sent = 0
  const more = () => {
    sent += 1
    return sent < 16_384 ? chunk : null
  }
  const text = head('Content-Length: 1073741824').replace(secret, `${secret}x`)
  expect(await exchange(text, { more })).toBe('HTTP/1.1 403 Forbidden')
  expect(sent).toBeLessThan(16_384)
})

test('A request target in absolute form, as a proxy may send it, is accepted.', async () => {
  const line = `POST http://relay/webhook HTTP/1.1`
  const wrong = head().replace('POST /webhook HTTP/1.1', line).replace(secret, 'wrong')
  expect(await exchange(wrong)).toBe('HTTP/1.1 403 Forbidden')
})

test.each(['*', '//webhook', '/webhook/', '/%77ebhook', 'http://', '__proto__'])(
  'The unknown request target %s is answered 404, or 400 when it is invalid.',
  async (target) => {
    expect(await exchange(head().replace('/webhook', target))).toMatch(/^HTTP\/1.1 40[04] /)
  },
)
