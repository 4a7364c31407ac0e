import { branchName } from '../../domain/revision.ts'
import { createMemory } from '../../http/remember.ts'
import type { HubHead, HubHeads } from '../../hub/heads.ts'
import type { Route } from '../settings/routes.ts'
import { explainHubFailure } from './hub-failure.ts'
import { createModelLook, type ModelLook } from './models.ts'

/** What one reconcile asks the Hub: once for all routes. */
export interface HubQuestions {
  /** The head of a route's branch, or why the Hub did not tell it: a sentence. */
  head(route: Route): Promise<HubHead | string>
  /** When it was committed, in milliseconds since the epoch; null where the Hub does not say. */
  headDate(route: Route): Promise<number | null>
  readonly models: ModelLook
}

/** Creates the questions of one reconcile. */
export function createHubQuestions(options: { heads: HubHeads; hasHubToken: boolean }): HubQuestions {
  const { heads, hasHubToken } = options
  // One reconcile has as many questions as it has routes, and no more.
  const once = createMemory(Number.POSITIVE_INFINITY)
  const repoOf = ({ dataset, ref }: Route) =>
    ({ type: 'dataset', name: dataset, branch: branchName(ref) }) as const
  return {
    head(route) {
      const repo = repoOf(route)
      return once(JSON.stringify(['head', repo]), () =>
        heads.head(repo).catch((error: unknown) => explainHubFailure(error, { ...repo, hasHubToken })),
      )
    },
    headDate(route) {
      const repo = repoOf(route)
      // Without the date the head is dispatched all the same.
      return once(JSON.stringify(['date', repo]), () => heads.headDate(repo).catch(() => null))
    },
    models: createModelLook(options),
  }
}
