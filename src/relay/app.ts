import { Hono } from 'hono'
import type { Clock } from '../http/clock.ts'
import type { TextExchange } from '../http/node-fetch.ts'
import { errorAnswer, jsonAnswer } from './answers.ts'
import { readBody } from './body.ts'
import { createDispatch } from './dispatch.ts'
import { createLog, type LogLevel } from './log.ts'
import { type RelaySettings, secretsOf } from './settings.ts'
import { fixedToken, type TokenSource } from './tokens.ts'
import { type BodyReader, createWebhook, type Delivery } from './webhook.ts'

/** What a platform gives the relay. */
export interface Platform {
  readonly settings: RelaySettings
  /** Sends one request once, follows no redirect. */
  readonly send: TextExchange
  readonly clock: Clock
  /** A number from 0 to 1. */
  readonly random: () => number
  /** That many random bytes. */
  readonly randomBytes: (count: number) => Uint8Array
  /** Takes one line of the log. */
  readonly writeLine: (line: string) => void
  /** @default counts the bytes of the request's own stream */
  readonly readBody?: BodyReader
}

/** The relay: webhook in, `repository_dispatch` out. */
export interface Relay {
  /** @param platform what the platform hands over beside the request */
  fetch(request: Request, platform?: unknown): Response | Promise<Response>
}

/**
 * Makes the relay. It keeps no state that matters, so that any number of them can run anywhere, and it uses
 * nothing but web standards.
 */
export function createRelay(options: Platform): Relay {
  const { settings, send, clock, random, randomBytes, writeLine } = options
  const now = clock.now
  const log = createLog({ write: writeLine, now, secrets: secretsOf(settings) })
  const tokens = createTokens(settings)
  const webhook = createWebhook({
    settings,
    dispatch: createDispatch({ send, tokens, apiUrl: settings.apiUrl, clock, random }),
    readBody: options.readBody ?? ((request, _platform, limit) => readBody(request, limit)),
    randomBytes,
    now,
  })
  const counts = new Map<string, number>()

  const note = (delivery: Delivery, ms: number): void => {
    const { id, outcome, reason, response, dataset, repositories } = delivery
    const count = (counts.get(outcome) ?? 0) + 1
    counts.set(outcome, count)
    const fields = { id, outcome, status: response.status, reason, dataset, repositories, ms, count }
    log(levelOf(response.status), `Delivery ${outcome}`, fields)
  }

  const app = new Hono()
  app.post('/webhook', async (c) => {
    const start = now()
    const delivery = await webhook(c.req.raw, c.env)
    note(delivery, now() - start)
    return delivery.response
  })
  app.get('/healthz', () => jsonAnswer(200, { ok: true }))
  app.all('/webhook', () => errorAnswer('methodNotAllowed', undefined, { allow: 'POST' }))
  app.all('/healthz', () => errorAnswer('methodNotAllowed', undefined, { allow: 'GET, HEAD' }))
  app.notFound(() => errorAnswer('notFound'))
  app.onError((error) => {
    log('error', 'The relay failed', { reason: `${error.name}: ${error.message}` })
    return errorAnswer('failed')
  })
  return { fetch: (request, platform) => app.fetch(request, platform ?? {}) }
}

function createTokens({ credentials }: RelaySettings): TokenSource {
  if (credentials.kind === 'token') return fixedToken(credentials)
  throw new Error('not yet')
}

function levelOf(status: number): LogLevel {
  if (status >= 500) return 'error'
  return status >= 400 ? 'warn' : 'info'
}
