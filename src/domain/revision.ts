/** Matches a full commit id as git and the Hub write it: 40 hex digits (64 in a SHA-256 repository). */
export const revisionPattern = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/

/** Matches `namespace/name` of a repository of the Hub; old canonical ones have no namespace. */
export const repoNamePattern = /^(?:[\w.-]{1,96}\/)?[\w.-]{1,96}$/

/** The branch to watch by default. */
export const defaultRef = 'refs/heads/main'

/** Git's and GitHub's limit for a ref, in bytes of UTF-8. */
const maxRefBytes = 1000

const branchPattern = /^refs\/heads\/[^\s\p{C}~^:?*[\\]+$/u

/**
 * Whether a text is a branch as a full ref, in any script. https://git-scm.com/docs/git-check-ref-format
 */
export function isBranchRef(text: string): boolean {
  if (!branchPattern.test(text) || new TextEncoder().encode(text).length > maxRefBytes) return false
  return !/\/\/|\.\.|@\{|\/\.|\/$|\.$|\.lock$/.test(text)
}

/** The name of a branch, without `refs/heads/`. */
export function branchName(ref: string): string {
  return ref.replace(/^refs\/heads\//, '')
}

/** Whether a text may name a commit of the Hub: a full sha, a branch or a tag, in any script. */
export function mayNameCommit(text: string): boolean {
  return /^[\p{L}\p{M}\p{N}_./+-]{1,200}$/u.test(text)
}

/** The first seven digits of a commit id, as git abbreviates it. */
export function shortRevision(revision: string): string {
  return revision.slice(0, 7)
}
