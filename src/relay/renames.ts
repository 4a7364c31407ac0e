import type { HubEvent } from '../event/payload.ts'

/** Ids that are remembered: far more than a relay has datasets. */
const maxRemembered = 1000

/**
 * Creates the search for renamed datasets. A `move` event names the old and the new name; after one that was missed, the
 * dataset's id is known from events under the old name. The ids are in memory only: a relay that has just started knows
 * none, and the action finds the rename by itself.
 *
 * @param options.isWatched whether a route watches a dataset of this name
 * @returns a function that says what an event says about a rename, and what to change: one sentence; empty: nothing
 */
export function createRenameSearch({ isWatched }: { isWatched: (name: string) => boolean }) {
  const names = new Map<string, string>()
  return ({ event, repo, movedTo }: HubEvent): string => {
    const { type, id = '', name } = repo
    if (type !== 'dataset') return ''
    const from = names.get(id) ?? name
    const to = event.action === 'move' && movedTo !== undefined ? movedTo.name : name
    // The filter has a rule of its own for names that differ in upper and lower case only.
    const isRename = from.toLowerCase() !== to.toLowerCase() && (names.has(id) || isWatched(from))
    if (id !== '' && (isRename || isWatched(name))) {
      // Where the new name is watched too, one warning is enough.
      names.set(id, isRename && !isWatched(to) ? from : to)
      if (names.size > maxRemembered) names.delete([...names.keys()][0] ?? '')
    }
    return isRename
      ? `${from} is called ${to} now: change INPUT_DATASET or RELAY_ROUTES, and the recipe's input-dataset`
      : ''
  }
}
