import { createSecretCheck } from '../event/same-secret.ts'
import { createSign } from '../event/signature.ts'
import { createDispatch } from '../github/dispatch.ts'
import { createTagReader } from '../github/tags.ts'
import type { Clock } from '../http/clock.ts'
import type { TextExchange } from '../http/exchange.ts'
import { createHubHeads } from '../hub/heads.ts'
import { type Answer, errorAnswer, jsonAnswer, toResponse } from './answers.ts'
import { fromRequest, type IncomingRequest } from './incoming.ts'
import { createReconcile, type ReconcileReport } from './reconcile/reconcile.ts'
import { createReconcileLog } from './reconcile/reconcile-log.ts'
import { createSentHeads } from './reconcile/sent-heads.ts'
import { createLog, type LogLevel } from './relay-log.ts'
import { type RelaySettings, secretsOf } from './settings/settings.ts'
import { rememberDispatches } from './site/last-dispatches.ts'
import { createReadinessCheck } from './site/readiness.ts'
import { createRecentDeliveries } from './site/recent-deliveries.ts'
import { createSite } from './site/site.ts'
import { createTokens } from './token-source.ts'
import { createWebhook, type Delivery } from './webhook.ts'

/** What the relay needs from a platform. */
export interface Platform {
  readonly settings: RelaySettings
  /** Sends one request once and follows no redirect. */
  readonly send: TextExchange
  readonly clock: Clock
  /** Returns a number from 0 to 1. */
  readonly random: () => number
  /** Returns that many random bytes. */
  readonly randomBytes: (count: number) => Uint8Array
  /** Writes one line of the log. */
  readonly writeLine: (line: string) => void
  /** More texts that the log must not show, beside the secrets of the settings. */
  readonly secrets?: readonly string[]
  /** Whether memory may be lost between requests; the page says so. @default false */
  readonly losesMemory?: boolean
}

/** The relay: a webhook in, a `repository_dispatch` out. */
export interface Relay {
  /** Answers any request, on any platform. Never throws. */
  answer(request: IncomingRequest): Promise<Answer>
  /** Answers a web `Request`. Never throws. */
  fetch(request: Request): Promise<Response>
  /**
   * Asks GitHub about the token and the repositories now, so that the log shows a wrong one before the first event.
   *
   * @returns whether the relay is ready
   */
  check(): Promise<boolean>
  /**
   * Looks once for heads with something to do that no webhook reported, and dispatches them. Never throws.
   *
   * @returns how each route ended; while one is in progress, the result of that one
   */
  reconcile(): Promise<ReconcileReport>
}

/**
 * Creates the relay. It keeps no state that matters, so any number of relays can run anywhere, and it uses only web
 * standards.
 */
