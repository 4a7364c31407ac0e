import type { Seen } from '../../../src/event/seen.ts'
import type { Situation } from '../../../src/relay/reconcile/due.ts'
import type { SeenEntry } from '../../../src/relay/reconcile/seen-entries.ts'

export const second = 1000
export const minute = 60 * second
export const hour = 60 * minute
export const day = 24 * hour

export const head = 'b'.repeat(40)
export const before = 'a'.repeat(40)
export const start = Date.UTC(2026, 10, 2, 9, 20)

/** What a recipe saw: by default a success at the head, with nothing left to do. */
export function seenOf(change: Partial<Seen> = {}): Seen {
  return {
    revision: head,
    verdict: 'succeeded',
    reason: 'Trained.',
    again: null,
    wait: 0,
    workflow: 'acme/retrain/.github/workflows/retrain.yml@refs/heads/main',
    config: null,
    howItRuns: '0123456789abcdef',
    models: [],
    ...change,
  }
}

/** An entry that was written an hour before the start. */
export function entryOf(change: Partial<Seen> = {}, writtenAt: number | null = start - hour): SeenEntry {
  return { seen: seenOf(change), writtenAt }
}

/** A look, five minutes after the one before it, at a head that was committed at the start. */
export function situationAt(now: number, change: Partial<Situation> = {}): Situation {
  return {
    revision: head,
    committedAt: start,
    movedAfter: null,
    entries: [],
    moved: [],
    now,
    sinceLastMs: 5 * minute,
    ...change,
  }
}
