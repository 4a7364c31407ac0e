import { readSeenModels } from '../../event/watched-models.ts'
import type { HubHead, HubHeads } from '../../hub/heads.ts'
import type { MovedModel } from './due.ts'
import { explainHubFailure } from './hub-failure.ts'
import type { SeenEntry } from './seen-entries.ts'

/** Looks for new commits of the models that recipes watch. */
export interface ModelLook {
  /**
   * @param known the names of private models, which the entries only hash
   * @returns the models whose head no recipe saw, and what the Hub did not tell: a phrase; null: everything was told
   */
  moved(
    entries: readonly SeenEntry[],
    known: readonly string[],
  ): Promise<{ models: MovedModel[]; failure: string | null }>
}

/** Models that one look asks for; more are left out, so that no entry can use up the Hub's limits. */
const maxModels = 50

/** Each model is asked for once. */
export function createModelLook({
  heads,
  hasHubToken,
}: {
  heads: HubHeads
  hasHubToken: boolean
}): ModelLook {
  const asked = new Map<string, Promise<HubHead | string>>()
  const repoOf = (name: string) => ({ type: 'model', name, branch: 'main' }) as const
  const ask = (name: string): Promise<HubHead | string> => {
    const answer =
      asked.get(name) ??
      heads
        .head(repoOf(name))
        .catch((error: unknown) => explainHubFailure(error, { ...repoOf(name), hasHubToken }))
    asked.set(name, answer)
    return answer
  }
  return {
    async moved(entries, known) {
      const texts = entries.flatMap(({ seen }) => seen.models)
      const watched = texts.length === 0 ? [] : await readSeenModels(texts, known)
      const models = new Map<string, MovedModel>()
      let failure: string | null = null
      for (const { name, head: seen } of watched) {
        if (models.has(name) || (asked.size >= maxModels && !asked.has(name))) continue
        const head = await ask(name)
        if (typeof head === 'string') failure ??= head
        else if (head.revision !== seen) {
          const committedAt = await heads.headDate(repoOf(name)).catch(() => null)
          models.set(name, { name, committedAt })
        }
      }
      return { models: [...models.values()], failure }
    },
  }
}
