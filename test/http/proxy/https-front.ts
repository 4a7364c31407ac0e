import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createCertificates } from './certificates.ts'
import { forward } from './forward.ts'

/** Servers with `https://` addresses that exist in no DNS: only a proxy that leads to `port` reaches them. */
export interface HttpsFront {
  readonly port: number
  /** Path of the CA's certificate, for NODE_EXTRA_CA_CERTS. */
  readonly caFile: string
  /** Every request so far: method, host and path. */
  readonly requests: readonly string[]
  close(): Promise<void>
}

/**
 * Starts the servers on one port, each in front of a plain one.
 *
 * @param hosts by name, what a path of that host is at the server behind it: a URL
 */
export async function startHttpsFront(
  hosts: Readonly<Record<string, (path: string) => string>>,
): Promise<HttpsFront> {
  const { ca, cert, key } = createCertificates(Object.keys(hosts))
  const folder = mkdtempSync(join(tmpdir(), 'auto-retrain-ca-'))
  const caFile = join(folder, 'ca.pem')
  writeFileSync(caFile, ca)
  const requests: string[] = []
  const server = createServer({ cert, key }, async (request, response) => {
    const { method, headers, url = '/' } = request
    const host = headers.host ?? ''
    requests.push(`${method} ${host}${url}`)
    const target = hosts[host]?.(url)
    if (target === undefined) return void response.writeHead(421).end()
    await forward({ request, response, target })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    caFile,
    requests,
    close: () =>
      new Promise((resolve) => {
        rmSync(folder, { recursive: true })
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
