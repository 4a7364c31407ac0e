import { hasEnded, type LedgerRecord, type RecordFacts, type RecordState } from './record.ts'

/** Who makes a transition. */
type Actor = 'owner' | 'any check' | 'end of the job'

/** One way in which a record may change. `from` null: it is created; `to` null: its refs are deleted. */
export interface Transition {
  readonly from: RecordState | null
  readonly to: RecordState | null
  readonly by: readonly Actor[]
  /** When it happens, as a clause that continues "when". */
  readonly when: string
  /** The facts that it may write, beside the state and the times. */
  readonly writes: readonly (keyof RecordFacts)[]
  /** Whether it is only for a record that says that nothing ever ran. */
  readonly ifNeverBegan?: true
}

const end = [
  'run',
  'began',
  'cause',
  'gaveWay',
  'reason',
  'metrics',
  'unmeasured',
  'cost',
  'trainedMs',
  'discussionUrl',
  'publish',
] as const
const all: readonly Actor[] = ['owner', 'any check', 'end of the job']

/**
 * Every way in which a record may change; a pair that is not here throws. docs/ledger.md is generated from this table.
 */
export const transitions: readonly Transition[] = [
  {
    from: null,
    to: 'claimed',
    by: ['owner'],
    when: 'the claim, a slot of the day and the name of the model were created',
    writes: [],
  },
  {
    from: 'claimed',
    to: null,
    by: ['owner'],
    when: 'the order was certainly never sent or was refused (4xx), and no other run may take over yet',
    writes: [],
  },
  {
    from: 'claimed',
    to: 'claimed',
    by: ['owner'],
    when: 'the answer to the order was unclear (5xx, lost, time-out)',
    writes: ['orderedAt', 'reason', 'deadline'],
  },
  {
    from: 'claimed',
    to: 'started',
    by: all,
    when: "the provider accepted the order, or a run with the record's nonce was found",
    writes: ['run', 'began', 'data', 'reason', 'orderedAt', 'deadline', 'discussionUrl'],
  },
  {
    from: 'claimed',
    to: 'succeeded',
    by: ['any check'],
    when: 'a run with its nonce was found, and had succeeded',
    writes: end,
  },
  {
    from: 'claimed',
    to: 'failed',
    by: all,
    when: 'a run with its nonce was found and had failed; or the deadline passed and there is none: it never began',
    writes: end,
  },
  {
    from: 'claimed',
    to: 'cancelled',
    by: all,
    when: 'a run with its nonce was found and cancelled, or the step was cancelled before the order',
    writes: end,
  },
  {
    from: 'started',
    to: 'started',
    by: ['owner', 'any check'],
    when: 'a discussion was opened, or the run got hardware',
    writes: ['discussionUrl', 'data', 'deadline', 'began', 'run'],
  },
  {
    from: 'started',
    to: 'out-of-sight',
    by: ['owner', 'any check'],
    when: 'the provider answers 404 and does not list the run, for a minute',
    writes: ['reason', 'discussionUrl'],
  },
  {
    from: 'started',
    to: 'succeeded',
    by: ['owner', 'any check'],
    when: 'the run ended well and its model is on the Hub',
    writes: end,
  },
  { from: 'started', to: 'failed', by: ['owner', 'any check'], when: 'the run failed', writes: end },
  { from: 'started', to: 'cancelled', by: all, when: 'the run was cancelled', writes: end },
  {
    from: 'out-of-sight',
    to: 'out-of-sight',
    by: ['owner', 'any check'],
    when: 'a discussion was opened',
    writes: ['discussionUrl'],
  },
  {
    from: 'out-of-sight',
    to: 'started',
    by: ['any check'],
    when: 'the provider shows the run again',
    writes: ['reason', 'run'],
  },
  {
    from: 'out-of-sight',
    to: 'succeeded',
    by: ['any check'],
    when: 'the run is shown again and has succeeded; or its deadline passed and its model is on the Hub (cost unknown)',
    writes: end,
  },
  {
    from: 'out-of-sight',
    to: 'failed',
    by: ['any check'],
    when: 'the run is shown again and has failed; or its deadline passed without a model: counted as paid',
    writes: end,
  },
  {
    from: 'out-of-sight',
    to: 'cancelled',
    by: all,
    when: 'the run is shown again and was cancelled, or the step was cancelled and the stop was accepted',
    writes: end,
  },
  {
    from: 'failed',
    to: 'started',
    by: ['any check'],
    when: 'it was closed as never begun, and a run with its nonce turned up',
    writes: ['run', 'began', 'cause', 'reason', 'cost', 'trainedMs', 'deadline'],
    ifNeverBegan: true,
  },
  ...(['succeeded', 'failed', 'cancelled'] as const).map(
    (to): Transition => ({
      from: 'failed',
      to,
      by: ['any check'],
      when: 'it was closed as never begun, and an ended run with its nonce turned up',
      writes: end,
      ifNeverBegan: true,
    }),
  ),
  ...(['succeeded', 'failed', 'cancelled'] as const).map(
    (state): Transition => ({
      from: state,
      to: state,
      by: ['owner', 'any check'],
      when: 'its publication moved on, or its discussion was opened',
      writes: ['publish', 'discussionUrl'],
    }),
  ),
]

