import { Hono } from 'hono'
import { createSecretCheck } from '../event/same-secret.ts'
import type { Clock } from '../http/clock.ts'
import type { TextExchange } from '../http/node-fetch.ts'
import { type Answer, errorAnswer, jsonAnswer, toResponse } from './answers.ts'
import { createDispatch } from './dispatch.ts'
import { fromRequest, type Incoming } from './incoming.ts'
import { createLog, type LogLevel } from './log.ts'
import { type RelaySettings, secretsOf } from './settings.ts'
import { fixedToken, type TokenSource } from './tokens.ts'
import { createWebhook, type Delivery, type SecretCheck } from './webhook.ts'

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
  /** @default compares by WebCrypto */
  readonly isOurSecret?: SecretCheck
}

/** The relay: webhook in, `repository_dispatch` out. */
export interface Relay {
  /** Answers any request. */
  fetch(request: Request): Response | Promise<Response>
  /** Answers `POST /webhook`, for a platform that would rather not make a `Request` of it. */
  receive(incoming: Incoming): Promise<Answer>
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
    isOurSecret: options.isOurSecret ?? createSecretCheck(settings.secrets),
    randomBytes,
    now,
  })
  const counts = new Map<string, number>()

  const note = (delivery: Delivery, ms: number): void => {
    const { id, outcome, reason, answer, dataset, repositories } = delivery
    const count = (counts.get(outcome) ?? 0) + 1
    counts.set(outcome, count)
    const fields = { id, outcome, status: answer.status, reason, dataset, repositories, ms, count }
    log(levelOf(answer.status), `Delivery ${outcome}`, fields)
  }

  const receive = async (incoming: Incoming): Promise<Answer> => {
    const start = now()
    try {
      const delivery = await webhook(incoming)
      note(delivery, now() - start)
      return delivery.answer
    } catch (error) {
      return failed(error)
    }
  }

  const failed = (error: unknown): Answer => {
    log('error', 'The relay failed', { reason: error instanceof Error ? error.stack : String(error) })
    return errorAnswer('failed')
  }

  const app = new Hono()
  app.post('/webhook', async (c) => toResponse(await receive(fromRequest(c.req.raw))))
  app.get('/healthz', () => toResponse(jsonAnswer(200, { ok: true })))
  app.all('/webhook', () => toResponse(errorAnswer('methodNotAllowed', undefined, { allow: 'POST' })))
  app.all('/healthz', () => toResponse(errorAnswer('methodNotAllowed', undefined, { allow: 'GET, HEAD' })))
  app.notFound(() => toResponse(errorAnswer('notFound')))
  app.onError((error) => toResponse(failed(error)))
  return { receive, fetch: (request) => app.fetch(request) }
}

function createTokens({ credentials }: RelaySettings): TokenSource {
  if (credentials.kind === 'token') return fixedToken(credentials)
  throw new Error('not yet')
}

function levelOf(status: number): LogLevel {
  if (status >= 500) return 'error'
  return status >= 400 ? 'warn' : 'info'
}
