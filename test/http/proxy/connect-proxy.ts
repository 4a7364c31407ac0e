import { createServer } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'

/** A proxy on loopback that opens tunnels for CONNECT. */
export interface ConnectProxy {
  /** Without credentials. */
  readonly url: string
  /** Without scheme and credentials: `127.0.0.1:PORT`. */
  readonly host: string
  /** The `host:port` of every CONNECT so far, in order. */
  readonly connects: readonly string[]
  /** What the next CONNECTs get instead of a tunnel: a status, or `cut` for a closed connection. */
  refuse: number | 'cut' | null
  close(): Promise<void>
}

/**
 * Starts a proxy. It resolves no names: every tunnel ends at the same port of loopback.
 *
 * @param options.targetPort where every tunnel ends
 * @param options.credentials `user:password`; without them CONNECT is answered 407
 */
export async function startConnectProxy(options: {
  targetPort: number
  credentials?: string
}): Promise<ConnectProxy> {
  const { targetPort, credentials } = options
  const expected =
    credentials === undefined ? undefined : `Basic ${Buffer.from(credentials).toString('base64')}`
  const connects: string[] = []
  const sockets = new Set<Socket>()
  const server = createServer((_request, response) => response.writeHead(501).end())
  server.on('connection', (socket: Socket) => {
    sockets.add(socket.on('error', () => {}).on('close', () => sockets.delete(socket)))
  })
  server.on('connect', (request, socket) => {
    connects.push(request.url ?? '')
    const status = request.headers['proxy-authorization'] === expected ? proxy.refuse : 407
    if (status === 'cut') return void socket.destroy()
    if (status !== null) return void socket.end(`HTTP/1.1 ${status} Refused\r\n\r\n`)
    const tunnel = connect(targetPort, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
      tunnel.pipe(socket).pipe(tunnel)
    })
    tunnel.on('error', () => socket.destroy())
    socket.on('close', () => tunnel.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  const proxy: ConnectProxy = {
    url: `http://${host}`,
    host,
    connects,
    refuse: null,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  }
  return proxy
}
