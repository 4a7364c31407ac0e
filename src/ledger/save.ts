import { Refused } from '../domain/verdict.ts'
import type { ClaimContext } from './claim.ts'
import { type Entry, LaggingReplica, TakenOver } from './entry.ts'
import { hasEnded, type LedgerRecord, type RecordFacts, type RecordState, writeRecord } from './record.ts'
import { applyTransition, mayBecome } from './transitions.ts'
import { readEntry } from './view.ts'

const updateTries = 3
const firstWaitMs = 1000

/** How long a replica may show an older object of our own, or none. */
const lagMs = 30_000
const lagPollMs = 3000

/**
 * Moves a record to another state: reads the newest record, applies the transition and lets the claim's ref hold the
 * result. Records only move forward: where another run has recorded an end already, that end stays.
 *
 * What a lost update could undo can be derived again from the provider or from create-only refs. GraphQL's
 * `updateRefs` with `beforeOid` would be a compare-and-swap; whether it takes our namespace is unverified, so that
 * it would replace `update` here and nothing else.
 *
 * @throws TakenOver when the record has another nonce or another run
 * @throws LaggingReplica when GitHub does not show our own last write for 30 s
 * @throws Refused, HttpError or NoAnswerError when GitHub does not take it
 */
export async function saveEntry(
  context: ClaimContext,
  entry: Entry,
  { to, facts }: { to: RecordState; facts: RecordFacts },
): Promise<Entry> {
  const { git, view, clock, hide } = context
  const newest = await readNewest(context, entry)
  if (!isOwn(newest.record, entry.record, facts)) throw new TakenOver(newest)
  // Another workflow run has recorded how it ended: there is nothing to add, unless it saw no run at all.
  const isElsewhereEnded = !hasEnded(entry.record) && hasEnded(newest.record)
  if (isElsewhereEnded && (hasBegun(newest.record) || !mayBecome(newest.record, to))) return newest
  const record = applyTransition(newest.record, to, { facts, now: clock.now() })
  const message = writeRecord(record, hide)
  const sha = await git.createTag({ tag: entry.ref.replace(/^refs\//, ''), message })
  await update(context, { ref: entry.ref, sha, before: newest.sha })
  view.wrote(entry.ref, sha, message)
  return { ...entry, sha, record }
}

/** Whether an ended attempt had a run: only one that was closed as never begun may still turn out otherwise. */
function hasBegun({ state, began }: LedgerRecord): boolean {
  return state !== 'failed' || began
}

/** The claim is still the one that was made: same nonce, and no other run. */
function isOwn(newest: LedgerRecord, known: LedgerRecord, facts: RecordFacts): boolean {
  const run = facts.run?.id ?? known.run?.id ?? null
  return newest.nonce === known.nonce && (newest.run === null || run === null || newest.run.id === run)
}

/** Reads the claim as it is now, through a replica that may be some seconds behind our own writes. */
async function readNewest(context: ClaimContext, entry: Entry): Promise<Entry> {
  const { git, view, clock } = context
  const end = clock.now() + lagMs
  for (;;) {
    const sha = await git.readRef(entry.ref)
    if (sha === entry.sha) return entry
    const held = sha === null ? null : await readEntry(view, { ref: entry.ref, sha })
    const isOlder =
      held === null || (held.record.nonce === entry.record.nonce && isBehind(held.record, entry.record))
    if (!isOlder) return held
    if (clock.now() >= end) throw new LaggingReplica(entry.ref)
    await clock.sleep(lagPollMs)
  }
}

/** Whether a record is an earlier state of one that we know. */
function isBehind(held: LedgerRecord, known: LedgerRecord): boolean {
  if (hasEnded(known)) return !hasEnded(held)
  return known.state !== 'claimed' && held.state === 'claimed'
}

/** An unclear answer is resolved by reading, and the update is sent again while the ref holds the object before. */
async function update(
  { git, clock }: ClaimContext,
  { ref, sha, before }: { ref: string; sha: string; before: string },
): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await git.updateRef(ref, sha)
      return
    } catch (error) {
      if (error instanceof Refused || tries === updateTries) throw error
      await clock.sleep(firstWaitMs * tries)
      const held = await git.readRef(ref)
      if (held === sha) return
      if (held !== before && held !== null) throw error
    }
  }
}
