import type { LedgerRecord } from './record.ts'

/** Milliseconds after its claim within which an owner may start the run. */
const startWithinMs = 5 * 60_000

/**
 * The age in milliseconds at which a claim without a run may be taken over. The five minutes above `startWithinMs` allow
 * for a start that takes time and for clocks that differ.
 */
export const takeOverAfterMs = 10 * 60_000

/** What a workflow run does about a revision, given its record in the ledger. */
export type Decision =
  /** Claim this attempt. */
  | { readonly do: 'claim'; readonly attempt: number }
  /**
   * The owner died before it recorded a run: ask the provider for a run with the record's nonce. If there is one, save
   * it in the record and attach; if not, claim this attempt.
   */
  | { readonly do: 'take-over'; readonly attempt: number }
  /** Follow the run, which an earlier attempt of this workflow run started. */
  | { readonly do: 'attach' }
  | { readonly do: 'skip'; readonly reason: string }

/**
 * Decides from the record of the latest attempt at a revision.
 *
 * @param options.latest null when the ledger has no record; never null for a record that cannot be read
 * @param options.workflow this workflow run; `runAttempt` counts "Re-run jobs"
 * @param options.force train again when the run has ended; never while it is active
 * @param options.providerKnows whether the trainer of that record can find out that its run has ended
 * @param options.now milliseconds since the epoch
 */
export function decide(options: {
  latest: LedgerRecord | null
  workflow: { readonly runId: string; readonly runAttempt: number }
  force: boolean
  providerKnows?: boolean
  now: number
}): Decision {
  const { latest, workflow, force, providerKnows = false, now } = options
  if (latest === null) return { do: 'claim', attempt: 1 }
  const sameRun = latest.workflow.runId === workflow.runId
  // GitHub begins another attempt only when the previous one has ended, so the owner is dead.
  // https://docs.github.com/en/actions/how-tos/manage-workflow-runs/re-run-workflows-and-jobs
  const rerun = sameRun && workflow.runAttempt > latest.workflow.runAttempt
  const next = latest.attempt + 1
  const link = latest.run?.url ?? latest.workflow.url

  switch (latest.verdict) {
    case null:
      return rerun || isAbandoned(latest, now)
        ? { do: 'take-over', attempt: next }
        : { do: 'skip', reason: `another workflow run is about to start this training: ${link}` }
    case 'started':
      if (rerun) return { do: 'attach' }
      // When the provider can be asked, the record would be closed if the run had ended.
      return force && !providerKnows && isOverdue(latest, now)
        ? { do: 'claim', attempt: next }
        : { do: 'skip', reason: `this revision already has a run, which has not ended: ${link}` }
    case 'succeeded':
      // Re-running the jobs of a forced run asks for that run, not for another one.
      return force && !sameRun
        ? { do: 'claim', attempt: next }
        : { do: 'skip', reason: `this revision is already trained: ${link}` }
    case 'failed':
    case 'cancelled':
      return force || rerun || neverStarted(latest)
        ? { do: 'claim', attempt: next }
        : {
            do: 'skip',
            reason:
              `the run for this revision ${latest.verdict === 'failed' ? 'failed' : 'was cancelled'} and is not ` +
              `retried automatically: ${link} (re-run its jobs, or set force: true)`,
          }
  }
}

/** Whether a claim has no run and is too old for its owner to start one. */
export function isAbandoned(record: LedgerRecord, now: number): boolean {
  return record.verdict === null && now - Date.parse(record.times.claimed) >= takeOverAfterMs
}

/**
 * Whether the owner of a claim may still start its run. Check it right before the start: later, another workflow run may
 * take the claim over.
 */
export function mayStart(record: LedgerRecord, now: number): boolean {
  return record.verdict === null && now - Date.parse(record.times.claimed) < startWithinMs
}

/** A claim that was closed without a run is like one that was released: nothing was paid. */
function neverStarted({ verdict, times }: LedgerRecord): boolean {
  return verdict === 'cancelled' && times.started === null
}

/** Whether a started run must have ended by now. */
function isOverdue(record: LedgerRecord, now: number): boolean {
  return record.deadline !== null && now > Date.parse(record.deadline)
}
