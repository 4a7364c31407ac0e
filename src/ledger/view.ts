import type { GitData } from '../github/git-data.ts'
import { type Entry, UnreadableRecord } from './entry.ts'
import { readRecord } from './record.ts'
import { ledgerPrefix } from './ref-names.ts'

/** A recipe's refs, listed once and updated by this workflow run's own writes. Each object is read once. */
export interface View {
  /** Every ref whose name begins with the recipe's prefix, and its object; `parseRef` selects the recipe's own. */
  readonly refs: Map<string, string>
  /** The message of a tag object; null when the object is not a tag. */
  message(sha: string): Promise<string | null>
  /** Reads many objects in one request, so that `message` has them. */
  prefetch(shas: readonly string[]): Promise<void>
  /** Adds a ref and its object that this workflow run wrote. */
  noteWrite(ref: string, sha: string, message: string): void
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
      // This only saves requests: missing objects, or all of them after a failure, are read one by one.
      const found = await git.readTags(missing).catch(() => new Map<string, string>())
      for (const [sha, message] of found) messages.set(sha, message)
    },
    noteWrite(ref, sha, message) {
      refs.set(ref, sha)
      messages.set(sha, message)
    },
  }
}

/**
 * Reads the record in a tag object.
 *
 * @param options.ref the ref of the record
 * @throws UnreadableRecord when the object holds no readable record
 */
export async function readEntry(view: View, options: { ref: string; sha: string }): Promise<Entry> {
  const message = await view.message(options.sha)
  const record = message === null ? null : readRecord(message)
  if (record === null) throw new UnreadableRecord(options.ref)
  return { ...options, record, slot: null }
}
