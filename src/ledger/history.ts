import type { AttemptsSince, PastRun } from '../domain/outcome.ts'
import { isAbandoned, isFresh } from './decide.ts'
import type { Entry } from './entry.ts'
import { publicationObjects } from './publications/publications.ts'
import { hasEnded, type LedgerRecord, mayRun } from './record.ts'
import { claimRef, parseRef } from './ref-names.ts'
import { readEntry, type View } from './view.ts'

/** How many of a recipe's newest attempts are read. Older ones decide nothing any more. */
const maxAttempts = 100

/**
 * The attempts at a revision, first attempt first.
 *
 * @throws UnreadableRecord when one of them cannot be read
 */
export async function attemptsAt(view: View, key: string, revision: string): Promise<Entry[]> {
  const attempts = [...view.refs.keys()].flatMap((ref) => {
    const parsed = parseRef(key, ref)
    return parsed?.kind === 'claim' && parsed.revision === revision ? [parsed.attempt] : []
  })
  const refs = attempts.sort((a, b) => a - b).map((attempt) => claimRef(key, revision, attempt))
  const claims = refs.map((ref) => ({ ref, sha: view.refs.get(ref) ?? '' }))
  await view.prefetch(claims.map(({ sha }) => sha))
  return Promise.all(claims.map((claim) => readEntry(view, claim)))
}

/**
 * The objects that tell whether a revision has something to do: its attempts, the newest slots of the recipe and its
 * newest publications.
 */
export function objectsForCheck(view: View, key: string, revision: string | null): string[] {
  const own = [...view.refs].flatMap(([ref, sha]) => {
    const parsed = parseRef(key, ref)
    return parsed?.kind === 'claim' && parsed.revision === revision ? [sha] : []
  })
  const slots = slotsNewestFirst(view, key).map(({ sha }) => sha)
  return [...own, ...slots, ...publicationObjects(view, key)]
}

/**
 * The newest attempts of a recipe, newest first. A slot holds the claim's record as it was when the slot was taken,
 * which names the claim; the claim's ref holds the record as it is now.
 *
 * @param options.before the ref of a slot: only the attempts whose slots come before it
 * @param options.max how many slots are read at most
 * @throws UnreadableRecord when one cannot be read
 */
export async function recentAttempts(
  view: View,
  key: string,
  { before = null, max = maxAttempts }: { before?: string | null; max?: number } = {},
): Promise<Entry[]> {
  const slots = slotsBefore(view, key, before).slice(0, max)
  await view.prefetch(slots.map(({ sha }) => sha))
  const refs = new Set<string>()
  for (const slot of slots) {
    const record = await view.record(slot.sha)
    // A slot whose claim is gone was left by a release that was cut short.
    refs.add(record === null ? slot.ref : claimRef(key, record.revision, record.attempt))
  }
  const present = [...refs].flatMap((ref) => {
    const sha = view.refs.get(ref)
    return sha === undefined ? [] : [{ ref, sha }]
  })
  await view.prefetch(present.map(({ sha }) => sha))
  const entries = await Promise.all(present.map((claim) => readEntry(view, claim)))
  return entries.sort((a, b) => claimedAt(b) - claimedAt(a))
}

/**
 * Whether a list of the refs shows all that came before a slot: the slot itself, and the claim of each earlier slot.
 * A replica that lags lacks them, and so does a list that was taken while another workflow run was claiming.
 *
 * @param options.before the ref of a slot that this workflow run created
 * @param options.now milliseconds since the epoch: an old slot without a claim was left by a release
 */
export async function showsAllBefore(
  view: View,
  key: string,
  { before, now }: { before: string; now: number },
): Promise<boolean> {
  if (!view.refs.has(before)) return false
  const slots = slotsBefore(view, key, before)
  await view.prefetch(slots.map(({ sha }) => sha))
  const records = await Promise.all(slots.map(async ({ sha }) => await view.record(sha)))
  return records.every(
    (record) =>
      record === null ||
      !isFresh(record, now) ||
      view.refs.has(claimRef(key, record.revision, record.attempt)),
  )
}

/** When an attempt was claimed, in milliseconds since the epoch. */
export function claimedAt({ record }: Entry): number {
  return Date.parse(record.times.claimed)
}

/** The two attempts that a head is compared with: LIFE of a training, docs/ledger.md. */
export interface Bases {
  /** The newest that succeeded or is running. */
  readonly good: Entry | null
  /**
   * The newest that began, or may have, or was cancelled before: not one that was stopped because an older run went on.
   */
  readonly last: Entry | null
}

