import type { LedgerRecord } from './record.ts'

/** How long after its claim an owner may still start the run, in milliseconds. */
const startWithinMs = 5 * 60_000

/**
 * The age at which a claim without a run may be taken over, in milliseconds. The five minutes above
 * `startWithinMs` are for a start under way and for clocks that differ.
 */
export const takeOverAfterMs = 10 * 60_000

/** What the ledger's record of a revision means for a workflow run that would train it. */
export type Decision =
  /** Nobody has it: claim this attempt. */
  | { readonly do: 'claim'; readonly attempt: number }
  /**
   * Its owner went away before it recorded a run: ask the provider for a run with the record's nonce. If
   * there is one, save it into the record and attach; if not, claim this attempt.
   */
  | { readonly do: 'take-over'; readonly attempt: number }
  /** An earlier attempt of this workflow run started it: follow that run. */
  | { readonly do: 'attach' }
  | { readonly do: 'skip'; readonly reason: string }

/**
 * Decides by the record of the highest attempt at a revision.
 *
 * @param options.latest null when the ledger has none; one that cannot be read must not get here as null
 * @param options.workflow this workflow run; `runAttempt` counts "Re-run jobs"
 * @param options.force train again what has ended; never beside a run that is still going
 * @param options.providerKnows whether the trainer of that record can tell that its run has ended
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
  // GitHub begins another attempt only when the one before has ended: its owner is gone for certain.
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
      // Where the provider can be asked, a run that was not closed by now is going, however late it is.
      return force && !providerKnows && isOverdue(latest, now)
        ? { do: 'claim', attempt: next }
        : { do: 'skip', reason: `this revision has a run already, which has not ended: ${link}` }
    case 'succeeded':
      // Re-running the jobs of a forced run asks for that run, not for one more.
      return force && !sameRun
        ? { do: 'claim', attempt: next }
        : { do: 'skip', reason: `this revision has been trained: ${link}` }
    case 'failed':
    case 'cancelled':
      return force || rerun || neverStarted(latest)
        ? { do: 'claim', attempt: next }
        : {
            do: 'skip',
            reason:
              `the run for this revision ${latest.verdict === 'failed' ? 'failed' : 'was cancelled'}, and is not ` +
              `repeated by itself: ${link} (re-run its jobs, or set force: true)`,
          }
  }
}

/** Whether a claim has no run and is so old that its owner does not start one any more. */
export function isAbandoned(record: LedgerRecord, now: number): boolean {
  return record.verdict === null && now - Date.parse(record.times.claimed) >= takeOverAfterMs
}

/**
 * Whether the owner of a claim may still start its run. To be asked right before the start: later, somebody
 * else may take the claim over.
 */
export function mayStart(record: LedgerRecord, now: number): boolean {
  return record.verdict === null && now - Date.parse(record.times.claimed) < startWithinMs
}

/** A claim that was closed because no run came of it is like one that was given back: nothing was bought. */
function neverStarted({ verdict, times }: LedgerRecord): boolean {
  return verdict === 'cancelled' && times.started === null
}

/** A started run that must have ended by now, whether or not anybody saw it end. */
function isOverdue(record: LedgerRecord, now: number): boolean {
  return record.deadline !== null && now > Date.parse(record.deadline)
}
