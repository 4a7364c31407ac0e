import type { LedgerRecord } from './record.ts'

/** A claim as it was last seen or written by this workflow run. */
export interface Entry {
  readonly ref: string
  /** The tag object that holds the record; proof that nobody changed it since. */
  readonly sha: string
  readonly record: LedgerRecord
  /** The ref of the day slot that this workflow run took for it; null when it took none. */
  readonly slot: string | null
}

/**
 * A ref of the ledger holds something that is no record. Nothing may be started: there may have been a run.
 */
export class UnreadableRecord extends Error {
  override readonly name = 'UnreadableRecord'
  readonly ref: string

  constructor(ref: string) {
    super(
      `${ref} holds no record that this version of the action can read, so what it says about a run is not known: ` +
        'update the action; or, if nobody needs the record, delete it with ' +
        `\`git push origin --delete ${ref}\` (its revision may then be trained again)`,
    )
    this.ref = ref
  }
}

/** The claim is not as this workflow run last saw it: another one changed it, or it is gone. */
export class TakenOver extends Error {
  override readonly name = 'TakenOver'
  readonly ref: string
  /** What the ref holds now; null when it is gone or cannot be read. */
  readonly current: Entry | null

  constructor(ref: string, current: Entry | null) {
    super(
      `${ref} was ${current === null ? 'deleted' : 'changed'} by another workflow run, which has taken over`,
    )
    this.ref = ref
    this.current = current
  }
}
