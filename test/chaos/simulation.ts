import { createHash } from 'node:crypto'
import { claims } from '../e2e/stage/ledger-records.ts'
import { names, startWorld, type World } from '../sandbox/world.ts'
import { createModelUsers, publishing } from './actors/model-users.ts'
import { startPostman } from './actors/postman.ts'
import { type Config, createConfig, datasets, wishes } from './actors/recipes.ts'
import { startMortalRelay } from './actors/relay.ts'
import { type Ground, planUsers } from './actors/users.ts'
import { createWires } from './actors/wires.ts'
import { createWorkflows } from './actors/workflows.ts'
import { type Sabotage, sabotageWorld } from './faults/sabotage.ts'
import { breakGitHub, spoilPublishing, spoilRelease } from './faults/spoil.ts'
import { createHeadLog } from './oracle/history.ts'
import { watchIdle } from './oracle/idle.ts'
import { type DeadClaim, type Judgement, judge } from './oracle/judge.ts'
import { watchOrphans } from './oracle/orphans.ts'
import { type PublishingFound, watchPublishing } from './oracle/publishing/watch.ts'
import { watchStuck } from './oracle/stuck.ts'
import type { PaidStart } from './provider/books.ts'
import { createProvider, type Provider } from './provider/provider.ts'
import { pushModel } from './provider/run-model.ts'
import { createRandom, type Random } from './random.ts'
import { createTally } from './tally.ts'
import { createTimeline, type Timeline } from './timeline.ts'

const hour = 3_600_000
const quarter = hour / 4
const day = 24 * hour

/** People do so many things a day. */
const eventsPerDay = 33

/** How a simulation ended. */
export interface SimulationResult extends Judgement, PublishingFound {
  /** Runs that were alive while no open record knew them. */
  readonly orphaned: readonly string[]
  /** Heads that stayed untrained without a reason that says so. */
  readonly stuck: readonly string[]
  /** Dispatches of the reconciler for heads that had a verdict and nothing due. */
  readonly idle: readonly string[]
  /** Commits to main of any dataset. */
  readonly commits: number
  /** What happened, and what went wrong on purpose, by kind. */
  readonly counts: Readonly<Record<string, number>>
  /** Starts that the provider was paid for. */
  readonly paid: number
  /** Those of them that the ledger has a record of. */
  readonly inLedger: number
}

/** What finds the commits that no webhook reported: GitHub's schedule each hour, or the relay each quarter. */
export type ClockKind = 'schedule' | 'reconcile'

/**
 * Simulates some days: people commit, the post is bad, machines die, and the action has to keep up. The same seed gives
 * the same days.
 *
 * @param options.events how many things people do; more take more days
 * @param options.tell told how each run of the action ended for each recipe
 */
