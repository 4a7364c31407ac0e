import { expect, test } from '@jest/globals'
import { startLocalServer } from '../../http/local-server.ts'
import { deliver, environment, startLocalRelay } from '../local-relay.ts'

test('On Node the dispatches of several deliveries reuse one connection to GitHub.', async () => {
  const ports = new Set<number | undefined>()
  const github = await startLocalServer((request, response) => {
    ports.add(request.socket.remotePort)
    request.resume().on('end', () => response.writeHead(204).end())
  })
  const relay = await startLocalRelay(environment(github))
  try {
    for (let n = 0; n < 3; n += 1) expect(await deliver(relay.url)).toMatchObject({ status: 202 })
    expect(ports.size).toBe(1)
  } finally {
    await relay.drain()
    await github.close()
  }
})
