import { isAbandoned } from './decide.ts'
import { type Entry, UnreadableRecord } from './entry.ts'
import { readRecord } from './record.ts'
import { claimRef, parseRef } from './ref-names.ts'
import { takeTurns } from './take-turns.ts'
import { readEntry, type View } from './view.ts'

/** How many slots are read for open records: the newest ones, and as many of the older ones in turns. */
const openWindow = { first: 20, others: 20 }

/** How many slots are searched for the base of a change. Without a base among them, every file counts as changed. */
const baseWindow = 100
const basePage = 20

/**
 * The entry of the latest attempt at a revision; null when there is none.
 *
 * @throws UnreadableRecord when its record cannot be read
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

/** The last runs of a recipe, newest first, without those that cannot be read. */
export async function lastEntries(view: View, key: string, count: number): Promise<Entry[]> {
  const found = await readSlots(view, key, slotsNewestFirst(view, key).slice(0, count))
  return found.entries
}

/**
 * The entries among the last slots that need to be closed: started runs, and claims whose owner died before it recorded a
 * run. Claims without a slot are left out: their owners died before they could start anything.
 *
 * @param options.turn an integer, 0 or more, that differs from one workflow run to the next
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
 * The newest entry whose run succeeded or is active: the revision that a change is compared with. Entries of revisions
 * that were not the head do not count, because they may be older than what is trained.
 *
 * @param options.before the ref of a slot: only earlier slots count
 * @throws UnreadableRecord when a record on the way cannot be read
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
  const isActive = verdict === 'started' || (verdict === null && !isAbandoned(record, now))
  return atHead && (isActive || verdict === 'succeeded')
}

interface Slot {
  readonly ref: string
  readonly sha: string
  readonly date: string
  readonly n: number
}

/**
 * Reads the claims of slots, newest first. A slot holds the claim's record as it was when the slot was taken, which names
 * the claim; the claim's ref holds the current record. Each kind is read for all slots at once.
 */
async function readSlots(view: View, key: string, slots: readonly Slot[]) {
  const entries: Entry[] = []
  let unreadable: UnreadableRecord | null = null
  await view.prefetch(slots.map(({ sha }) => sha))
  const claims = await Promise.all(slots.map((slot) => claimOfSlot(view, key, slot)))
  await view.prefetch(claims.flatMap(({ sha }) => sha ?? []))
  for (const { ref, sha } of claims) {
    // The claim was released, but its slot could not be deleted.
    if (sha === undefined) continue
    try {
      entries.push(await readEntry(view, { ref, sha }))
    } catch (error) {
      if (!(error instanceof UnreadableRecord)) throw error
      unreadable ??= error
    }
  }
  // A slot that was released may have been taken again by a later run of the day.
  entries.sort((a, b) => Date.parse(b.record.times.claimed) - Date.parse(a.record.times.claimed))
  return { entries, unreadable }
}

/** The claim of a slot, or the slot itself when its record cannot be read. */
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