export async function simulate(options: {
  seed: number
  events: number
  sabotage: Sabotage | null
  clockKind?: ClockKind
  tell?: (line: string) => void
}): Promise<SimulationResult> {
  const { seed, events, sabotage, clockKind = 'schedule', tell = () => {} } = options
  const random = createRandom(seed)
  const tally = createTally()
  const start = Date.UTC(2026, 0, 1)
  const timeline = createTimeline(start)
  const { clock } = timeline
  const restore = takePlatform(timeline, random.fork('platform'))
  const world = await startWorld({
    now: clock.now,
    runner: { ownWorkflows: false },
    hub: {
      retryDelaysMs: [],
      now: () => new Date(clock.now()),
      randomBytes: random.fork('hub').bytes,
      quotas: { api: 1e9, resolvers: 1e9 },
      triggersPerDay: 1e9,
    },
  })
  sabotageWorld(world, sabotage)
  let beforeRequest = (_request: Request): void => {}
  const wires = createWires([world.hub, world.github, world.hub.storage], (request) => beforeRequest(request))
  const config = createConfig(clock.now)
  const postLuck = random.fork('post')
  const startRelay = () =>
    startMortalRelay({
      world,
      wires,
      timeline,
      random: postLuck,
      datasets: datasets.map(config.nameOf),
      sabotage,
    })
  const postman = await startPostman({ world, startRelay, timeline, random: postLuck, tally })
  try {
    const provider = createProvider({
      random: random.fork('provider'),
      clock,
      tally,
      onRefusal: () => random.chance(0.3) && spoilRelease(world),
      onFollowed: (id) => {
        const luck = random.fork(`followed ${id}`)
        spoilPublishing({ world, timeline, tally, random: luck.fork('publishing') })
        if (!luck.chance(0.1)) return
        tally.count('GitHub was down when a training ended')
        breakGitHub({ world, timeline, random: luck })
      },
      push: (model) => pushModel(world.hub, model),
    })
    const { starts } = provider
    let told = 0
    const heads = createHeadLog(world.hub, clock.now)
    const orphans = watchOrphans({ world, starts, now: clock.now })
    const isOlder = ({ recipe, revision, at }: PaidStart) =>
      workflows.olderRequests.some(
        (one) => one.recipe === recipe && one.revision === revision && one.at <= at && at <= one.at + hour,
      )
    const stuck = watchStuck({
      ...{ wishes, heads: heads.of, starts, isOlder, edits: config.edits },
      now: clock.now,
    })
    const workflows = createWorkflows({
      world,
      wires,
      timeline,
      random: random.fork('workflows'),
      tally,
      config,
      provider,
      sabotage,
      onEnd(report) {
        const { which, isDead, outcomes, leftovers } = report
        orphans.ended(leftovers)
        orphans.look()
        stuck.ended(report)
        published.ended(report)
        for (const { verdict, reason, recipe, revision, run } of outcomes) {
          if (verdict !== 'skipped' && !isDead) tally.count(`verdict: ${verdict}`)
          const when = new Date(clock.now()).toISOString()
          const name = `${which.trigger} ${which.id}.${which.attempt} ${recipe?.autotrainProjectPrefix}`
          const end = isDead ? 'ended by force' : `${verdict}: ${reason}`
          tell(`${when} ${name} ${revision?.slice(0, 7)} ${run?.id ?? '-'} ${end}`)
        }
      },
    })
    const users = createModelUsers({
      ...{ hub: world.hub, config, timeline, random: random.fork('model users'), tally },
      starts: () => starts,
      publish: workflows.publish,
      beforeMove: () => published.look(),
    })
    beforeRequest = users.beforeRequest
    const published = watchPublishing({
      ...{ world, config, starts, users, requests: workflows.publishRequests },
      count: tally.count,
      now: clock.now,
    })
    const idle = watchIdle({ world, recipesOf: config.recipesOf, now: clock.now })
    world.github.onDispatch(({ clientPayload }) => {
      void idle.dispatched(clientPayload)
      workflows.dispatched(clientPayload)
    })
    const people = random.fork('people')
    const restartRelay = () => postman.restartRelay()
    const ground = createGround({ world, timeline, random: people, heads, config, restartRelay, tell })
    prepareHub(world, postman.url)
    for (const dataset of datasets) heads.note(dataset, dataset)

    const end = start + Math.max(day, (events / eventsPerDay) * day)
    planUsers({
      hub: world.hub,
      timeline,
      random: people,
      tally,
      ground,
      others: {
        'a person pressed Run': () => workflows.pressed(false),
        'a person pressed Run, with force': () => workflows.pressed(true),
        'a person edited a recipe': async (luck) => config.edit(luck.pick(wishes).name),
        ...users.acts,
        'a person trained on an older revision': async (luck) => {
          const { name, dataset } = luck.pick(publishing)
          const older = heads.of(dataset).slice(-6, -1)
          if (older.length > 0) await workflows.trainOlder(name, luck.pick(older).sha)
        },
        'credits used up': async () => provider.useUpCredits(),
        'hardware used up': async () => provider.useUpHardware(),
      },
      events,
      from: start,
      to: end,
    })
    every(hour, timeline, { from: start, to: end + 8 * hour }, async () => {
      forgetRequests(world)
      postman.forget()
      orphans.look()
      for (const one of starts.slice(told)) tell(describeStart(one))
      told = starts.length
      fixFailed({ config, provider, random: people })
    })
    const span = { from: start, to: end + 8 * hour }
    if (sabotage !== 'schedule' && sabotage !== 'reconcile') {
      if (clockKind === 'schedule') every(hour, timeline, span, workflows.scheduled)
      else every(quarter, timeline, span, () => postman.reconcile(random.fork(`reconcile ${clock.now()}`)))
    }
    await timeline.runUntil(end + 10 * hour)

    const { requests } = workflows
    const asked = { requests, edits: config.edits }
    return {
      commits: datasets.reduce((sum, dataset) => sum + heads.of(dataset).length, 0),
      counts: tally.counts,
      paid: starts.length,
      inLedger: orphans.inLedger(),
      orphaned: orphans.orphaned,
      stuck: stuck.stuck,
      idle: idle.idle,
      ...published.finish(),
      ...judge({
        heads: heads.of,
        wanted: wishes,
        starts: starts.filter((start) => !isOlder(start)),
        asked,
        deadClaims: deadClaimsOf(world, starts),
        until: clock.now(),
      }),
    }
  } finally {
    restore()
    await postman.close()
    await world.close()
  }
}

/** The claims that no order followed, by the ledger: their owners died. */
function deadClaimsOf(world: World, starts: readonly PaidStart[]): DeadClaim[] {
  const ordered = new Set(starts.map(({ nonce }) => nonce))
  return wishes.flatMap(({ name }) =>
    claims(world, name)
      .filter(({ nonce }) => !ordered.has(nonce))
      .map(({ revision, times }) => ({ recipe: name, revision, at: Date.parse(times.claimed) })),
  )
}

