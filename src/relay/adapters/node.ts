import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, Agent as HttpAgent, type Server } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import type { AddressInfo } from 'node:net'
import { Refused } from '../../domain/verdict.ts'
import { type Clock, systemClock } from '../../http/clock.ts'
import type { TextExchange } from '../../http/exchange.ts'
import { createNodeSend } from '../../http/node-fetch.ts'
import { createRelay } from '../relay.ts'
import { type Environment, readListenSettings, readSettings } from '../settings.ts'
import { fromIncomingMessage, writeAnswer } from './node-incoming.ts'

/** A relay that listens. */
export interface NodeRelay {
  /** Without a slash at its end. */
  readonly url: string
  /** Whether it listens on every address of this machine. */
  readonly everywhere: boolean
  /** Asks GitHub about token and repositories now; the log says what is wrong. */
  check(): Promise<void>
  /** Stops accepting and resolves once everything under way has been answered. */
  drain(): Promise<void>
}

/**
 * Time for the headers, and for the whole request, to arrive, how often that is looked at, in milliseconds; and
 * room for the headers in bytes.
 * https://nodejs.org/api/http.html#httpcreateserveroptions-requestlistener
 */
const serverLimits = {
  headersTimeout: 10_000,
  requestTimeout: 20_000,
  connectionsCheckingInterval: 1_000,
  maxHeaderSize: 16 * 1024,
}

/**
 * Longer than any dispatch takes, and less than the 10 s after which Docker kills; what is still open then has a
 * client that does not read or write. https://docs.docker.com/reference/cli/docker/container/stop/
 */
const drainLimitMs = 9_000

/**
 * Starts the relay on Node.
 *
 * @param options.env the environment variables
 * @param options.writeLine takes one line of the log
 * @param options.limits of what a client may take
 * @throws Refused with one sentence when a setting is wrong or the port is taken
 */
export async function startNodeRelay(options: {
  env: Environment
  writeLine: (line: string) => void
  clock?: Clock
  send?: TextExchange
  random?: () => number
  limits?: Partial<typeof serverLimits>
}): Promise<NodeRelay> {
  const { env, writeLine, clock = systemClock, send = createKeepAliveSend(), random = Math.random } = options
  const { port, host } = readListenSettings(env)
  const settings = readSettings(env)
  const relay = createRelay({
    settings,
    send,
    clock,
    random,
    randomBytes,
    writeLine,
  })
  const server = createServer({ ...serverLimits, ...options.limits }, async (message, response) => {
    writeAnswer(message, response, await relay.answer(fromIncomingMessage(message)))
  })
  await listen(server, port, host)
  return {
    url: urlOf(server, host),
    everywhere: unspecified.includes(host),
    check: relay.check,
    drain: () => drain(server),
  }
}

/** Keeps connections to GitHub open between deliveries: a new TLS connection costs more than the dispatch itself. */
function createKeepAliveSend(): TextExchange {
  const http = new HttpAgent({ keepAlive: true })
  const https = new HttpsAgent({ keepAlive: true })
  return createNodeSend({ agent: ({ protocol }) => (protocol === 'https:' ? https : http) })
}

async function listen(server: Server, port: number, host: string): Promise<void> {
  try {
    server.listen(port, host)
    await once(server, 'listening')
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown error'
    throw new Refused(
      `The relay cannot listen on ${host}:${port} (${code}): set PORT and HOST to free ones.`,
      {
        cause,
      },
    )
  }
}

/** They mean every address of the machine, loopback among them. */
const unspecified = ['0.0.0.0', '::']

/** An address that a person can click. */
function urlOf(server: Server, host: string): string {
  const { port } = server.address() as AddressInfo
  const name = unspecified.includes(host) ? '127.0.0.1' : host
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`
}

async function drain(server: Server): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  // A connection kept alive becomes idle only once its last answer is out.
  const sweep = setInterval(() => server.closeIdleConnections(), 20)
  const limit = setTimeout(() => server.closeAllConnections(), drainLimitMs)
  await closed
  clearInterval(sweep)
  clearTimeout(limit)
}
