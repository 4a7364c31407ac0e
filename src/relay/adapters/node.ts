import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import type { IncomingMessage, Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer, type HttpBindings } from '@hono/node-server'
import { type Clock, systemClock } from '../../http/clock.ts'
import type { TextExchange } from '../../http/node-fetch.ts'
import { Refused } from '../../verdict.ts'
import { createRelay } from '../app.ts'
import { declaresMore } from '../body.ts'
import { type Environment, readListenSettings, readSettings } from '../settings.ts'
import { createKeepAliveSend } from './node-send.ts'

/** A relay that listens. */
export interface NodeRelay {
  /** Without a slash at its end. */
  readonly url: string
  /** Stops accepting and resolves once everything under way has been answered. */
  drain(): Promise<void>
}

/** Time for a whole request to arrive, headers and body. https://nodejs.org/api/http.html#serverrequesttimeout */
const requestTimeoutMs = 20_000
const headersTimeoutMs = 10_000
const maxHeaderBytes = 16 * 1024

/** Longer than any dispatch takes; what is still open then has a client that does not read or write. */
const drainLimitMs = 12_000

/**
 * Starts the relay on Node.
 *
 * @param options.env the environment variables
 * @param options.writeLine takes one line of the log
 * @throws Refused with one sentence when a setting is wrong or the port is taken
 */
export async function startNodeRelay(options: {
  env: Environment
  writeLine: (line: string) => void
  clock?: Clock
  send?: TextExchange
  random?: () => number
}): Promise<NodeRelay> {
  const { env, writeLine, clock = systemClock, send = createKeepAliveSend(), random = Math.random } = options
  const { port, host } = readListenSettings(env)
  const relay = createRelay({
    settings: readSettings(env),
    send,
    clock,
    random,
    randomBytes,
    writeLine,
    readBody: (_request, platform, limit) => readIncoming((platform as HttpBindings).incoming, limit),
  })
  const server = createAdaptorServer({
    fetch: relay.fetch,
    serverOptions: {
      requestTimeout: requestTimeoutMs,
      headersTimeout: headersTimeoutMs,
      maxHeaderSize: maxHeaderBytes,
    },
  }) as Server
  await listen(server, port, host)
  return { url: urlOf(server, host), drain: () => drain(server) }
}

/** As `readBody`, for Node's own stream: reading it through a web stream takes three times as long. */
function readIncoming(incoming: IncomingMessage, limit: number): Promise<Uint8Array | null> {
  if (declaresMore(incoming.headers['content-length'], limit)) return Promise.resolve(null)
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    const take = (chunk: Buffer) => {
      size += chunk.byteLength
      if (size <= limit) {
        chunks.push(chunk)
        return
      }
      // The server lets a moment of the rest pass by, so that the answer can be read, and then hangs up.
      incoming.off('data', take).pause()
      resolve(null)
    }
    incoming.on('data', take)
    incoming.once('end', () => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)))
    incoming.once('error', reject)
    incoming.once('close', () => reject(new Error('The sender went away.')))
  })
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

/** An address that a person can click: the unspecified one means every interface, loopback among them. */
function urlOf(server: Server, host: string): string {
  const { port } = server.address() as AddressInfo
  const name = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host
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
