import { connect } from 'node:net'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { startNodeRelay } from '../../../src/relay/adapters/node.ts'
import type { SandboxGitHub } from '../../sandbox/github/github.ts'
import { secret } from '../event.ts'
import { environment, startSandbox, until } from '../local-relay.ts'

const lines: Record<string, unknown>[] = []
let github: SandboxGitHub
let relay: Awaited<ReturnType<typeof startNodeRelay>>

beforeAll(async () => {
  github = await startSandbox()
  relay = await startNodeRelay({
    env: environment(github),
    writeLine: (line) => lines.push(JSON.parse(line)),
    limits: { headersTimeout: 50, requestTimeout: 100, connectionsCheckingInterval: 10 },
  })
})

afterAll(() => Promise.all([relay.drain(), github.close()]))

/** Sends the start of a request and returns everything until the other side closes. */
function begin(text: string): Promise<string> {
  const socket = connect(Number(new URL(relay.url).port), '127.0.0.1')
  let answer = ''
  socket.setEncoding('latin1').on('data', (chunk) => {
    answer += chunk
  })
  socket.write(text)
  return new Promise((resolve) => socket.once('close', () => resolve(answer)))
}

test('Headers that arrive too slowly are answered 408.', async () => {
  expect(await begin('POST /webhook HTTP/1.1\r\nHost: relay\r\n')).toMatch(/^HTTP\/1\.1 408 /)
})

test('A body that arrives too slowly is answered 408, and the log says that it was incomplete.', async () => {
  const head = `POST /webhook HTTP/1.1\r\nHost: relay\r\nX-Webhook-Secret: ${secret}\r\nContent-Length: 9\r\n\r\n{`
  expect(await begin(head)).toMatch(/^HTTP\/1\.1 408 /)
  await until(() => lines.length > 0)
  expect(lines[0]).toMatchObject({ outcome: 'incomplete', reason: 'the request body was incomplete' })
  expect(github.requests).toEqual([])
})
