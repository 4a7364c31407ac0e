import { formatDuration } from '../../domain/text/format.ts'
import { anyDataset, namesOne, type Route } from '../settings/routes.ts'

const maxRoutes = 10

const hourMs = 3_600_000
const minuteMs = 60_000

/** https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api */
const requestsOfToken = 5000

/**
 * The first lines of the relay's output: where it listens, which commits it forwards where, and how often it reconciles.
 *
 * @returns one line for the address, one for each route, ten at most, one for the reconciling, and one where
 *   that takes more than half of the requests that GitHub allows a token
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
    ...(reconcileEveryMs === null
      ? []
      : [describeReconcile(routes, reconcileEveryMs), ...warnOfLimit(routes, reconcileEveryMs)]),
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

/** A dispatch of a webhook needs the same token: a reconcile that uses up its requests would hold up both. */
function warnOfLimit(routes: readonly Route[], everyMs: number): string[] {
  const named = routes.filter(namesOne).length
  const perHour = Math.round((named * hourMs) / everyMs)
  if (perHour <= requestsOfToken / 2) return []
  const leastMinutes = Math.ceil((named * hourMs) / (requestsOfToken / 2) / minuteMs)
  return [
    `Warning: that is ${perHour} requests an hour at least, and GitHub allows a token ${requestsOfToken}, which webhooks ` +
      `need too: set RECONCILE_EVERY to ${leastMinutes}m or more`,
  ]
}
