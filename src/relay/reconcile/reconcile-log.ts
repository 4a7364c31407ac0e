import type { Log, LogLevel } from '../relay-log.ts'
import type { ReconcileReport, RouteReport } from './reconcile.ts'

/**
 * Creates the log of reconciles: a line for each dispatch, and one for each failure, each rename and each gap when it is new.
 * What goes on as before is not said again: a reconcile comes every few minutes.
 */
export function createReconcileLog(log: Log): (report: ReconcileReport) => void {
  const said = new Map<RouteReport['route'], string>()
  return ({ routes }) => {
    for (const report of routes) {
      const { route, outcome, rename, gap, id } = report
      const state = JSON.stringify([outcome === 'failed' ? withoutDetails(report.reason) : '', rename, gap])
      const isNew = state !== (said.get(route) ?? JSON.stringify(['', '', '']))
      said.set(route, state)
      if (id !== undefined || isNew) logRoute(log, report)
    }
  }
}

/** The same failure has another request id, another time to wait, and another time of day. */
function withoutDetails(reason: string): string {
  return reason.replaceAll(/[^\s"(),]*\d[^\s"(),]*/g, (word) => (/^\d{3}\b/.test(word) ? word : '#'))
}

function logRoute(log: Log, report: RouteReport): void {
  const { route, outcome, id } = report
  const { dataset, ref, repository } = route
  log(levelOf(report), `Reconcile ${outcome}`, {
    id,
    outcome,
    reason: inWords(report),
    dataset,
    ref,
    repositories: [repository],
  })
}

function levelOf({ outcome, rename, gap }: RouteReport): LogLevel {
  if (outcome === 'failed') return 'error'
  return rename === '' && gap === '' ? 'info' : 'warn'
}

/** The reason of a look, and what is to be changed beside it. */
export function inWords({ reason, rename, gap }: Pick<RouteReport, 'reason' | 'rename' | 'gap'>): string {
  return [reason, rename, gap].filter((text) => text !== '').join('; ')
}

/** The line for one route of a reconcile that was started once. */
export function describeLook(report: RouteReport): string {
  const { route, outcome, id } = report
  const { dataset, ref, repository } = route
  const sent = id === undefined ? '' : ` (${id})`
  return `${dataset} (${ref}) for ${repository}: ${outcome}${sent}: ${inWords(report)}`
}