/** A start as a line of the story: what the action cannot see. */
function describeStart({
  id,
  recipe,
  revision,
  key,
  at,
  listedAt,
  hidden,
  endsAt,
  end,
  cause,
}: PaidStart): string {
  const time = (ms: number) => (Number.isFinite(ms) ? new Date(ms).toISOString().slice(11, 19) : 'never')
  const sight = hidden === null ? '' : `, hidden ${time(hidden.from)} to ${time(hidden.to)}`
  const listed = `listed ${time(listedAt)}${sight}`
  const ending = `${end}${cause === null ? '' : ` (${cause})`} ${time(endsAt)}`
  return `${new Date(at).toISOString()} paid ${id} ${recipe} ${revision.slice(0, 7)} ${key}, ${listed}, ${ending}`
}

/** People who see that a training failed fix the recipe, some hours later. */
function fixFailed({ config, provider, random }: { config: Config; provider: Provider; random: Random }) {
  for (const { name } of wishes) {
    const last = provider.starts.findLast(({ recipe }) => recipe === name)
    const isEdited = config.edits.some(({ recipe, at }) => recipe === name && at > (last?.at ?? 0))
    if (last?.cause === 'training' && !isEdited && random.chance(0.2)) config.edit(name)
  }
}

/** The datasets by the names that they have at the beginning; people follow a rename some hours later. */
function createGround(options: {
  world: World
  timeline: Timeline
  random: Random
  heads: ReturnType<typeof createHeadLog>
  config: Config
  restartRelay: () => void
  tell: (line: string) => void
}): Ground {
  const { world, timeline, random, heads, config, restartRelay, tell } = options
  const { clock } = timeline
  const present = new Map<string, string>()
  let renames = 0
  const nameOf = (dataset: string) => present.get(dataset) ?? dataset
  return {
    nameOf,
    changed(dataset) {
      heads.note(dataset, nameOf(dataset))
      const head = heads.of(dataset).at(-1)
      if (head?.at === clock.now())
        tell(`${new Date(clock.now()).toISOString()} head ${dataset} ${head.sha.slice(0, 7)}`)
    },
    rename(dataset) {
      renames += 1
      const name = `${dataset}-v${renames}`
      world.hub.rename(nameOf(dataset), name)
      present.set(dataset, name)
      tell(`${new Date(clock.now()).toISOString()} renamed ${dataset} to ${name}`)
      const luck = random.fork(`rename ${renames}`)
      timeline.at(clock.now() + luck.between(10, 1800) * 60_000, async () => {
        config.rename(dataset, nameOf(dataset))
        tell(`${new Date(clock.now()).toISOString()} the config follows: ${dataset} is ${nameOf(dataset)}`)
        restartRelay()
      })
    },
  }
}

function prepareHub({ hub }: World, postmanUrl: string): void {
  for (const dataset of datasets) {
    if (dataset !== names.dataset) hub.createDataset({ name: dataset })
    hub.webhook({ url: postmanUrl, secret: names.webhookSecret, watched: [dataset] })
  }
}

function every(
  interval: number,
  timeline: Timeline,
  { from, to }: { from: number; to: number },
  work: () => Promise<void>,
): void {
  timeline.at(from + interval, async () => {
    if (timeline.clock.now() + interval <= to) every(interval, timeline, { from: from + interval, to }, work)
    await work()
  })
}

/** The requests of many days would fill the memory. */
function forgetRequests({ github, hub }: World): void {
  github.requests.length = 0
  github.dispatches.length = 0
  hub.requests.length = 0
}

/**
 * Takes what the platform would do at random, or on other threads for which simulated time has to wait.
 *
 * @returns a function that gives it back
 */
function takePlatform({ hold }: Timeline, random: Random): () => void {
  const { subtle } = globalThis.crypto
  const original = Object.getPrototypeOf(subtle)
  const { random: platformRandom } = Math
  const names = ['digest', 'sign', 'verify', 'importKey', 'generateKey'] as const
  // Every check hashes a name, for which a thread is slow.
  const digest = async (_algorithm: unknown, data: Uint8Array) =>
    Uint8Array.from(createHash('sha256').update(data).digest()).buffer
  for (const name of names) {
    const call: (...given: unknown[]) => Promise<unknown> = original[name]
    const value = (...given: unknown[]) => hold(call.apply(subtle, given))
    Object.defineProperty(subtle, name, { configurable: true, value })
  }
  Object.defineProperty(subtle, 'digest', { configurable: true, value: digest })
  Math.random = random.next
  return () => {
    for (const name of names) Reflect.deleteProperty(subtle, name)
    Math.random = platformRandom
  }
}