/**
 * Picks the bases. Only attempts at revisions that were head when they were claimed count: a revision that was asked
 * for by hand may be older than what is trained.
 *
 * @param attempts newest first
 * @param now milliseconds since the epoch
 */
export function basesOf(attempts: readonly Entry[], now: number): Bases {
  const atHead = attempts.filter(({ record }) => record.atHead)
  const isGood = ({ record }: Entry) => record.state === 'succeeded' || isActive(record, now)
  // A cancel is a wish that stands, also where the run was still queued.
  const counts = ({ record }: Entry) => record.began || !hasEnded(record) || record.state === 'cancelled'
  return {
    good: atHead.find(isGood) ?? null,
    last: atHead.find((entry) => counts(entry) && !entry.record.gaveWay) ?? null,
  }
}

/** Whether an attempt may be running, or its owner may still order it. */
export function isActive(record: LedgerRecord, now: number): boolean {
  return mayRun(record) || (record.state === 'claimed' && !isAbandoned(record, now))
}

/** A record of the ledger, as the reports show it. */
export function toPastRun({ record }: Entry): PastRun {
  const { revision, attempt, state, metrics, unmeasured, model, run, workflow, times, cost } = record
  const verdicts = { claimed: null, started: 'started', 'out-of-sight': 'started' } as const
  return {
    revision,
    attempt,
    verdict: state === 'claimed' || state === 'started' || state === 'out-of-sight' ? verdicts[state] : state,
    metrics: metrics ?? {},
    unmeasured: unmeasured ?? [],
    model: state === 'succeeded' ? model : null,
    modelVisibility: 'unknown',
    runUrl: run?.url ?? null,
    workflowUrl: workflow.url,
    cost,
    at: Date.parse(times.finished ?? times.started ?? times.claimed),
  }
}

/**
 * Adds up what the attempts since the last success cost.
 *
 * @param past newest first
 */
export function attemptsSince(past: readonly PastRun[]): AttemptsSince {
  const lastGood = past.findIndex(({ verdict }) => verdict === 'succeeded')
  const since = lastGood === -1 ? past : past.slice(0, lastGood)
  const known = since.flatMap(({ cost }) => (cost === null ? [] : [cost]))
  return {
    runs: since.length,
    cost: known.reduce((sum, cost) => sum + cost, 0),
    unknown: since.length - known.length,
    hasSuccess: lastGood !== -1,
  }
}

interface Slot {
  readonly ref: string
  readonly sha: string
  readonly date: string
  readonly n: number
}

/** By their names, since the list need not have the slot itself; null: all. */
function slotsBefore(view: View, key: string, before: string | null): Slot[] {
  const limit = before === null ? null : toSlot(key, before, '')
  return limit === null
    ? slotsNewestFirst(view, key)
    : slotsNewestFirst(view, key).filter((slot) => newerFirst(slot, limit) > 0)
}

function slotsNewestFirst(view: View, key: string): Slot[] {
  return allSlots(view, key).slice(0, maxAttempts)
}

function allSlots(view: View, key: string): Slot[] {
  return [...view.refs].flatMap(([ref, sha]) => toSlot(key, ref, sha) ?? []).sort(newerFirst)
}

function toSlot(key: string, ref: string, sha: string): Slot | null {
  const parsed = parseRef(key, ref)
  return parsed?.kind === 'day' ? { ref, sha, date: parsed.date, n: parsed.n } : null
}

function newerFirst(a: Slot, b: Slot): number {
  return b.date.localeCompare(a.date) || b.n - a.n
}

/** The object of a recipe's newest slot; null without any. */
export function newestSlot(view: View, key: string): string | null {
  return allSlots(view, key)[0]?.sha ?? null
}

/** Slots of days before the last sixty are removed, as long as they are not among the newest hundred. */
const keptDays = 60

/**
 * The slots that nothing needs any more, oldest first.
 *
 * @param now milliseconds since the epoch
 */
export function outdatedSlots(view: View, key: string, now: number): { ref: string; sha: string }[] {
  const oldest = new Date(now - keptDays * 86_400_000).toISOString().slice(0, 10)
  return allSlots(view, key)
    .slice(maxAttempts)
    .filter(({ date }) => date < oldest)
    .reverse()
}
