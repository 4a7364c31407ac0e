import * as z from 'zod/mini'
import { readSeen, seenPrefixOf } from '../../../src/event/seen.ts'
import { gitStore } from '../../sandbox/github/git-store.ts'
import { names, type World } from '../../sandbox/world.ts'

/** Looks for dispatches of the reconciler that cost a workflow run and had nothing to do. */
export interface IdleWatch {
  /** To be called for each dispatch, before anything runs by it. */
  dispatched(payload: unknown): Promise<void>
  readonly idle: readonly string[]
}

const payloadSchema = z.object({ dataset: z.string(), sha: z.string(), id: z.string() })

/**
 * Watches the dispatches: a head that each recipe of its dataset had seen, and that none of them had asked to see again
 * by then, needed none.
 *
 * @param options.recipesOf what the config calls a dataset that the Hub calls so, and how many recipes it has for it
 * @param options.now milliseconds since the epoch
 */
export function watchIdle(options: {
  world: World
  recipesOf: (dataset: string) => { readonly name: string; readonly recipes: number }
  now: () => number
}): IdleWatch {
  const { world, recipesOf, now } = options
  const idle: string[] = []
  return {
    idle,
    async dispatched(payload) {
      const read = payloadSchema.safeParse(payload)
      if (!read.success || !read.data.id.startsWith('rec_')) return
      const { dataset, sha } = read.data
      const { name, recipes } = recipesOf(dataset)
      const entries = await entriesOf(world, [...new Set([name, dataset])])
      const atRest = entries.filter(
        ({ revision, again }) => revision === sha && (again === null || Date.parse(again) > now()),
      )
      if (atRest.length < recipes || atRest.length < entries.length) return
      idle.push(`${dataset} ${sha.slice(0, 7)} ${new Date(now()).toISOString()}`)
    },
  }
}

/** What the recipes of a dataset saw, from the repository itself. */
async function entriesOf(world: World, datasets: readonly string[]) {
  const repository = world.github.repositories.find(({ name }) => name === names.repository)
  if (repository === undefined) return []
  const { refs, tags } = gitStore(repository)
  const prefixes = await Promise.all(
    datasets.map((dataset) => seenPrefixOf({ dataset, ref: 'refs/heads/main' })),
  )
  return [...refs].flatMap(([ref, sha]) => {
    const isOurs = prefixes.some((prefix) => ref.startsWith(prefix))
    return isOurs ? (readSeen(tags.get(sha)?.message ?? null) ?? []) : []
  })
}
