import type { EndCause } from '../../../src/domain/training.ts'
import type { RunModel } from './run-model.ts'

/** One start that the provider took an order for. */
export interface PaidStart {
  readonly id: string
  /** The project prefix of its recipe. */
  readonly recipe: string
  readonly revision: string
  readonly nonce: string
  /** Of the recipe in the ledger. */
  readonly key: string
  /** How many edits of its recipe its workflow run knew of: jobs that run again have the config of then. */
  readonly knownEdits: number
  /** What it leaves at the Hub; null for a recipe that publishes nothing. */
  readonly leaves: RunModel | null
  /** All times are milliseconds since the epoch. */
  readonly at: number
  /** From when on the provider's list has it. */
  readonly listedAt: number
  /** While the provider shows it neither by its id nor in its list. */
  readonly hidden: { readonly from: number; readonly to: number } | null
  /** When it gets hardware. */
  readonly beganAt: number
  /** When it ends, if nothing comes in between. */
  endsAt: number
  end: 'succeeded' | 'failed' | 'cancelled'
  /** Null for a success. */
  cause: EndCause | null
}

/** Whether a start is queued or running. */
export function isAlive({ at, endsAt }: PaidStart, now: number): boolean {
  return at <= now && now < endsAt
}

/** Whether the provider shows a start: by its id, and in its list. */
export function shows({ hidden, listedAt }: PaidStart, now: number) {
  const isHidden = hidden !== null && hidden.from <= now && now < hidden.to
  return { byId: !isHidden, inList: !isHidden && listedAt <= now }
}
