import { isHashedModel, readSeenModels, type SeenModel } from '../../event/watched-models.ts'
import { createMemory } from '../../http/remember.ts'
import type { HubHead, HubHeads } from '../../hub/heads.ts'
import type { MovedModel } from './due.ts'
import { explainHubFailure } from './hub-failure.ts'
import type { SeenEntry } from './seen-entries.ts'

/** What became of the models that recipes watch. */
interface WatchedModels {
  /** Those whose head some recipe did not see. */
  readonly models: MovedModel[]
  /** Why the Hub did not tell all heads: a sentence; null: it told them. */
  readonly failure: string | null
  /** Whether a recipe watches a private model that the route does not name, so that it cannot be asked for. */
  readonly isOneUnnamed: boolean
}

/** Looks for new commits of the models that recipes watch. */
export interface ModelLook {
  /**
   * @param entries of the recipes that saw the dataset's head
   * @param known the names of private models, which the entries only hash
   */
  moved(entries: readonly SeenEntry[], known: readonly string[]): Promise<WatchedModels>
}

/** Models of one route that are asked for; more are left out, so that no entry can use up the Hub's limits. */
const maxModels = 20

/** Each model is asked for once. */
export function createModelLook({
  heads,
  hasHubToken,
}: {
  heads: HubHeads
  hasHubToken: boolean
}): ModelLook {
  const once = createMemory(Number.POSITIVE_INFINITY)
  const repoOf = (name: string) => ({ type: 'model', name, branch: 'main' }) as const
  const ask = (name: string): Promise<HubHead | string> =>
    once(name, () =>
      heads
        .head(repoOf(name))
        .catch((error: unknown) => explainHubFailure(error, { ...repoOf(name), hasHubToken })),
    )
  return {
    async moved(entries, known) {
      const models = new Map<string, MovedModel>()
      const names = new Set<string>()
      let failure: string | null = null
      let isOneUnnamed = false
      for (const { seen, writtenAt } of entries) {
        const hashed = seen.models.filter(isHashedModel)
        isOneUnnamed ||= (await readModels(hashed, known)).length < Math.min(hashed.length, maxModels)
        for (const { name, head: seenHead } of await readModels(seen.models, known)) {
          if (names.size >= maxModels && !names.has(name)) continue
          names.add(name)
          const head = await ask(name)
          if (typeof head === 'string') failure ??= head
          else if (head.revision !== seenHead && !models.has(name)) {
            const committedAt = await heads.headDate(repoOf(name)).catch(() => null)
            models.set(name, { name, committedAt, movedAfter: writtenAt })
          }
        }
      }
      return { models: [...models.values()], failure, isOneUnnamed }
    },
  }
}

/** An entry can have any number of texts; hashing and reading them is left at the first ones. */
async function readModels(texts: readonly string[], known: readonly string[]): Promise<SeenModel[]> {
  return texts.length === 0 ? [] : readSeenModels(texts.slice(0, maxModels), known)
}
