import { formatDuration } from '../../domain/format.ts'
import { anyDataset, namesOne, type Route } from '../settings/routes.ts'

const maxRoutes = 10

/**
 * The first lines of the relay's output: where it listens, which commits it forwards where, and how often it reconciles.
 *
 * @returns one line for the address, one for each route, ten at most, and one for the reconciling
 */
export function startMessage(options: {
  url: string
  onAllAddresses: boolean
  routes: readonly Route[]
  reconcileEveryMs: number | null
}): string[] {
  const { url, onAllAddresses, routes, reconcileEveryMs } = options
  const more = routes.length - maxRoutes
  return [
    `The relay listens on ${url}${onAllAddresses ? ' and on all other addresses of this machine' : ''}`,
    ...routes.slice(0, maxRoutes).map(describeRoute),
    ...(more > 0 ? [`... and ${more} more routes`] : []),
    ...(reconcileEveryMs === null ? [] : [describeReconcile(routes, reconcileEveryMs)]),
  ]
}

function describeRoute({ dataset, ref, repository, eventType }: Route): string {
  const source = dataset === anyDataset ? 'any dataset' : dataset
  return `Commits on ${source} (${ref}) are sent to ${repository} as ${eventType}`
}

function describeReconcile(routes: readonly Route[], everyMs: number): string {
  const named = routes.filter(namesOne).length
  const others = routes.length - named
  return (
    `Every ${formatDuration(everyMs)} it asks the Hub for commits that no webhook reported` +
    (others === 0 ? '' : `, for ${named} of ${routes.length} routes: the others name no single dataset`)
  )
}