export function createRelay(options: Platform): Relay {
  const { settings, send, clock, random, randomBytes, writeLine, losesMemory = false, secrets = [] } = options
  const { apiUrl, routes } = settings
  const now = clock.now
  const log = createLog({ write: writeLine, now, secrets: [...secretsOf(settings), ...secrets] })
  const tokens = createTokens({ credentials: settings.credentials, send, apiUrl, clock, random })
  const deliveries = createRecentDeliveries()
  const repositories = [...new Set(routes.map(({ repository }) => repository))]
  const checkReadiness = createReadinessCheck({ repositories, tokens, send, apiUrl, clock, random })
  const dispatches = rememberDispatches({
    dispatch: createDispatch({ send, tokens, apiUrl, clock, random }),
    now,
  })
  const { dispatch } = dispatches
  let lastReconcile: ReconcileReport | null = null
  const site = createSite({
    settings,
    deliveries,
    lastDispatches: dispatches.all,
    lastReconcile: () => lastReconcile,
    log,
    checkReadiness,
    losesMemory,
    now,
  })
  const sign = createSign(settings.secrets[0])
  const isKnownSecret = createSecretCheck(settings.secrets)
  const sentHeads = createSentHeads(clock)
  const webhook = createWebhook({ settings, dispatch, isKnownSecret, sign, sentHeads, randomBytes, now })
  const { hubUrl, hubToken, everyMs } = settings.reconcile
  const lookAtAll = createReconcile({
    routes,
    heads: createHubHeads({ url: hubUrl, token: hubToken, send, clock, random }),
    readTags: createTagReader({ send, tokens, apiUrl, clock, random }),
    dispatch,
    sign,
    clock,
    sentHeads,
    hasHubToken: hubToken !== null,
    // A process that lasts may have been away for long: its first look sends what is due.
    everyMs: losesMemory ? everyMs : null,
  })
  const logReconcile = createReconcileLog(log)
  const receive = async (request: IncomingRequest): Promise<Answer> => {
    const startedAt = now()
    const delivery = await webhook(request)
    const { id, outcome, reason, answer, dataset, repositories, accepted } = delivery
    const { status } = answer
    const count = deliveries.add(delivery, startedAt)
    const ms = now() - startedAt
    const fields = { id, outcome, status, reason, dataset, repositories, accepted, ms, count }
    log(levelOf(delivery), `Delivery ${outcome}`, fields)
    return answer
  }

  const endpoints: readonly Endpoint[] = [
    { path: '/webhook', method: 'POST', respond: receive },
    { path: '/', method: 'GET', respond: (request) => site.page({ request, requiresAdmin: false }) },
    { path: '/deliveries', method: 'GET', respond: (request) => site.page({ request, requiresAdmin: true }) },
    { path: '/healthz', method: 'GET', respond: () => jsonAnswer(200, { ok: true }) },
    { path: '/readyz', method: 'GET', respond: () => site.ready() },
    { path: '/metrics', method: 'GET', respond: () => site.metrics() },
  ]

  const respond = (request: IncomingRequest): Answer | Promise<Answer> => {
    const { path, method } = request
    const endpoint = endpoints.find((candidate) => candidate.path === path)
    if (endpoint && allowedMethods[endpoint.method].includes(method)) return endpoint.respond(request)
    const answer =
      endpoint === undefined
        ? errorAnswer('notFound')
        : errorAnswer('methodNotAllowed', undefined, { allow: allowedMethods[endpoint.method].join(', ') })
    // Probably a webhook with a wrong URL. What browsers and robots ask for is not worth a line.
    if (method === 'POST') {
      log('warn', 'POST to a wrong path: webhooks go to /webhook', { path, status: answer.status })
    }
    return answer
  }

  const guard = async (respond: () => Answer | Promise<Answer>): Promise<Answer> => {
    try {
      return await respond()
    } catch (error) {
      log('error', 'Unexpected error', { reason: error instanceof Error ? error.stack : String(error) })
      return errorAnswer('failed')
    }
  }

  const answer = (request: IncomingRequest) => guard(() => respond(request))
  return {
    answer,
    fetch: async (request) => toResponse(await answer(fromRequest(request))),
    check: async () => (await guard(() => site.ready())).status === 200,
    reconcile: oneAtATime(async () => {
      lastReconcile = await lookAtAll()
      logReconcile(lastReconcile)
      return lastReconcile
    }),
  }
}

/** A call that comes while one is in progress gets the result of that one. */
function oneAtATime<T>(work: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | null = null
  return () => {
    running ??= work().finally(() => {
      running = null
    })
    return running
  }
}

/** One path of the relay and its one method. */
interface Endpoint {
  readonly path: string
  readonly method: keyof typeof allowedMethods
  readonly respond: (request: IncomingRequest) => Answer | Promise<Answer>
}

/** HEAD is answered like GET: every platform drops the body. */
const allowedMethods = { POST: ['POST'], GET: ['GET', 'HEAD'] }

function levelOf({ answer: { status }, isRename }: Delivery): LogLevel {
  if (status >= 500) return 'error'
  return status >= 400 || isRename ? 'warn' : 'info'
}