/** Thrown for a transition that the table does not have: a bug, or a record that another run has moved on. */
export class InvalidTransition extends Error {
  override readonly name = 'InvalidTransition'
}

/** Whether a record may go from its state to another. An attempt that ended stays ended, unless it never began. */
export function mayBecome(record: LedgerRecord, to: RecordState): boolean {
  return rowsFor(record, to).length > 0
}

function rowsFor({ state, began }: LedgerRecord, to: RecordState): Transition[] {
  return transitions.filter((row) => row.from === state && row.to === to && !(row.ifNeverBegan && began))
}

/** What an earlier state may have said of a run that turns out to be running: it was unclear, unseen or never began. */
const notEnded = { cause: null, reason: null, cost: null, trainedMs: null }

/**
 * Whether an end makes a publication due. A revision that was not the head at its claim was asked for by hand, and is
 * published by hand alone.
 */
function isToPublish({ state, publishTo, atHead }: LedgerRecord, to: RecordState): boolean {
  return to === 'succeeded' && state !== 'succeeded' && publishTo !== null && atHead
}

/**
 * The record after a transition. One that is started says nothing of an end.
 *
 * @param facts what it writes: only what the table allows for it
 * @param now milliseconds since the epoch
 * @throws InvalidTransition when the table does not have it
 */
export function applyTransition(
  record: LedgerRecord,
  to: RecordState,
  { facts, now }: { facts: RecordFacts; now: number },
): LedgerRecord {
  const rows = rowsFor(record, to)
  if (rows.length === 0) {
    throw new InvalidTransition(`A ledger record cannot go from ${record.state} to ${to}.`)
  }
  const allowed = new Set<string>(rows.flatMap(({ writes }) => writes))
  const forbidden = Object.keys(facts).find((name) => !allowed.has(name))
  if (forbidden !== undefined) {
    throw new InvalidTransition(`The transition from ${record.state} to ${to} does not write ${forbidden}.`)
  }
  const { orderedAt, ...fields } = facts
  const at = new Date(now).toISOString()
  const publish = isToPublish(record, to) ? { publish: 'due' as const } : {}
  const changed = { ...record, ...(to === 'started' && notEnded), ...publish, ...fields, state: to }
  const isRunning = to === 'started' || changed.run !== null
  return {
    ...changed,
    times: {
      ...record.times,
      ordered: orderedAt ?? record.times.ordered ?? (isRunning ? at : null),
      started: record.times.started ?? (isRunning ? at : null),
      finished: hasEnded(changed) ? (record.times.finished ?? at) : null,
    },
  }
}
