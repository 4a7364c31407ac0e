// Sends one request to the URL given as argument with each client of the programs, in a process of its own: Node reads
// NODE_EXTRA_CA_CERTS when it starts. Prints one line of JSON.
import { Agent } from 'node:https'
import { useProxy } from '../../../src/action/runner/proxy.ts'
import { systemClock } from '../../../src/http/clock.ts'
import { defaultPolicy, withPolicy } from '../../../src/http/exchange.ts'
import { createNodeSend } from '../../../src/http/node-fetch.ts'
import { agentProxyOptions, nameProxyInErrors } from '../../../src/http/proxy/proxy.ts'

const url = process.argv[2] ?? ''
const policy = { ...defaultPolicy, retries: 0, perTryMs: 2_000 }
const clock = systemClock

const proxy = useProxy(process.env)
const platform = { nodeVersion: process.version, supportsProxyEnv: true }
const agent = new Agent({ keepAlive: true, ...agentProxyOptions({ proxy, platform }) })

const platformFetch = nameProxyInErrors({ proxy, send: fetch })

const clients = {
  fetch: withPolicy({
    send: (to: string, request: RequestInit) => platformFetch(to, request),
    policy,
    clock,
  }),
  'node-fetch': withPolicy({ send: createNodeSend({ proxy }), policy, clock }),
  'node-fetch with an agent': withPolicy({
    send: createNodeSend({ proxy, agent: () => agent }),
    policy,
    clock,
  }),
}

const results: Record<string, unknown> = {}
for (const [name, send] of Object.entries(clients)) {
  results[name] = await send(url, {}).then(
    ({ status }: { status: number }) => status,
    (error: Error & { neverSent?: boolean }) => ({ message: error.message, neverSent: error.neverSent }),
  )
}
process.stdout.write(JSON.stringify(results), () => process.exit())
