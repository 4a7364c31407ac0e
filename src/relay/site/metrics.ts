import type { ReconcileStatus } from '../reconcile/status.ts'
import type { LastDispatch } from './last-dispatches.ts'
import { isAccepted } from './last-dispatches.ts'
import type { RecentDeliveries } from './recent-deliveries.ts'

/** What monitoring is told. Nothing in it names a dataset or a repository. */
export interface MetricFacts {
  readonly counts: ReturnType<RecentDeliveries['counts']>
  readonly lastDispatches: readonly LastDispatch[]
  /** Null before the first reconcile, and where nothing reconciles. */
  readonly reconcile: ReconcileStatus | null
}

/** https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format */
export const metricsType = 'text/plain; version=0.0.4; charset=utf-8'

/**
 * Writes the metrics in the text format of Prometheus: by hand, since a client library would be larger than the rest of
 * the relay and needs Node.
 */
export function renderMetrics({ counts, lastDispatches, reconcile }: MetricFacts): string {
  const failed = lastDispatches.filter((last) => !isAccepted(last)).length
  const lines = [
    ...metric('deliveries_total', 'counter', 'Deliveries since the start, by outcome.'),
    ...Object.entries(counts).map(
      ([outcome, count]) => `auto_retrain_deliveries_total{outcome="${outcome}"} ${count}`,
    ),
    ...gauge('failed_repositories', 'Repositories whose last dispatch GitHub did not accept.', failed),
  ]
  if (reconcile !== null) {
    const { at, routes, failed: unread, unseenMs } = reconcile
    lines.push(
      ...gauge(
        'unseen_seconds',
        'How long the oldest head with something to do has waited.',
        unseenMs / 1000,
      ),
      ...gauge('reconcile_timestamp_seconds', 'When the last reconcile ended.', at / 1000),
      ...gauge('reconcile_routes', 'Routes that the last reconcile compared.', routes),
      ...gauge('reconcile_failed_routes', 'Routes for which the last reconcile failed.', unread),
    )
  }
  return `${lines.join('\n')}\n`
}

function gauge(name: string, help: string, value: number): string[] {
  return [...metric(name, 'gauge', help), `auto_retrain_${name} ${value}`]
}

function metric(name: string, type: 'counter' | 'gauge', help: string): string[] {
  return [`# HELP auto_retrain_${name} ${help}`, `# TYPE auto_retrain_${name} ${type}`]
}
