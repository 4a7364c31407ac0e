/** Matches a full commit id as git and the Hub write it: 40 hex digits (64 in a SHA-256 repository). */
export const revisionPattern = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/

/** The branch to watch by default. */
export const defaultRef = 'refs/heads/main'

/** The first seven digits of a commit id, as git abbreviates it. */
export function shortRevision(revision: string): string {
  return revision.slice(0, 7)
}
