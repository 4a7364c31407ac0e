import type { PaidStart } from '../../provider/books.ts'

/** What was published under a name so far. */
export interface Standing {
  /** What is published, and the commit that people load. */
  now: { readonly run: PaidStart; readonly commit: string } | null
  /** When the newest run that ever was published was claimed, in milliseconds since the epoch. */
  newestClaim: number
  /** The ids of the runs that were published without a person. */
  readonly byItself: Set<string>
}

/** Nothing was published yet. */
export function nothingPublished(): Standing {
  return { now: null, newestClaim: Number.NEGATIVE_INFINITY, byItself: new Set() }
}

/** Notes that a run was published. */
export function notePublished(
  standing: Standing,
  published: { run: PaidStart; commit: string; claimedAt: number; byHand: boolean },
): void {
  const { run, commit, claimedAt, byHand } = published
  standing.now = { run, commit }
  standing.newestClaim = Math.max(standing.newestClaim, claimedAt)
  if (!byHand) standing.byItself.add(run.id)
}

/**
 * Why a run must not be published without a person: the rules in plain words, from what the provider knows.
 *
 * @returns null: it may be, and must be
 */
export function forbids(
  { now, newestClaim, byItself }: Standing,
  { run, claimedAt, compares }: { run: PaidStart; claimedAt: number; compares: boolean },
): 'published before' | 'superseded' | 'not better' | null {
  if (byItself.has(run.id)) return 'published before'
  if (claimedAt < newestClaim) return 'superseded'
  return !compares || isBetter(run, now) ? null : 'not better'
}

function isBetter(run: PaidStart, now: Standing['now']): boolean {
  const accuracy = run.leaves?.metrics.eval_accuracy
  if (accuracy === undefined) return false
  if (now === null) return true
  const measured = run.leaves?.measured?.commit === now.commit ? run.leaves.metrics : undefined
  const baseline = measured?.published_eval_accuracy ?? now.run.leaves?.metrics.eval_accuracy
  return baseline === undefined || accuracy > baseline
}
