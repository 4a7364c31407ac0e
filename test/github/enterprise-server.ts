import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { forward } from '../http/proxy/forward.ts'

/** A GitHub whose addresses are those of an Enterprise Server. */
export interface EnterpriseServer {
  /** `GITHUB_API_URL`: it has a path. */
  readonly url: string
  /** Method and path of every request. */
  readonly requests: readonly string[]
  close(): Promise<void>
}

/**
 * Returns the path at api.github.com of a path at an Enterprise Server: null where an Enterprise Server has none.
 * https://docs.github.com/en/enterprise-server@latest/rest/using-the-rest-api/getting-started-with-the-rest-api
 * https://docs.github.com/en/enterprise-server@latest/graphql/guides/forming-calls-with-graphql#the-graphql-endpoint
 */
export function publicPath(path: string): string | null {
  if (path === '/api/graphql') return '/graphql'
  if (path.startsWith('/api/v3/') && path !== '/api/v3/graphql') return path.slice('/api/v3'.length)
  return null
}

/** Starts a server on loopback in front of a sandbox GitHub, with the paths of an Enterprise Server. */
export async function startEnterpriseServer(github: { readonly url: string }): Promise<EnterpriseServer> {
  const requests: string[] = []
  const server = createServer(async (request, response) => {
    const { method, url = '/' } = request
    requests.push(`${method} ${url}`)
    const path = publicPath(url)
    if (path === null) return void response.writeHead(404).end()
    await forward({ request, response, target: github.url + path })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v3`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
