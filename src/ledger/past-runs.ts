import type { PastRun } from '../domain/outcome.ts'
import type { Entry } from './entry.ts'

/** Converts an entry of the ledger to the past run that the reports show. */
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
