import { anyDataset, type Route } from '../routes.ts'

const maxRoutes = 10

/**
 * The first lines of the relay's output: where it listens, and which commits it forwards where.
 *
 * @returns one line for the address and one for each route, ten at most
 */
export function startMessage(options: {
  url: string
  onAllAddresses: boolean
  routes: readonly Route[]
}): string[] {
  const { url, onAllAddresses, routes } = options
  const more = routes.length - maxRoutes
  return [
    `The relay listens on ${url}${onAllAddresses ? ' and on all other addresses of this machine' : ''}`,
    ...routes.slice(0, maxRoutes).map(describeRoute),
    ...(more > 0 ? [`... and ${more} more routes`] : []),
  ]
}

function describeRoute({ dataset, ref, repository, eventType }: Route): string {
  const source = dataset === anyDataset ? 'any dataset' : dataset
  return `Commits on ${source} (${ref}) are sent to ${repository} as ${eventType}`
}
