import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, Agent as HttpAgent, type Server } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import type { AddressInfo } from 'node:net'
import { Refused } from '../../domain/verdict.ts'
import { cutWords } from '../../http/answers/words.ts'
import { type Clock, systemClock } from '../../http/clock.ts'
import type { TextExchange } from '../../http/exchange.ts'
import { createHider } from '../../http/hide-secret.ts'
import { createNodeSend } from '../../http/node-fetch.ts'
import { agentProxyOptions, type ProxySettings, proxyCredentials, readProxy } from '../../http/proxy/proxy.ts'
import { describeLook } from '../reconcile/reconcile-log.ts'
import { createRelay, type Relay } from '../relay.ts'
import { tryCredentials } from '../settings/credentials.ts'
import type { Route } from '../settings/routes.ts'
import {
  checkReconcilable,
  type Environment,
  type RelaySettings,
  readListenSettings,
  readSettings,
  secretsOf,
} from '../settings/settings.ts'
import { startLoop } from './loop.ts'
import { fromIncomingMessage, writeAnswer } from './node-incoming.ts'

/** A running relay. */
export interface NodeRelay {
  /** Its address, without a slash at the end. */
  readonly url: string
  /** Whether it listens on all addresses of this machine. */
  readonly onAllAddresses: boolean
  readonly routes: readonly Route[]
  /**
   * Asks GitHub about the token and the repositories now; problems are logged.
   *
   * @returns whether the relay is ready
   */
  check(): Promise<boolean>
  /** How often it reconciles, in milliseconds; null: never. */
  readonly reconcileEveryMs: number | null
  /**
   * Accepts nothing new, and resolves when every request in progress is answered and a reconcile in progress has ended,
   * after 9 s at the latest.
   */
  drain(): Promise<void>
}

/**
 * Limits of a request, under Node's names for them: times in milliseconds, the size of the headers in bytes.
 * https://nodejs.org/api/http.html#httpcreateserveroptions-requestlistener
 */
const serverLimits = {
  headersTimeout: 10_000,
  requestTimeout: 20_000,
  connectionsCheckingInterval: 1_000,
  maxHeaderSize: 16 * 1024,
}

/**
 * Longer than any dispatch, and shorter than the 10 s after which Docker kills a container.
 * https://docs.docker.com/reference/cli/docker/container/stop/
 */
const drainLimitMs = 9_000

/** Of a line about a route, in characters: room for GitHub's own words and for what to do. */
const maxLineLength = 1000

/** What the relay on Node is started with. */
interface NodeOptions {
  readonly env: Environment
  /** Writes one line of the log. */
  readonly writeLine: (line: string) => void
  readonly clock?: Clock
  readonly send?: TextExchange
  readonly random?: () => number
  /** Whether this process ends after one reconcile. @default false */
  readonly losesMemory?: boolean
  /** Of a request, in place of the defaults. */
  readonly limits?: Partial<typeof serverLimits>
}

/**
 * Starts the relay on Node.
 *
 * @throws Refused with one sentence when a setting is wrong or the port is taken
 */
export async function startNodeRelay(options: NodeOptions): Promise<NodeRelay> {
  const { env, clock = systemClock, random = Math.random } = options
  const { port, host } = readListenSettings(env)
  const settings = readSettings(env)
  const { everyMs } = settings.reconcile
  if (everyMs !== null) checkReconcilable(settings, 'RECONCILE_EVERY')
  const relay = await openRelay(options, settings)
  const server = createServer({ ...serverLimits, ...options.limits }, async (message, response) => {
    writeAnswer(message, response, await relay.answer(fromIncomingMessage(message)))
  })
  await listen(server, port, host)
  const loop = everyMs === null ? null : startLoop({ work: relay.reconcile, everyMs, clock, random })
  return {
    url: urlOf(server, host),
    onAllAddresses: allAddresses.includes(host),
    routes: settings.routes,
    reconcileEveryMs: everyMs,
    check: relay.check,
    async drain() {
      const limit = new Promise<void>((resolve) => setTimeout(resolve, drainLimitMs).unref())
      await Promise.all([drain(server), Promise.race([loop?.stop(), limit])])
    },
  }
}

/**
 * Reconciles once, without a server.
 *
 * @returns one line for each route, and whether all went well
 * @throws Refused with one sentence when a setting is wrong
 */
export async function reconcileOnce(
  options: Omit<NodeOptions, 'writeLine' | 'limits' | 'losesMemory'>,
): Promise<{ lines: string[]; isGood: boolean }> {
  const settings = readSettings(options.env)
  checkReconcilable(settings, 'reconcile')
  const hide = createHider([...secretsOf(settings), ...proxyCredentials(options.env)])
  // The lines of the routes say all that the log would.
  const relay = await openRelay({ ...options, writeLine: () => {}, losesMemory: true }, settings)
  const { routes } = await relay.reconcile()
  return {
    lines: routes.map((report) =>
      cutWords(hide(describeLook(report)).replaceAll(/\s+/g, ' '), maxLineLength),
    ),
    isGood: routes.every(({ outcome }) => outcome !== 'failed'),
  }
}

async function openRelay(options: NodeOptions, settings: RelaySettings): Promise<Relay> {
  const { env, writeLine, clock = systemClock, random = Math.random, losesMemory = false } = options
  await tryCredentials(settings.credentials)
  const send = options.send ?? createKeepAliveSend(readProxy(env))
  const secrets = proxyCredentials(env)
  return createRelay({ settings, send, clock, random, randomBytes, writeLine, secrets, losesMemory })
}

/** Keeps connections to GitHub open between deliveries: a new TLS connection costs more than the dispatch itself. */
function createKeepAliveSend(proxy: ProxySettings | null): TextExchange {
  const supportsProxyEnv = process.allowedNodeEnvironmentFlags.has('--use-env-proxy')
  const platform = { nodeVersion: process.version, supportsProxyEnv }
  const options = { keepAlive: true, ...agentProxyOptions({ proxy, platform }) }
  const http = new HttpAgent(options)
  const https = new HttpsAgent(options)
  return createNodeSend({ agent: ({ protocol }) => (protocol === 'https:' ? https : http), proxy })
}

async function listen(server: Server, port: number, host: string): Promise<void> {
  try {
    server.listen(port, host)
    await once(server, 'listening')
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown error'
    throw new Refused(
      `The relay cannot listen on ${host}:${port} (${code}): set PORT or HOST to a free address.`,
      { cause },
    )
  }
}

/** These mean all addresses of the machine, including loopback. */
const allAddresses = ['0.0.0.0', '::']

/** Returns a URL that works in a browser on this machine. */
function urlOf(server: Server, host: string): string {
  const { port } = server.address() as AddressInfo
  const name = allAddresses.includes(host) ? '127.0.0.1' : host
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`
}

async function drain(server: Server): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  // A kept-alive connection becomes idle only after its last answer.
  const sweep = setInterval(() => server.closeIdleConnections(), 20)
  const limit = setTimeout(() => server.closeAllConnections(), drainLimitMs)
  await closed
  clearInterval(sweep)
  clearTimeout(limit)
}
