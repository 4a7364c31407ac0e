import type { PublishedRun } from '../../domain/publication.ts'
import { isRerunOf, takeOverAfterMs } from '../decide.ts'
import type { PublicationEntry } from './publication-record.ts'

/** How often a publication is tried before it is held. */
export const maxTries = 3

/** The publications of a recipe, oldest first. Pure: made from what the ledger held when it was read. */
export interface PublicationLog {
  readonly entries: readonly PublicationEntry[]
  /** The number of the next one. */
  readonly next: number
}

/** What a publication of the ledger put under the stable name; null where it put nothing. */
export function publishedBy({ n, begun, done }: PublicationEntry): PublishedRun | null {
  if (done === null || done.end !== 'published' || done.commit === null) return null
  const { revision, attempt, model, commit, metrics } = begun.from
  if (commit === null) return null
  return {
    n,
    revision,
    attempt,
    runModel: model,
    runCommit: commit,
    commit: done.commit,
    tag: done.tag,
    metrics,
    byHand: begun.byHand,
    at: Date.parse(done.at),
  }
}

/**
 * The newest publication under a name that put something there: what is published.
 *
 * @param to `namespace/name`
 */
export function newestPublished({ entries }: PublicationLog, to: string): PublicationEntry | null {
  return ofPlace(entries, to).findLast((entry) => publishedBy(entry) !== null) ?? null
}

/** The newest run that one workflow run, or a run of it again, published under a name; null: it published none there. */
export function newestPublishedIn(
  { entries }: PublicationLog,
  to: string,
  { runId }: { readonly runId: string },
): PublishedRun | null {
  const own = ofPlace(entries, to).filter(({ done }) => done?.workflow.runId === runId)
  return own.map(publishedBy).findLast((run) => run !== null) ?? null
}

/** What was under a name before a publication; null: nothing. */
export function publishedBefore({ entries }: PublicationLog, to: string, n: number): PublishedRun | null {
  const before = ofPlace(entries, to).filter((entry) => entry.n < n)
  return before.map(publishedBy).findLast((run) => run !== null) ?? null
}

/**
 * When the newest run that was ever published under a name was claimed, in milliseconds since the epoch, even if it was
 * rolled back since; null: none was.
 */
export function newestClaim({ entries }: PublicationLog, to: string): number | null {
  const claims = ofPlace(entries, to)
    .filter((entry) => publishedBy(entry) !== null)
    .map(({ begun }) => Date.parse(begun.from.claimed))
  return claims.length === 0 ? null : Math.max(...claims)
}

/** The publication that has begun and not ended; null: there is none. There is one at most: its ref is the lock. */
export function openPublication({ entries }: PublicationLog): PublicationEntry | null {
  return entries.find(({ done }) => done === null) ?? null
}

/** The newest publication of an attempt that its own workflow run, or a check, made; null: none was begun. */
export function publicationOf({ entries }: PublicationLog, nonce: string): PublicationEntry | null {
  return entries.findLast(({ begun }) => begun.from.nonce === nonce && !begun.byHand) ?? null
}

/**
 * Whether a publication without an end may be taken over: it is 10 minutes old and older than its owner said, or its
 * workflow run runs again, and its owner is gone.
 */
export function isLeft(
  { begun }: PublicationEntry,
  { workflow, now }: { workflow: { readonly runId: string; readonly runAttempt: number }; now: number },
): boolean {
  const aliveUntil = Math.max(Date.parse(begun.at) + takeOverAfterMs, Date.parse(begun.until ?? begun.at))
  return now >= aliveUntil || isRerunOf({ last: begun, workflow })
}

function ofPlace(entries: readonly PublicationEntry[], to: string): PublicationEntry[] {
  return entries.filter(({ begun }) => begun.to.toLowerCase() === to.toLowerCase())
}
