import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A server on loopback that writes down what it was asked. */
export interface LocalServer {
  readonly url: string
  readonly requests: readonly Pick<IncomingMessage, 'method' | 'url' | 'headers'>[]
  close(): Promise<void>
}

/** Listens on a free port of 127.0.0.1. */
export async function startLocalServer(answer: RequestListener): Promise<LocalServer> {
  const requests: LocalServer['requests'][number][] = []
  const server = createServer((request, response) => {
    requests.push(request)
    answer(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** A port of 127.0.0.1 on which nothing listens. */
export async function closedPortUrl(): Promise<string> {
  const server = await startLocalServer(() => {})
  await server.close()
  return server.url
}
