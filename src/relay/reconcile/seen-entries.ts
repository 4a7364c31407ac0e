import { readSeen, type Seen, seenPrefixOf } from '../../event/seen.ts'
import type { ReadTagsBelow } from '../../github/tags.ts'
import type { Route } from '../settings/routes.ts'

/** What a recipe saw at the head of its dataset, and when it was written. */
export interface SeenEntry {
  readonly seen: Seen
  /** Milliseconds since the epoch; null where GitHub does not say. */
  readonly writtenAt: number | null
}

/**
 * Reads what the recipes of a route's repository saw. What a newer version of the action wrote in another form is left
 * out.
 *
 * @param options.names all names of the dataset: a recipe may have the one from before a rename, or the one after it
 * @returns the entries, or why they could not be read: one sentence or two
 */
export async function readSeenEntries(
  readTags: ReadTagsBelow,
  { route, names }: { route: Route; names: readonly string[] },
): Promise<readonly SeenEntry[] | string> {
  const { repository, ref } = route
  const entries: SeenEntry[] = []
  for (const dataset of new Set(names)) {
    const read = await readTags({ repository, prefix: await seenPrefixOf({ dataset, ref }) })
    if (read.outcome !== 'read') return read.reason
    for (const { message, taggedAt } of read.tags) {
      const seen = readSeen(message)
      if (seen !== null) entries.push({ seen, writtenAt: taggedAt })
    }
  }
  return entries
}
