import { createSecretCheck } from '../../event/same-secret.ts'
import { type Answer, errorAnswer, jsonAnswer, pageAnswer, textAnswer } from '../answers.ts'
import type { IncomingRequest } from '../incoming.ts'
import type { ReconcileReport } from '../reconcile/reconcile.ts'
import { type ReconcileStatus, statusOf } from '../reconcile/status.ts'
import type { Log } from '../relay-log.ts'
import type { RelaySettings } from '../settings/settings.ts'
import type { LastDispatch } from './last-dispatches.ts'
import { metricsType, renderMetrics } from './metrics.ts'
import { isAllWell } from './page-checks.ts'
import type { Readiness } from './readiness.ts'
import type { RecentDeliveries } from './recent-deliveries.ts'
import { renderPage } from './status-page.ts'
import { pageStyle } from './status-page-style.ts'

/** The pages for people and monitoring. */
export interface Site {
  /** `GET /` and `GET /deliveries`. */
  page(options: { request: IncomingRequest; requiresAdmin: boolean }): Promise<Answer>
  /** `GET /readyz`. */
  ready(): Promise<Answer>
  /** `GET /metrics`. */
  metrics(): Answer
}

/**
 * Creates the page, the readiness answer and the metrics. Without the admin token they show no name of a dataset or a
 * repository.
 *
 * @param options.lastDispatches how the newest dispatch to each repository ended
 * @param options.lastReconcile the last reconcile; null before the first
 * @param options.checkReadiness asks GitHub, or returns a recent result
 * @param options.losesMemory whether the platform may lose the counts and the list between requests
 * @param options.now the time in milliseconds since the epoch
 */
export function createSite(options: {
  settings: RelaySettings
  deliveries: RecentDeliveries
  lastDispatches: () => readonly LastDispatch[]
  lastReconcile: () => ReconcileReport | null
  log: Log
  checkReadiness: () => Promise<{ readiness: Readiness; isNew: boolean }>
  losesMemory: boolean
  now: () => number
}): Site {
  const { settings, deliveries, lastDispatches, lastReconcile, log, checkReadiness, losesMemory, now } =
    options
  const { adminToken, serverUrl } = settings
  const startedAt = now()
  const isAdminToken = adminToken === null ? null : createSecretCheck([adminToken])

  const reconcileStatus = (): ReconcileStatus | null => {
    const last = lastReconcile()
    return last === null ? null : statusOf(last, now())
  }
  const warned = new Set<string>()

  const checkAndLog = async (): Promise<Readiness> => {
    const { readiness, isNew } = await checkReadiness()
    if (isNew) for (const reason of readiness.problems) log('error', 'The relay is not ready', { reason })
    for (const reason of readiness.warnings) {
      if (!warned.has(reason)) log('warn', 'The token has more permissions than it needs', { reason })
      warned.add(reason)
    }
    return readiness
  }

  return {
    async page({ request, requiresAdmin }) {
      const authorization = request.header('authorization')
      if (isAdminToken === null && requiresAdmin) return errorAnswer('notFound')
      const wantsList = isAdminToken !== null && (requiresAdmin || authorization !== null)
      if (wantsList && !(await isAdminToken(readPassword(authorization)))) {
        // Not logged without a password: a browser's first request never has one.
        if (authorization !== null) log('warn', 'Wrong RELAY_ADMIN_TOKEN', { status: 401 })
        return askForPassword()
      }
      const html = await renderPage({
        readiness: await checkAndLog(),
        lastDispatches: lastDispatches(),
        reconcile: reconcileStatus(),
        counts: deliveries.counts(),
        hasRename:
          deliveries.hasRename() || lastReconcile()?.routes.some(({ rename }) => rename !== '') === true,
        uptimeMs: now() - startedAt,
        now: now(),
        hasAdmin: isAdminToken !== null,
        losesMemory,
        deliveries: wantsList ? deliveries.latest() : null,
        looks: wantsList ? (lastReconcile()?.routes ?? null) : null,
        serverUrl,
      })
      return pageAnswer(html, await hashOf(pageStyle))
    },
    async ready() {
      const readiness = await checkAndLog()
      const { token, reachable, repositories } = readiness
      const last = lastDispatches()
      const ready = isAllWell({ readiness, lastDispatches: last })
      return jsonAnswer(ready ? 200 : 503, {
        ready,
        secret: 'set',
        token,
        repositories,
        reachable,
        lastDispatch: last[0]?.outcome ?? 'none',
        reconcile: reconcileFields(reconcileStatus()),
      })
    },
    metrics: () =>
      textAnswer(
        renderMetrics({
          counts: deliveries.counts(),
          lastDispatches: lastDispatches(),
          reconcile: reconcileStatus(),
        }),
        metricsType,
      ),
  }
}

function reconcileFields(status: ReconcileStatus | null) {
  if (status === null) return null
  const { at, routes, failed, dispatched, unseenMs } = status
  return {
    at: new Date(at).toISOString(),
    routes,
    failed,
    dispatched,
    unseenSeconds: Math.round(unseenMs / 1000),
  }
}

function askForPassword(): Answer {
  const challenge =
    'Basic realm="auto-retrain relay: any user name, RELAY_ADMIN_TOKEN as password", charset="UTF-8"'
  return errorAnswer('adminOnly', undefined, { 'www-authenticate': challenge })
}

/** Returns the token of `Bearer`, or the password of `Basic` with any user name; empty without either. */
function readPassword(authorization: string | null): string {
  const [, scheme = '', value = ''] = /^(bearer|basic) +(\S+)$/i.exec(authorization ?? '') ?? []
  if (scheme.toLowerCase() === 'bearer') return value
  try {
    return atob(value).replace(/^[^:]*:/, '')
  } catch {
    return ''
  }
}

async function hashOf(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  return btoa(String.fromCharCode(...new Uint8Array(digest)))
}
