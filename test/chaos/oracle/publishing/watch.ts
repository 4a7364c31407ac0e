import { claims } from '../../../e2e/stage/ledger-records.ts'
import type { Repository } from '../../../sandbox/hub/git/repositories.ts'
import type { World } from '../../../sandbox/world.ts'
import { type ModelUsers, publishing } from '../../actors/model-users.ts'
import type { Config } from '../../actors/recipes.ts'
import type { RunReport } from '../../actors/workflows.ts'
import type { PaidStart } from '../../provider/books.ts'
import { recordOf, storeOf } from '../records.ts'
import { type CommitWatch, watchCommits } from './commits.ts'
import { judgeEnds } from './ends.ts'
import { toldByLedger } from './ledger-story.ts'

/** So long before the end a success had time to be published. */
const enoughMs = 5 * 3_600_000

/** What came of the publications. */
export interface PublishingFound {
  /** Successes that had to be published and are not. */
  readonly unpublished: readonly string[]
  /** Commits of a published model that are not the whole model of one run. */
  readonly mixed: readonly string[]
  /** Publications against the rules. */
  readonly wrong: readonly string[]
}

/** Watches the published models. */
export interface PublishingWatch {
  /** Looks at what is new at the Hub. */
  look(): void
  /** Notes how a run of the workflow ended. */
  ended(report: RunReport): void
  /** Judges the whole at the end. */
  finish(): PublishingFound
}

/** A wish of a person with `publish-revision`. */
export interface PublishRequest {
  readonly recipe: string
  readonly wanted: string
  readonly at: number
}

/**
 * @param options.requests what people asked for
 * @param options.count takes how each publication ended
 * @param options.now milliseconds since the epoch
 */
export function watchPublishing(options: {
  world: World
  config: Config
  starts: readonly PaidStart[]
  users: Pick<ModelUsers, 'meddlings' | 'lost'>
  requests: readonly PublishRequest[]
  count: (what: string) => void
  now: () => number
}): PublishingWatch {
  const { world, config, starts, users, requests, count, now } = options
  const { meddlings, lost } = users
  const store = storeOf(world)
  const found = { unpublished: [] as string[], mixed: [] as string[], wrong: [] as string[] }
  const watched = new Map<string, { repository: Repository; watch: CommitWatch }>()
  const answered: { recipe: string; revision: string; at: number }[] = []

  const isAskedFor = ({ recipe, revision }: PaidStart, by: number): boolean =>
    requests.some(
      ({ wanted, ...one }) =>
        one.recipe === recipe && one.at <= by && revision.startsWith(wanted.replace(/^data-/, '')),
    )
  const byId = (id: string) => starts[Number(id.slice('run-'.length)) - 1]
  const claimOf = (run: PaidStart) => {
    const record = recordOf(store, run)
    return record === null ? null : { at: Date.parse(record.times.claimed), isOlder: !record.atHead }
  }
  const facts = { byId, claimOf, meddlings, isAskedFor, settings: config.publishing }

  const find = (place: string) => world.hub.state.repositories.find('model', place)
  const placeOf = (name: string) => config.publishing.findLast(({ recipe }) => recipe === name)?.to ?? ''
  const look = (): void => {
    for (const { name, publishes } of publishing) {
      const repository = find(placeOf(name))
      if (repository === undefined) continue
      const key = repository.id
      if (!watched.has(key)) {
        const watch = watchCommits({
          ...{ repository, recipe: name, compares: publishes?.compares ?? false, facts },
          found: (kind, what) => found[kind].push(what),
        })
        watched.set(key, { repository, watch })
      }
      watched.get(key)?.watch.look()
    }
  }
  const finishOne = (name: string, compares: boolean): void => {
    const records = claims(world, name)
    const told = [...new Set(records.map(({ recipe }) => recipe))].flatMap((key) => toldByLedger(store, key))
    const { ends, unpublished, wrong } = judgeEnds({
      ...{ recipe: name, compares, told, records, starts, meddlings, lost, isAskedFor },
      repositories: [...watched.values()].map(({ repository }) => repository),
      settings: config.publishing,
      present: find(placeOf(name)),
      until: now() - enoughMs,
    })
    for (const end of ends) count(end)
    found.unpublished.push(...unpublished)
    found.wrong.push(...wrong)
    for (const { recipe, revision, at } of answered) {
      const isTrue = told.some(
        ({ begun, done }) =>
          begun.byHand &&
          begun.from.revision === revision &&
          done?.end === 'published' &&
          Date.parse(done.at) <= at,
      )
      if (recipe === name && !isTrue)
        found.wrong.push(`${name} ${revision.slice(0, 7)} was answered as published by hand, and is not`)
    }
  }
  return {
    look,
    ended({ isDead, outcomes }) {
      look()
      for (const { recipe, publication } of isDead ? [] : outcomes) {
        if (recipe === null || publication?.run == null) continue
        if (publication.end !== 'published' || !publication.byHand) continue
        answered.push({
          recipe: recipe.autotrainProjectPrefix,
          revision: publication.run.revision,
          at: now(),
        })
      }
    },
    finish() {
      look()
      for (const { name, publishes } of publishing) finishOne(name, publishes?.compares ?? false)
      return found
    },
  }
}
