import type { LedgerRecord } from './record.ts'

/** A claim as this workflow run last read or wrote it. */
export interface Entry {
  readonly ref: string
  /** The tag object that holds the record. */
  readonly sha: string
  readonly record: LedgerRecord
  /** The refs that this workflow run created with the claim: slot and model name. Empty for a claim of another. */
  readonly with: readonly string[]
}

/** A ref of the ledger holds something that is no record. Its recipe starts nothing: there may have been a run. */
export class UnreadableRecord extends Error {
  override readonly name = 'UnreadableRecord'
  readonly ref: string

  /** @param options.isShown whether GitHub shows the object that the ref points to */
  constructor(ref: string, { isShown }: { isShown: boolean }) {
    const what = isShown
      ? 'holds a record that this version of the action cannot read'
      : 'points to an object that GitHub does not show, or to no record'
    super(
      `${ref} ${what}, so it is unknown whether that revision was trained: ` +
        `${isShown ? 'update the action' : 'run the workflow again in a minute'}. If the record is not needed, delete ` +
        `it with \`git push origin --delete ${ref}\` (its revision may then be trained again).`,
    )
    this.ref = ref
  }
}

/** The claim belongs to another attempt or holds another run by now: this workflow run no longer owns it. */
export class TakenOver extends Error {
  override readonly name = 'TakenOver'
  readonly current: Entry

  constructor(current: Entry) {
    super(`Another workflow run took this revision over: ${current.record.workflow.url}.`)
    this.current = current
  }
}

/**
 * GitHub shows a ref as it was before our own write, and kept doing so: a replica that lags. Nothing is known to be
 * wrong; the record is updated by the next check.
 */
export class LaggingReplica extends Error {
  override readonly name = 'LaggingReplica'

  constructor(ref: string) {
    super(`GitHub still shows an older state of ${ref}`)
  }
}
