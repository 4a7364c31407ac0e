import { Hono } from 'hono'
import { createSecretCheck } from '../event/same-secret.ts'
import type { Clock } from '../http/clock.ts'
import type { TextExchange } from '../http/node-fetch.ts'
import { type Answer, errorAnswer, jsonAnswer, toResponse } from './answers.ts'
import { createDispatch } from './dispatch.ts'
import { createHistory } from './history.ts'
import { fromRequest, type Incoming } from './incoming.ts'
import { createLog, type LogLevel } from './log.ts'
import { createReadinessCheck } from './readiness.ts'
import { type RelaySettings, secretsOf } from './settings.ts'
import { createSite } from './site.ts'
import { createTokens } from './tokens.ts'
import { createWebhook, type SecretCheck } from './webhook.ts'

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
  /** Whether memory is lost between requests, so that the page says so. @default false */
  readonly shortMemory?: boolean
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
  const { settings, send, clock, random, randomBytes, writeLine, shortMemory = false } = options
  const { apiUrl, routes } = settings
  const now = clock.now
  const log = createLog({ write: writeLine, now, secrets: secretsOf(settings) })
  const tokens = createTokens({ credentials: settings.credentials, send, apiUrl, clock, random })
  const history = createHistory()
  const repositories = [...new Set(routes.map(({ repository }) => repository))]
  const checkReadiness = createReadinessCheck({ repositories, tokens, send, apiUrl, clock, random })
  const site = createSite({ settings, history, log, checkReadiness, shortMemory, now })
  const webhook = createWebhook({
    settings,
    dispatch: createDispatch({ send, tokens, apiUrl, clock, random }),
    isOurSecret: options.isOurSecret ?? createSecretCheck(settings.secrets),
    randomBytes,
    now,
  })

  const receive = async (incoming: Incoming): Promise<Answer> => {
    const start = now()
    try {
      const delivery = await webhook(incoming)
      const { id, outcome, reason, answer, dataset, repositories } = delivery
      const count = history.add(delivery, start)
      const fields = {
        id,
        outcome,
        status: answer.status,
        reason,
        dataset,
        repositories,
        ms: now() - start,
        count,
      }
      log(levelOf(answer.status), `Delivery ${outcome}`, fields)
      return answer
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
  app.get('/readyz', async () => toResponse(await site.ready()))
  for (const path of ['/', '/deliveries']) {
    app.get(path, async (c) => {
      const authorization = c.req.header('authorization') ?? null
      return toResponse(await site.page({ authorization, needsAdmin: path === '/deliveries' }))
    })
  }
  app.all('/webhook', () => wrongMethod('POST'))
  for (const path of ['/', '/deliveries', '/healthz', '/readyz'])
    app.all(path, () => wrongMethod('GET, HEAD'))
  app.notFound(() => toResponse(errorAnswer('notFound')))
  app.onError((error) => toResponse(failed(error)))
  return { receive, fetch: (request) => app.fetch(request) }
}

function wrongMethod(allow: string): Response {
  return toResponse(errorAnswer('methodNotAllowed', undefined, { allow }))
}

function levelOf(status: number): LogLevel {
  if (status >= 500) return 'error'
  return status >= 400 ? 'warn' : 'info'
}
