import type { Repository } from '../../sandbox/hub/git/repositories.ts'
import { resolveRevision } from '../../sandbox/hub/git/repositories.ts'
import type { SandboxHub } from '../../sandbox/hub/start.ts'
import { textAt } from '../oracle/publishing/whole.ts'
import type { PaidStart } from '../provider/books.ts'
import type { Random } from '../random.ts'
import type { Tally } from '../tally.ts'
import type { Timeline } from '../timeline.ts'
import { type Config, type Wish, wishes } from './recipes.ts'

const minute = 60_000
const hour = 60 * minute

/** How often a person commits right before the commit of a publication. */
const inBetween = 0.1

/** A commit of a person to a published model. */
export interface Meddling {
  readonly repository: Repository
  readonly sha: string
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly what: 'card' | 'file'
  /** For a card: what the person wrote. */
  readonly words: string
}

/** A published model that is not any more where it was published. */
interface Lost {
  /** `namespace/name` */
  readonly place: string
  readonly at: number
}

/** People who use the published models, and disturb them. */
export interface ModelUsers {
  readonly meddlings: readonly Meddling[]
  readonly lost: readonly Lost[]
  readonly acts: Readonly<Record<string, (luck: Random) => Promise<void>>>
  /** To be called for each request, before anything comes of it. */
  beforeRequest(request: Request): void
}

/** The recipes that publish. */
export const publishing: readonly Wish[] = wishes.filter(({ publishes }) => publishes !== undefined)

/**
 * @param options.starts what was ever paid for
 * @param options.publish runs the workflow with `publish-revision`
 * @param options.beforeMove called before a published model gets another name or is deleted
 */
export function createModelUsers(options: {
  hub: SandboxHub
  config: Config
  timeline: Timeline
  random: Random
  tally: Tally
  starts: () => readonly PaidStart[]
  publish: (name: string, wanted: string) => Promise<void>
  beforeMove: () => void
}): ModelUsers {
  const { hub, config, timeline, random, tally, starts, publish, beforeMove } = options
  const { clock } = timeline
  const meddlings: Meddling[] = []
  const lost: Lost[] = []
  let count = 0

  const placeOf = (name: string) => config.publishing.findLast(({ recipe }) => recipe === name)?.to ?? ''
  const find = (place: string) => hub.state.repositories.find('model', place)
  const later = (luck: Random, act: () => void) =>
    timeline.at(clock.now() + luck.between(30, 600) * minute, async () => act())

  const meddle = (place: string, what: Meddling['what']): void => {
    const repository = find(place)
    if (repository === undefined) return
    count += 1
    const words = `A person wrote note ${count}.`
    const readme = textAt(repository, resolveRevision(repository, 'main'), 'README.md')
    const files: Record<string, string> =
      what === 'card'
        ? { 'README.md': `${readme}\n${words}\n` }
        : { [count % 2 === 0 ? 'config.json' : `extra-${count}.txt`]: `of a person, ${count}` }
    const { sha } = hub.commit(place, { type: 'model', title: 'By a person', files })
    meddlings.push({ repository, sha, at: clock.now(), what, words })
  }
  /** Who changed a file writes over it some hours later, and the day after not any more. */
  const changeFile = (name: string, luck: Random): void => {
    meddle(placeOf(name), 'file')
    later(luck, () => {
      config.publish(name, { over: true })
      timeline.at(clock.now() + 24 * hour, async () => config.publish(name, { over: false }))
    })
  }
  const lose = (luck: Random, leave: (place: string, next: string) => void): void => {
    const { name, publishes } = luck.pick(publishing)
    const place = placeOf(name)
    if (find(place) === undefined) return
    beforeMove()
    count += 1
    const next = `${publishes?.to}-v${count}`
    leave(place, next)
    lost.push({ place, at: clock.now() })
    later(luck, () => config.publish(name, { to: next }))
  }

  return {
    meddlings,
    lost,
    acts: {
      'a person wrote in the card of a published model': async (luck) =>
        meddle(placeOf(luck.pick(publishing).name), 'card'),
      'a person changed a file of a published model': async (luck) =>
        changeFile(luck.pick(publishing).name, luck),
      'a published model was renamed': async (luck) =>
        lose(luck, (place, next) => hub.rename(place, next, 'model')),
      'a published model was deleted': async (luck) =>
        lose(luck, (place) => hub.state.repositories.delete(hub.repository(place, 'model'))),
      'a person published an earlier run': async (luck) => {
        const { name } = luck.pick(publishing)
        const good = starts().filter(
          ({ recipe, end, endsAt }) => recipe === name && end === 'succeeded' && endsAt < clock.now(),
        )
        const run = good.length === 0 ? undefined : luck.pick(good.slice(-12))
        if (run === undefined) return
        const { revision } = run
        const short = revision.slice(0, 7)
        await publish(name, luck.pick([short, short, revision, `data-${short}`]))
      },
    },
    beforeRequest({ method, url }) {
      if (method !== 'POST' || !url.endsWith('/commit/main')) return
      const wish = publishing.find(({ name }) => url.includes(`/api/models/${placeOf(name)}/`))
      const luck = random.fork(`commit ${++count}`)
      if (wish === undefined || !luck.chance(inBetween)) return
      tally.count('a person committed to a published model right before the action')
      if (luck.chance(0.1)) changeFile(wish.name, luck)
      else meddle(placeOf(wish.name), 'card')
    },
  }
}
