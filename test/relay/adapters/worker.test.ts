import { once } from 'node:events'
import { connect } from 'node:net'
import { afterEach, describe, expect, test } from '@jest/globals'
import type { Environment } from '../../../src/relay/settings/settings.ts'
import { startGitHubWithApp } from '../../github/github-app-server.ts'
import { type RunningRelay, startOnWorkerd } from '../adapters.ts'
import { hubEvent, secret } from '../event.ts'
import { deliver, environment, repository, startSandbox, until } from '../local-relay.ts'
import { bundleWorker } from './worker-bundle.ts'

test('The Worker is smaller than 160 kB before compression and imports nothing from Node.', async () => {
  const code = await bundleWorker()
  expect(code).not.toMatch(/["']node:/)
  expect(new TextEncoder().encode(code).byteLength).toBeLessThan(160_000)
})

const running: { stop(): Promise<void> }[] = []

afterEach(() => Promise.all(running.splice(0).map(({ stop }) => stop())))

async function start(env: Environment): Promise<RunningRelay> {
  const worker = await startOnWorkerd(env)
  running.push(worker)
  return worker
}

/** Closes the server at the end of the test. */
function opened<T extends { close(): Promise<void> }>(server: T): T {
  running.push({ stop: () => server.close() })
  return server
}

test('A Worker with a wrong setting answers 500 with a fixed sentence.', async () => {
  const worker = await start({ WEBHOOK_SECRET: 'short' })
  const answer = await deliver(worker.url)
  expect(answer).toMatchObject({
    status: 500,
    json: { error: "The relay failed: the relay's log says why." },
  })
})

test('The page of a Worker says that its counts can be reset at any time.', async () => {
  const worker = await start(environment({ url: 'http://127.0.0.1:1' }))
  const { text } = await deliver(worker.url, { path: '/', method: 'GET' })
  expect(text).toContain('which resets these numbers and the list')
})

describe('A client that disconnects during the dispatch', () => {
  const body = JSON.stringify(hubEvent())
  const delivery = [
    'POST /webhook HTTP/1.1',
    'Host: relay',
    `X-Webhook-Secret: ${secret}`,
    `Content-Length: ${body.length}`,
  ]

  /** Sends a request and resets the connection once it is in progress. */
  async function sendAndReset(url: string, request: string, isInProgress: () => boolean): Promise<void> {
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    socket.on('error', () => {})
    socket.write(request)
    await until(isInProgress)
    socket.resetAndDestroy()
    await once(socket, 'close')
  }

  function latch() {
    let open = () => {}
    const isOpen = new Promise<void>((resolve) => {
      open = resolve
    })
    return { open: () => open(), isOpen }
  }

  test('A client that disconnects during the dispatch does not use up MAX_IN_FLIGHT for good.', async () => {
    const github = opened(await startSandbox())
    const worker = await start(environment(github, { MAX_IN_FLIGHT: '1' }))
    const { open, isOpen } = latch()
    github.fault({ path: /dispatches$/, until: isOpen })
    await sendAndReset(
      worker.url,
      `${delivery.join('\r\n')}\r\n\r\n${body}`,
      () => github.requests.length === 1,
    )
    open()
    // The first delivery still counts until GitHub's answer is processed.
    const statuses: number[] = []
    while (statuses.length < 100 && !statuses.includes(202)) statuses.push((await deliver(worker.url)).status)
    expect(statuses).toContain(202)
  })

  test('A client that disconnects while an App token is created does not block later deliveries.', async () => {
    const github = opened(await startGitHubWithApp([repository]))
    const { appId: GITHUB_APP_ID, pkcs8: GITHUB_APP_PRIVATE_KEY } = github
    const app = { GITHUB_TOKEN: '', GITHUB_APP_ID, GITHUB_APP_PRIVATE_KEY }
    const worker = await start(environment(github, app))
    const { open, isOpen } = latch()
    github.fault({ path: /access_tokens$/, until: isOpen })
    const stranger = 'GET /readyz HTTP/1.1\r\nHost: relay\r\n\r\n'
    await sendAndReset(worker.url, stranger, () => github.minted.length === 1)
    const next = deliver(worker.url)
    open()
    expect(await next).toMatchObject({ status: 202 })
  })
})
