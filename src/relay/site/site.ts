import { createSecretCheck } from '../../event/same-secret.ts'
import { type Answer, errorAnswer, jsonAnswer, pageAnswer } from '../answers.ts'
import type { IncomingRequest } from '../incoming.ts'
import type { Log } from '../relay-log.ts'
import type { RelaySettings } from '../settings.ts'
import type { Readiness } from './readiness.ts'
import type { RecentDeliveries } from './recent-deliveries.ts'
import { renderPage } from './status-page.ts'
import { pageStyle } from './status-page-style.ts'

/** What the relay answers to people and to whoever watches over it. */
export interface Site {
  /** `GET /` and `GET /deliveries`. */
  page(options: { incoming: IncomingRequest; needsAdmin: boolean }): Promise<Answer>
  /** `GET /readyz`. */
  ready(): Promise<Answer>
}

/**
 * Makes the page and the readiness answer. Strangers see no name of a dataset or a repository.
 *
 * @param options.checkReadiness asks GitHub, or remembers what it said
 * @param options.now milliseconds since the epoch
 */
export function createSite(options: {
  settings: RelaySettings
  history: RecentDeliveries
  log: Log
  checkReadiness: () => Promise<{ readiness: Readiness; isNew: boolean }>
  shortMemory: boolean
  now: () => number
}): Site {
  const { settings, history, log, checkReadiness, shortMemory, now } = options
  const { adminToken, serverUrl } = settings
  const startedAt = now()
  const isAdminToken = adminToken === null ? null : createSecretCheck([adminToken])

  const warned = new Set<string>()

  const look = async (): Promise<Readiness> => {
    const { readiness, isNew } = await checkReadiness()
    if (isNew) for (const reason of readiness.problems) log('error', 'The relay is not ready', { reason })
    for (const reason of readiness.warnings) {
      if (!warned.has(reason)) log('warn', 'The token may do more than it needs', { reason })
      warned.add(reason)
    }
    return readiness
  }

  return {
    async page({ incoming, needsAdmin }) {
      const authorization = incoming.header('authorization')
      if (isAdminToken === null && needsAdmin) return errorAnswer('notFound')
      const asksForMore = isAdminToken !== null && (needsAdmin || authorization !== null)
      if (asksForMore && !(await isAdminToken(readPassword(authorization)))) {
        // A browser asks once without a password to learn that there is one.
        if (authorization !== null) log('warn', 'A wrong RELAY_ADMIN_TOKEN was given', { status: 401 })
        return askForPassword()
      }
      const html = await renderPage({
        readiness: await look(),
        counts: history.counts(),
        uptime: now() - startedAt,
        now: now(),
        hasAdmin: isAdminToken !== null,
        shortMemory,
        deliveries: asksForMore ? history.latest() : null,
        serverUrl,
      })
      return pageAnswer(html, await hashOf(pageStyle))
    },
    async ready() {
      const { ready, token, reachable, repositories } = await look()
      return jsonAnswer(ready ? 200 : 503, { ready, secret: 'set', token, repositories, reachable })
    },
  }
}

function askForPassword(): Answer {
  const challenge =
    'Basic realm="auto-retrain relay: any user name, RELAY_ADMIN_TOKEN as password", charset="UTF-8"'
  return errorAnswer('adminOnly', undefined, { 'www-authenticate': challenge })
}

/** The token of `Bearer`, or the password of `Basic` with any user name; empty when there is neither. */
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
