import type { HubEvent } from '../event/payload.ts'
import type { Route } from './settings/routes.ts'
import { isOtherId, isSameId, isWatched } from './targets.ts'

/** Ids that are remembered: far more than a relay has datasets. */
const maxRemembered = 1000

/**
 * Creates the search for renamed datasets. A `move` event names the old and the new name; after one that was missed, the
 * dataset's id is known from its route or from events under the old name. Those are in memory only: a relay that has
 * just started knows none, and the action finds the rename by itself. Another dataset that took the old name of a route
 * with an id is said too.
 *
 * @returns a function that says what an event says about a rename, and what to change: one sentence; empty: nothing
 */
export function createRenameSearch({ routes }: { routes: readonly Route[] }) {
  const ofRoutes = new Map(routes.flatMap(({ id, dataset }) => (id === null ? [] : [[id, dataset] as const])))
  const names = new Map<string, string>()
  return (given: HubEvent): string => {
    const { event, repo, movedTo } = given
    const { type, id = '', name } = repo
    if (type !== 'dataset') return ''
    const other = routes.find((route) => isOtherId(route, given))
    if (other?.id != null) return otherDataset({ name, id, routeId: other.id })
    const known = names.get(id) ?? ofRoutes.get(id)
    const from = known ?? name
    const to = event.action === 'move' && movedTo !== undefined ? movedTo.name : name
    // The filter has a rule of its own for names that differ in upper and lower case only.
    const isRename =
      from.toLowerCase() !== to.toLowerCase() && (known !== undefined || isWatched(from, routes))
    if (id !== '' && (isRename || isWatched(name, routes))) {
      // Where the new name is watched too, one warning is enough.
      names.set(id, isRename && !isWatched(to, routes) ? from : to)
      if (names.size > maxRemembered) names.delete([...names.keys()][0] ?? '')
    }
    if (!isRename) return ''
    const isServed = routes.some((route) => isSameId(route, given))
    return renameAdvice({ from, to, isServed })
  }
}

/** What to do where a dataset has the name of a route, and another id: one sentence, without its full stop. */
export function otherDataset({ name, id, routeId }: { name: string; id: string; routeId: string }): string {
  return `${name} is the dataset ${id}, and its route in RELAY_ROUTES is for ${routeId}: correct the route's dataset or id`
}

/**
 * What to change after a rename.
 *
 * @param options.isServed whether the route has the dataset's id
 */
export function renameAdvice({
  from,
  to,
  isServed,
}: {
  from: string
  to: string
  isServed: boolean
}): string {
  return isServed
    ? `${from} is called ${to} now: its route goes on by the id; change input-dataset in the recipe, and dataset in RELAY_ROUTES`
    : `${from} is called ${to} now: change the recipe's input-dataset, then INPUT_DATASET or RELAY_ROUTES`
}
