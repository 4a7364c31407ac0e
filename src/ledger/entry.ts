import type { LedgerRecord } from './record.ts'

/** A claim as this workflow run last read or wrote it. */
export interface Entry {
  readonly ref: string
  /** The tag object with the record. While the ref points to it, no other workflow run has changed the record. */
  readonly sha: string
  readonly record: LedgerRecord
  /** The ref of the day slot that this workflow run took for the claim; null when it took none. */
  readonly slot: string | null
}

/**
 * Thrown when a ref of the ledger does not hold a readable record. Nothing may be started, because the revision may have
 * a run.
 */
export class UnreadableRecord extends Error {
  override readonly name = 'UnreadableRecord'
  readonly ref: string

  constructor(ref: string) {
    super(
      `${ref} holds no record that this version of the action can read, so its revision may have a run: ` +
        'update the action, or delete the record with ' +
        `\`git push origin --delete ${ref}\` (its revision can then be trained again)`,
    )
    this.ref = ref
  }
}

/** Thrown when another workflow run has changed or deleted a claim since this one last read it. */
export class TakenOver extends Error {
  override readonly name = 'TakenOver'
  readonly ref: string
  /** The entry as it is now; null when it was deleted or cannot be read. */
  readonly current: Entry | null

  constructor(ref: string, current: Entry | null) {
    super(
      `${ref} was ${current === null ? 'deleted' : 'changed'} by another workflow run, which has taken over`,
    )
    this.ref = ref
    this.current = current
  }
}
