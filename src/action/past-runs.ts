import type { Entry } from '../ledger/entry.ts'
import type { PastRun } from '../report/outcome.ts'

/** A record of the ledger, as the reports show it. */
export function toPastRun({ record }: Entry): PastRun {
  const { revision, attempt, verdict, metrics, model, run, workflow, times } = record
  return {
    revision,
    attempt,
    verdict,
    metrics: metrics ?? {},
    model,
    runUrl: run?.url ?? null,
    workflowUrl: workflow.url,
    at: Date.parse(times.finished ?? times.started ?? times.claimed),
  }
}
