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
  const known = new Map<string, Promise<HubHead | string>>()
  const dates = new Map<string, Promise<number | null>>()
  const keyOf = ({ dataset, ref }: Route) => JSON.stringify([dataset, ref])
  const repoOf = ({ dataset, ref }: Route) =>
    ({ type: 'dataset', name: dataset, branch: ref.replace(/^refs\/heads\//, '') }) as const
  return {
    head(route) {
      const key = keyOf(route)
      const repo = repoOf(route)
      const answer =
        known.get(key) ??
        heads.head(repo).catch((error: unknown) => explainHubFailure(error, { ...repo, hasHubToken }))
      known.set(key, answer)
      return answer
    },
    headDate(route) {
      const key = keyOf(route)
      // Without the date the head is dispatched all the same.
      const answer = dates.get(key) ?? heads.headDate(repoOf(route)).catch(() => null)
      dates.set(key, answer)
      return answer
    },
    models: createModelLook(options),
  }
}
