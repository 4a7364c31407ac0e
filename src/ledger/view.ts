import type { GitData } from '../github/git-data.ts'
import type { Clock } from '../http/clock.ts'
import { type Entry, UnreadableRecord } from './entry.ts'
import { type LedgerRecord, readRecord } from './record.ts'

/** Objects that GitHub gives in one GraphQL query. */
const batchSize = 100

/** Objects that are read one by one when GraphQL does not answer; more would use up the hourly limit. */
const maxSingleReads = 30

/** How long a replica may not show an object that a ref holds, and the time between two reads. */
const lagMs = 30_000
const lagPollMs = 3000

/** The refs of the ledger, listed once and kept up with this workflow run's own writes; objects are read once. */
export interface View {
  /** Every ref that was listed, and the object it holds. */
  readonly refs: Map<string, string>
  /** The messages of the objects that were read so far: objects never change. */
  readonly known: Map<string, string>
  /** The message of a tag object; null when it is none, also for a replica that is 30 s behind. */
  message(sha: string): Promise<string | null>
  /** The record that a tag object holds, parsed once; null when it holds none. */
  record(sha: string): Promise<LedgerRecord | null>
  /** Reads many objects at once, for `message` to find. */
  prefetch(shas: readonly string[]): Promise<void>
  /** Notes what this workflow run wrote. */
  wrote(ref: string, sha: string, message: string): void
}

/**
 * Lists refs.
 *
 * @param prefix of the refs' names
 * @param messages objects that are known already: they never change
 */
export async function openView(
  { git, clock }: { git: GitData; clock: Clock },
  prefix: string,
  messages: Map<string, string> = new Map(),
): Promise<View> {
  const refs = await git.listRefs(prefix)
  const records = new Map<string, LedgerRecord | null>()
  let singleReads = 0
  const readThroughLag = async (sha: string): Promise<string | null> => {
    const end = clock.now() + lagMs
    for (;;) {
      const message = await git.readTag(sha)
      if (message !== null || clock.now() >= end) return message
      await clock.sleep(lagPollMs)
    }
  }
  const read = async (sha: string): Promise<string | null> => {
    const known = messages.get(sha)
    if (known !== undefined) return known
    singleReads += 1
    if (singleReads > maxSingleReads)
      throw new Error('GitHub did not return the ledger records in one query.')
    const message = await readThroughLag(sha)
    if (message !== null) messages.set(sha, message)
    return message
  }
  return {
    refs,
    known: messages,
    message: read,
    async record(sha) {
      const known = records.get(sha)
      if (known !== undefined) return known
      const message = await read(sha)
      // An object that a replica does not show yet is asked for again.
      if (message === null) return null
      const record = readRecord(message)
      records.set(sha, record)
      return record
    },
    async prefetch(shas) {
      const missing = [...new Set(shas)].filter((sha) => !messages.has(sha))
      const batches = Array.from({ length: Math.ceil(missing.length / batchSize) }, (_, n) =>
        missing.slice(n * batchSize, (n + 1) * batchSize),
      )
      // Only saves requests: what a batch does not return is read one by one.
      const found = await Promise.all(
        batches.map((batch) => git.readTags(batch).catch(() => new Map<string, string>())),
      )
      for (const [sha, message] of found.flatMap((batch) => [...batch])) messages.set(sha, message)
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
 * @throws UnreadableRecord when it is no record, or GitHub does not show it within 30 s
 */
export async function readEntry(view: View, options: { ref: string; sha: string }): Promise<Entry> {
  const record = await view.record(options.sha)
  if (record === null) throw new UnreadableRecord(options.ref, { isShown: view.known.has(options.sha) })
  return { ...options, record, with: [] }
}
