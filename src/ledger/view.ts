import type { GitData } from '../github/git-data.ts'
import { type Entry, UnreadableRecord } from './entry.ts'
import { readRecord } from './record.ts'
import { ledgerPrefix } from './ref-names.ts'

/** A recipe's refs, listed once and kept up with this workflow run's own writes; objects are read once. */
export interface View {
  /**
   * Every ref whose name begins like the recipe's, and the object each holds; `parseRef` tells which are its
   * own.
   */
  readonly refs: Map<string, string>
  /** The message of a tag object; null when it is none. */
  message(sha: string): Promise<string | null>
  /** Reads many objects in one request, for `message` to find. */
  prefetch(shas: readonly string[]): Promise<void>
  /** Notes what this workflow run wrote. */
  wrote(ref: string, sha: string, message: string): void
}

/** Lists a recipe's refs. */
export async function openView(git: GitData, key: string): Promise<View> {
  const messages = new Map<string, string>()
  const refs = await git.listRefs(`${ledgerPrefix}${key}`)
  return {
    refs,
    async message(sha) {
      const message = messages.get(sha) ?? (await git.readTag(sha))
      if (message !== null) messages.set(sha, message)
      return message
    },
    async prefetch(shas) {
      const missing = [...new Set(shas)].filter((sha) => !messages.has(sha))
      if (missing.length < 2) return
      // Only saves requests: what it does not give, or all when it fails, is read one by one.
      const found = await git.readTags(missing).catch(() => new Map<string, string>())
      for (const [sha, message] of found) messages.set(sha, message)
    },
    wrote(ref, sha, message) {
      refs.set(ref, sha)
      messages.set(sha, message)
    },
  }
}

/**
 * Reads the record that an object holds.
 *
 * @param options.ref whose record it is
 * @throws UnreadableRecord when it holds none
 */
export async function readEntry(view: View, options: { ref: string; sha: string }): Promise<Entry> {
  const message = await view.message(options.sha)
  const record = message === null ? null : readRecord(message)
  if (record === null) throw new UnreadableRecord(options.ref)
  return { ...options, record, slot: null }
}
