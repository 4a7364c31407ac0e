import { createSecretCheck } from '../event/same-secret.ts'
import { createSign } from '../event/signature.ts'
import { createDispatch } from '../github/dispatch.ts'
import type { Clock } from '../http/clock.ts'
import type { TextExchange } from '../http/exchange.ts'
import { type Answer, errorAnswer, jsonAnswer, toResponse } from './answers.ts'
import { fromRequest, type IncomingRequest } from './incoming.ts'
import { createLog, type LogLevel } from './relay-log.ts'
import { type RelaySettings, secretsOf } from './settings.ts'
import { createReadinessCheck } from './site/readiness.ts'
import { createRecentDeliveries } from './site/recent-deliveries.ts'
import { createSite } from './site/site.ts'
import { createTokens } from './token-source.ts'
import { createWebhook } from './webhook.ts'

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
  /** Whether memory is lost between requests, so that the page says so. @default false */
  readonly shortMemory?: boolean
}

/** The relay: webhook in, `repository_dispatch` out. */
export interface Relay {
  /** Answers any request, however the platform holds it. It never throws. */
  answer(incoming: IncomingRequest): Promise<Answer>
  /** Asks GitHub about token and repositories now, so that a wrong one is in the log before the first event. */
  check(): Promise<void>
  /** The same for a platform that speaks in the web's classes. */
  fetch(request: Request): Promise<Response>
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
  const history = createRecentDeliveries()
  const repositories = [...new Set(routes.map(({ repository }) => repository))]
  const checkReadiness = createReadinessCheck({ repositories, tokens, send, apiUrl, clock, random })
  const site = createSite({ settings, history, log, checkReadiness, shortMemory, now })
  const webhook = createWebhook({
    settings,
    dispatch: createDispatch({ send, tokens, apiUrl, clock, random }),
    isKnownSecret: createSecretCheck(settings.secrets),
    sign: createSign(settings.secrets[0]),
    randomBytes,
    now,
  })

  const receive = async (incoming: IncomingRequest): Promise<Answer> => {
    const start = now()
    const delivery = await webhook(incoming)
    const { id, outcome, reason, answer, dataset, repositories, accepted } = delivery
    const { status } = answer
    const count = history.add(delivery, start)
    const ms = now() - start
    log(levelOf(status), `Delivery ${outcome}`, {
      id,
      outcome,
      status,
      reason,
      dataset,
      repositories,
      accepted,
      ms,
      count,
    })
    return answer
  }

  const table: readonly Row[] = [
    { path: '/webhook', method: 'POST', respond: receive },
    { path: '/', method: 'GET', respond: (incoming) => site.page({ incoming, needsAdmin: false }) },
    { path: '/deliveries', method: 'GET', respond: (incoming) => site.page({ incoming, needsAdmin: true }) },
    { path: '/healthz', method: 'GET', respond: () => jsonAnswer(200, { ok: true }) },
    { path: '/readyz', method: 'GET', respond: () => site.ready() },
  ]

  const respond = (incoming: IncomingRequest): Answer | Promise<Answer> => {
    const { path, method } = incoming
    const row = table.find((row) => row.path === path)
    if (row && allowed[row.method].includes(method)) return row.respond(incoming)
    const answer =
      row === undefined
        ? errorAnswer('notFound')
        : errorAnswer('methodNotAllowed', undefined, { allow: allowed[row.method].join(', ') })
    // A webhook with the wrong URL, which its owner looks for; what browsers and robots ask for is no matter.
    if (method === 'POST') log('warn', 'A POST to the wrong address', { path, status: answer.status })
    return answer
  }

  const guard = async (work: () => Answer | Promise<Answer>): Promise<Answer> => {
    try {
      return await work()
    } catch (error) {
      log('error', 'The relay failed', { reason: error instanceof Error ? error.stack : String(error) })
      return errorAnswer('failed')
    }
  }

  const answer = (incoming: IncomingRequest) => guard(() => respond(incoming))
  return {
    answer,
    check: async () => void (await guard(() => site.ready())),
    fetch: async (request) => toResponse(await answer(fromRequest(request))),
  }
}

/** One address of the relay: it knows one method. */
interface Row {
  readonly path: string
  readonly method: keyof typeof allowed
  readonly respond: (incoming: IncomingRequest) => Answer | Promise<Answer>
}

/** A platform sends no body with the answer to HEAD. */
const allowed = { POST: ['POST'], GET: ['GET', 'HEAD'] }

function levelOf(status: number): LogLevel {
  if (status >= 500) return 'error'
  return status >= 400 ? 'warn' : 'info'
}
