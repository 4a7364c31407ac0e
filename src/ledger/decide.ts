import { shortRevision } from '../domain/revision.ts'
import { formatUsd } from '../domain/text/format.ts'
import type { ComesBack } from '../domain/verdict.ts'
import { type LedgerRecord, linkOf } from './record.ts'

const minuteMs = 60_000

/** How long after its claim an owner may still send the order. */
const startWithinMs = 5 * minuteMs

/**
 * The age at which a claim without a run may be taken over. The five minutes above `startWithinMs` are for an order
 * under way and for clocks that differ.
 */
export const takeOverAfterMs = 10 * minuteMs

/** How often a training on the same data is started without a person, whatever the reason. */
const maxAutomaticAttempts = 3

/** A run that trained this long was expensive, also if a person started it: after it there is one more automatic attempt at most. */
const expensiveAfterMs = 10 * minuteMs

/** What the last attempt at the same data means for a workflow run that would train it. */
export type Decision =
  /** Start a new attempt. */
  | { readonly do: 'claim' }
  /**
   * Its owner died before it recorded a run: ask the provider for a run with the record's nonce. If there is one,
   * adopt it; if not, start a new attempt.
   */
  | { readonly do: 'take-over' }
  /** An earlier attempt of this workflow run started it: follow that run. */
  | { readonly do: 'attach' }
  /** An earlier attempt of this workflow run trained it: report that success again, so that later jobs run. */
  | { readonly do: 'report' }
  | {
      readonly do: 'skip'
      readonly reason: string
      readonly isWarning: boolean
      readonly comesBack: ComesBack
    }

/** What decides whether the last attempt at the same data is repeated. */
export interface DecideOptions {
  readonly last: LedgerRecord
  /** This workflow run; `runAttempt` counts "Re-run jobs". */
  readonly workflow: { readonly runId: string; readonly runAttempt: number }
  /** Whether a person started this run: Run workflow, or Re-run jobs. */
  readonly byPerson: boolean
  /** Train again what has succeeded; never beside a run that may be running. */
  readonly force: boolean
  /** Whether its run trains only once a person launches it: then nothing runs by itself. @default false */
  readonly needsPerson?: boolean
  /** Whether the recipe still runs as it did in that attempt. */
  readonly runsTheSame: boolean
  /** Why nothing comes back by itself any more; null while it may. */
  readonly bound: string | null
  /** Milliseconds since the epoch. */
  readonly now: number
}

/** Decides by the last attempt at the same data. The table is in docs/ledger.md, "What comes back by itself". */
export function decide(options: DecideOptions): Decision {
  const { last, force, now } = options
  // With other params it is another leg of the same matrix.
  const isRerun = isRerunOf(options) && options.runsTheSame
  switch (last.state) {
    case 'claimed':
      if (isRerun) return { do: 'take-over' }
      if (isAbandoned(last, now)) return takeOver(options)
      return skip(`Another workflow run is starting the training on ${named(last)}: ${linkOf(last)}.`)
    case 'started':
      if (isRerun) return { do: 'attach' }
      if (options.needsPerson) return force ? { do: 'claim' } : skip(prepared(last))
      if (isOverdue(last, now)) return skip(overdue(last), { isWarning: true, comesBack: 'asked' })
      return skip(`The training on ${named(last)} is running: ${linkOf(last)}.`)
    case 'out-of-sight':
      return isRerun
        ? { do: 'attach' }
        : skip(
            `The training on ${named(last)} is not shown by its provider and may still be running: ${linkOf(last)}. ` +
              'Every check asks again until its deadline.',
            { isWarning: true, comesBack: 'asked' },
          )
    case 'succeeded':
      if (isRerun) return { do: 'report' }
      return force ? { do: 'claim' } : skip(`Already trained on ${named(last)}: ${linkOf(last)}.`)
    case 'failed':
    case 'cancelled':
      return afterFailure(options)
  }
}

/** Decides as a later check does that no person starts and that belongs to no earlier workflow run, with today's recipe. */
export function decideUnattended(
  options: Pick<DecideOptions, 'last' | 'needsPerson' | 'bound' | 'now'>,
): Decision {
  return decide({
    ...options,
    workflow: { runId: '', runAttempt: 1 },
    byPerson: false,
    force: false,
    runsTheSame: true,
  })
}

/** An order that may have been sent counts among what comes back by itself, also when no run was found. */
function takeOver({ byPerson, force, bound }: DecideOptions): Decision {
  return byPerson || force || bound === null ? { do: 'take-over' } : skip(bound, { isWarning: true })
}

