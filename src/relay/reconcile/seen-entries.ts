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
 * out, and so is what a recipe saw before it got the dataset's new name.
 *
 * @param options.names all names of the dataset, today's last: a recipe may have the one from before a rename, or the one
 *   after it
 * @returns the entries, or why they could not be read: one sentence or two
 */
export async function readSeenEntries(
  readTags: ReadTagsBelow,
  { route, names }: { route: Route; names: readonly string[] },
): Promise<readonly SeenEntry[] | string> {
  const { repository, ref } = route
  let entries: SeenEntry[] = []
  for (const dataset of new Set(names)) {
    const read = await readTags({ repository, prefix: await seenPrefixOf({ dataset, ref }) })
    if (read.outcome !== 'read') return read.reason
    const found = read.tags.flatMap(({ message, taggedAt }): SeenEntry[] => {
      const seen = readSeen(message)
      return seen === null ? [] : [{ seen, writtenAt: taggedAt }]
    })
    entries = [...entries.filter((entry) => !isLeftBehind(entry, found)), ...found]
  }
  return entries
}

/** A config with one recipe does not remove its entry under the old name, which would lag behind for ever. */
function isLeftBehind({ seen, writtenAt }: SeenEntry, underNewName: readonly SeenEntry[]): boolean {
  return underNewName.some(
    (other) =>
      other.seen.workflow === seen.workflow &&
      other.seen.config === seen.config &&
      other.seen.revision !== seen.revision &&
      (other.writtenAt ?? 0) > (writtenAt ?? 0),
  )
}
