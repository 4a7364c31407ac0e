import { isAbandoned } from './decide.ts'
import { type Entry, UnreadableRecord } from './entry.ts'
import { readRecord } from './record.ts'
import { claimRef, parseRef } from './ref-names.ts'
import { takeTurns } from './take-turns.ts'
import { readEntry, type View } from './view.ts'

/** How many slots are looked at for runs that are still open: the newest, and in turn as many of the older ones. */
const openWindow = { first: 20, others: 20 }

/** How many slots are looked at for the base of a change: beyond, everything counts as changed. */
const baseWindow = 100
const basePage = 20

/**
 * The record of the highest attempt at a revision; null when there is none.
 *
 * @throws UnreadableRecord when there is something, and it cannot be read
 */
export async function latestEntry(view: View, key: string, revision: string): Promise<Entry | null> {
  const attempts = [...view.refs.keys()].flatMap((ref) => {
    const parsed = parseRef(key, ref)
    return parsed?.kind === 'claim' && parsed.revision === revision ? [parsed.attempt] : []
  })
  if (attempts.length === 0) return null
  const ref = claimRef(key, revision, Math.max(...attempts))
  return readEntry(view, { ref, sha: view.refs.get(ref) ?? '' })
}

/** The last runs of a recipe, newest first; what cannot be read is left out. */
export async function lastEntries(view: View, key: string, count: number): Promise<Entry[]> {
  const found = await readSlots(view, key, slotsNewestFirst(view, key).slice(0, count))
  return found.entries
}

/**
 * The records among the last slots that ask to be closed: runs that were started and not seen to end, and
 * claims whose owner went away before it recorded a run. A claim without a slot is not among them: it was
 * left before anything could be started.
 *
 * @param options.turn a whole number that differs from turn to turn
 */
export async function openEntries(
  view: View,
  key: string,
  { now, turn }: { now: number; turn: number },
): Promise<Entry[]> {
  const slots = takeTurns(slotsNewestFirst(view, key), { ...openWindow, turn })
  const { entries } = await readSlots(view, key, slots)
  return entries.filter(({ record }) => record.verdict === 'started' || isAbandoned(record, now))
}

/**
 * The newest record whose run succeeded or is still going: the revision that a change is measured from.
 * Records of revisions that were not head when they were asked for do not count: they may be older than what
 * is trained.
 *
 * @param options.before the ref of a slot: only those that come before it count
 * @throws UnreadableRecord when one stands in the way that cannot be read
 */
export async function baseEntry(
  view: View,
  key: string,
  options: { now: number; before?: string | null },
): Promise<Entry | null> {
  const { now, before = null } = options
  const all = slotsNewestFirst(view, key)
  const earlier = before === null ? all : all.slice(all.findIndex(({ ref }) => ref === before) + 1)
  const slots = earlier.slice(0, baseWindow)
  for (let from = 0; from < slots.length; from += basePage) {
    const { entries, unreadable } = await readSlots(view, key, slots.slice(from, from + basePage))
    if (unreadable !== null) throw unreadable
    const base = entries.find((entry) => isBase(entry, now))
    if (base !== undefined) return base
  }
  return null
}

function isBase({ record }: Entry, now: number): boolean {
  const { verdict, atHead } = record
  const going = verdict === 'started' || (verdict === null && !isAbandoned(record, now))
  return atHead && (going || verdict === 'succeeded')
}

interface Slot {
  readonly ref: string
  readonly sha: string
  readonly date: string
  readonly n: number
}

/**
 * A slot holds the claim's record as it was when the slot was taken, which names the claim; the claim's ref
 * holds the record as it is now. Both are read for all slots at once.
 */
async function readSlots(view: View, key: string, slots: readonly Slot[]) {
  const entries: Entry[] = []
  let unreadable: UnreadableRecord | null = null
  await view.prefetch(slots.map(({ sha }) => sha))
  const claims = await Promise.all(slots.map((slot) => claimOfSlot(view, key, slot)))
  await view.prefetch(claims.flatMap(({ sha }) => sha ?? []))
  for (const { ref, sha } of claims) {
    // A claim that is gone was released, and its slot outlived it.
    if (sha === undefined) continue
    try {
      entries.push(await readEntry(view, { ref, sha }))
    } catch (error) {
      if (!(error instanceof UnreadableRecord)) throw error
      unreadable ??= error
    }
  }
  // A slot that was given back may have been taken again by a later run of the day.
  entries.sort((a, b) => Date.parse(b.record.times.claimed) - Date.parse(a.record.times.claimed))
  return { entries, unreadable }
}

/** The claim that took a slot, or the slot itself when what it holds names none. */
async function claimOfSlot(view: View, key: string, slot: Slot): Promise<{ ref: string; sha?: string }> {
  const record = readRecord((await view.message(slot.sha)) ?? '')
  if (record === null) return slot
  const ref = claimRef(key, record.revision, record.attempt)
  const sha = view.refs.get(ref)
  return sha === undefined ? { ref } : { ref, sha }
}

function slotsNewestFirst(view: View, key: string): Slot[] {
  return [...view.refs]
    .flatMap(([ref, sha]) => {
      const parsed = parseRef(key, ref)
      return parsed?.kind === 'day' ? [{ ref, sha, date: parsed.date, n: parsed.n }] : []
    })
    .sort((a, b) => b.date.localeCompare(a.date) || b.n - a.n)
}
