import { type FilterResult, filterEvent } from '../event/filter.ts'
import type { HubEvent } from '../event/payload.ts'
import { anyDataset, type Route } from './settings/routes.ts'

/** One dispatch to send for an event. */
export interface Target extends Route {
  readonly revision: string
}

/**
 * Finds the targets of an event.
 *
 * @returns each target once, even when several routes lead to it; `rule` says why there are none
 */
export function findTargets(event: HubEvent, routes: readonly Route[]): { targets: Target[]; rule: string } {
  const targets = new Map<string, Target>()
  const rules: string[] = []
  const candidates = routes.filter(
    (route) => isSameId(route, event) || matches(route.dataset, event.repo.name, 'i'),
  )
  for (const route of candidates.length > 0 ? candidates : routes.slice(0, 1)) {
    const result = applyFilter(event, route)
    rules.push(result.rule)
    if (!result.passed) continue
    const key = [route.repository.toLowerCase(), route.eventType, route.ref].join(' ')
    targets.set(key, { ...route, revision: result.revision })
  }
  return { targets: [...targets.values()], rule: rules[0] ?? '' }
}

/** Whether an event is about the dataset that a route names by its id, whatever it is called today. */
export function isSameId({ id }: Pick<Route, 'id'>, { repo }: HubEvent): boolean {
  return id !== null && id === repo.id
}

/** Whether a route watches a dataset of this name. */
export function isWatched(name: string, routes: readonly Route[]): boolean {
  return routes.some(({ dataset }) => matches(dataset, name, ''))
}

/** Whether an event is about a dataset that has the name of a route, and another id. */
export function isOtherId({ dataset, id }: Pick<Route, 'dataset' | 'id'>, { repo }: HubEvent): boolean {
  return id !== null && repo.id !== undefined && id !== repo.id && dataset === repo.name
}

/** The dataset is passed to the filter only when it does not match, so that the filter gives the reason. */
function applyFilter(event: HubEvent, route: Route): FilterResult {
  const { dataset, ref } = route
  if (isOtherId(route, event)) return { passed: false, rule: 'the dataset has another id than its route' }
  const isOurs = matches(dataset, event.repo.name, '') || isSameId(route, event)
  return filterEvent(event, isOurs ? { ref } : { dataset, ref })
}

function matches(pattern: string, name: string, flags: '' | 'i'): boolean {
  if (pattern === anyDataset) return true
  const source = pattern.replaceAll('.', '\\.').replaceAll('*', '[^/]*')
  return new RegExp(`^${source}$`, flags).test(name)
}
