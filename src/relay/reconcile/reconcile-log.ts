import type { Log, LogLevel } from '../relay-log.ts'
import type { ReconcileReport, RouteReport } from './reconcile.ts'

/**
 * Creates the log of reconciles: a line for each dispatch, and one for each failure and each rename when it is new. What
 * goes on as before is not said again: a reconcile comes every few minutes.
 */
export function createReconcileLog(log: Log): (report: ReconcileReport) => void {
  const said = new Map<RouteReport['route'], string>()
  return ({ routes }) => {
    for (const report of routes) {
      const { route, outcome, rename, id } = report
      const state = JSON.stringify([outcome === 'failed' ? withoutDetails(report.reason) : '', rename])
      const isNew = state !== (said.get(route) ?? JSON.stringify(['', '']))
      said.set(route, state)
      if (id !== undefined || isNew) logRoute(log, report)
    }
  }
}

/** The same failure has another request id, another time to wait, and another time of day. */
function withoutDetails(reason: string): string {
  return reason.replaceAll(/[^\s"(),]*\d[^\s"(),]*/g, (word) => (/^\d{3}\b/.test(word) ? word : '#'))
}

function logRoute(log: Log, { route, outcome, reason, rename, id }: RouteReport): void {
  const { dataset, ref, repository } = route
  log(levelOf({ outcome, rename }), `Reconcile ${outcome}`, {
    id,
    outcome,
    reason: rename === '' ? reason : `${reason}; ${rename}`,
    dataset,
    ref,
    repositories: [repository],
  })
}

function levelOf({ outcome, rename }: Pick<RouteReport, 'outcome' | 'rename'>): LogLevel {
  if (outcome === 'failed') return 'error'
  return rename === '' ? 'info' : 'warn'
}

/** The line for one route of a reconcile that was started once. */
export function describeLook({ route, outcome, reason, rename, id }: RouteReport): string {
  const { dataset, ref, repository } = route
  const what = rename === '' ? reason : `${reason}; ${rename}`
  const sent = id === undefined ? '' : ` (${id})`
  return `${dataset} (${ref}) for ${repository}: ${outcome}${sent}: ${what}`
}