function afterFailure({ last, byPerson, runsTheSame, bound, force }: DecideOptions): Decision {
  if (byPerson || force) return { do: 'claim' }
  const isRepeated = last.cause === 'infrastructure' || (last.state === 'failed' && !runsTheSame)
  if (isRepeated) return bound === null ? { do: 'claim' } : skip(bound, { isWarning: true })
  const link = linkOf(last)
  if (last.state === 'failed') {
    return skip(
      `Not retrying: training on ${named(last)} failed (${link}). Fixed it? Run workflow. ` +
        '(Re-run jobs uses the old workflow file.)',
      { isWarning: true, comesBack: bound === null ? 'data-or-recipe' : 'data' },
    )
  }
  return last.cause === 'person'
    ? skip(`A person cancelled the training on ${named(last)} (${link}). Run workflow to train it after all.`)
    : skip(
        `Not retrying: the training on ${named(last)} was cancelled with its workflow run (${link}). ` +
          'Run workflow to train it again.',
        { isWarning: true },
      )
}

function skip(
  reason: string,
  { isWarning = false, comesBack = 'data' }: { isWarning?: boolean; comesBack?: ComesBack } = {},
): Decision {
  return { do: 'skip', reason, isWarning, comesBack }
}

/** By its deadline a run has ended; only its provider, or the model that it left, says how. */
const overdue = (last: LedgerRecord): string =>
  `The training on ${named(last)} has ended, and how is not known yet: ${linkOf(last)}. Every check asks again.`

const prepared = (last: LedgerRecord): string =>
  `The training on ${named(last)} is prepared, and starts when a person launches it: ${linkOf(last)}.`

const named = ({ revision }: LedgerRecord): string => shortRevision(revision)

/**
 * Whether this is "Re-run jobs" of the workflow run that made a record. GitHub begins another attempt only after the
 * one before has ended, so that its owner is gone for certain.
 * https://docs.github.com/en/actions/how-tos/manage-workflow-runs/re-run-workflows-and-jobs
 */
export function isRerunOf({
  last,
  workflow,
}: {
  readonly last: Pick<LedgerRecord, 'workflow'>
  readonly workflow: { readonly runId: string; readonly runAttempt: number }
}): boolean {
  return last.workflow.runId === workflow.runId && workflow.runAttempt > last.workflow.runAttempt
}

/**
 * Why a training on the same data does not start by itself any more: a bound in attempts and in money, whatever the
 * reasons of the failures. An order that may have been sent counts, also when no run was found.
 *
 * @param options.attempts records with the same data since the newest success with it, in any order
 * @param options.maxCost USD; the recipe's `max-cost`
 * @param options.nextCost USD: price x timeout of the next attempt; null: the trainer does not know
 * @returns a sentence, or null while it may start
 */
export function automaticBound(options: {
  attempts: readonly LedgerRecord[]
  maxCost: number
  nextCost: number | null
}): string | null {
  const { attempts, maxCost, nextCost } = options
  const ordered = attempts.filter(({ automatic }) => automatic)
  const wayBack = 'Fixed it? Run workflow.'
  const links = ordered.map(linkOf).slice(0, 3).join(', ')
  if (ordered.length >= maxAutomaticAttempts) {
    return `Not retrying any more: ${ordered.length} automatic attempts on this data did not succeed (${links}). ${wayBack}`
  }
  const expensive = attempts.filter(wasExpensive)
  if (ordered.some((record) => isAfterAny(record, expensive))) {
    return (
      'Not retrying any more: an attempt on this data trained for more than 10 minutes before it failed, and was ' +
      `retried once (${links}). ${wayBack}`
    )
  }
  const spent = attempts.reduce((sum, { cost, costEstimate }) => sum + (cost ?? costEstimate ?? 0), 0)
  if (attempts.length > 0 && spent + (nextCost ?? 0) > maxCost + 1e-9) {
    return (
      `Not retrying any more: the attempts on this data may have cost ${formatUsd(spent)}, and one more ` +
      `(${formatUsd(nextCost ?? 0)}) would exceed max-cost (${formatUsd(maxCost)}). ${wayBack}`
    )
  }
  return null
}

/** What ended out of sight may have trained up to its time limit. */
function wasExpensive({ began, trainedMs }: LedgerRecord): boolean {
  return trainedMs === null ? began : trainedMs >= expensiveAfterMs
}

function isAfterAny(record: LedgerRecord, others: readonly LedgerRecord[]): boolean {
  return others.some((other) => Date.parse(record.times.claimed) > Date.parse(other.times.claimed))
}

/** Whether a claim has no run and is so old that its owner does not start one any more. */
export function isAbandoned(record: LedgerRecord, now: number): boolean {
  return record.state === 'claimed' && now - Date.parse(record.times.claimed) >= takeOverAfterMs
}

/** Whether an attempt was claimed within the last minute, so that its refs may be on their way. */
export function isFresh(record: LedgerRecord, now: number): boolean {
  return now - Date.parse(record.times.claimed) < minuteMs
}

/** Whether the owner of a claim may still order its run: later, another workflow run may take the claim over. */
export function mayStart(record: LedgerRecord, now: number): boolean {
  return record.state === 'claimed' && now - Date.parse(record.times.claimed) < startWithinMs
}

/** Whether an attempt must have ended by now, whether or not its end was seen. */
export function isOverdue({ deadline }: Pick<LedgerRecord, 'deadline'>, now: number): boolean {
  return deadline !== null && now > Date.parse(deadline)
}
