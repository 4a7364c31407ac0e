import { openLedger } from '../../src/ledger/ledger.ts'
import { recipeKey } from '../../src/recipe/recipe-key.ts'
import { names, startWorld, type World } from '../sandbox/world.ts'
import { startPostman } from './actors/postman.ts'
import { createProvider } from './actors/provider.ts'
import { datasets, recipeName, simulatedRecipes, wishes } from './actors/recipes.ts'
import { planUsers } from './actors/users.ts'
import { createWorkflows, type Sabotage } from './actors/workflows.ts'
import { spoilRelease } from './faults.ts'
import { historyOf, type Judgement, judge } from './oracle.ts'
import { createRandom } from './random.ts'
import { createTally } from './tally.ts'
import { createTimeline, type Timeline } from './timeline.ts'

const hour = 3_600_000
const month = 30 * 24 * hour

/** What came of a simulation. */
export interface SimulationResult extends Judgement {
  readonly seed: number
  /** Commits to main of any dataset. */
  readonly commits: number
  /** What happened, and what went wrong on purpose, by kind. */
  readonly counts: Readonly<Record<string, number>>
  /** Starts that the provider was paid for. */
  readonly paid: number
  /** Runs that the ledger knows. */
  readonly inLedger: number
}

/**
 * Simulates a month: people commit, the post is bad, machines die, and the action has to keep up. The same seed
 * gives the same month; only the relay, a process of its own, may answer in another order.
 *
 * @param options.events how many things people do; fewer than 1,000 make a shorter month
 * @param options.onDay called at the end of each simulated day
 * @param options.tell told how each run of the action ended for each recipe
 */
export async function simulate(options: {
  seed: number
  events: number
  sabotage: Sabotage
  tell?: (line: string) => void
  onDay?: (day: number) => void
}): Promise<SimulationResult> {
  const { seed, events, sabotage, tell = () => {}, onDay = () => {} } = options
  const random = createRandom(seed)
  const tally = createTally()
  const start = Date.UTC(2026, 0, 1)
  const timeline = createTimeline(start)
  const { clock } = timeline
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
  const startRelay = () => world.startRelay({ INPUT_DATASET: datasets.join(',') })
  const postman = await startPostman({ world, startRelay, timeline, random: random.fork('post'), tally })
  try {
    const recipes = simulatedRecipes()
    const onRefusal = () => random.chance(0.3) && spoilRelease(world)
    const books = random.fork('provider')
    const provider = createProvider({ random: books, clock, tally, recipeOf: recipeName, onRefusal })
    const { trainer, starts } = provider
    const luck = random.fork('workflows')
    const workflows = createWorkflows({
      world,
      timeline,
      random: luck,
      tally,
      recipes,
      trainer,
      sabotage,
      tell,
    })
    world.github.onDispatch(({ clientPayload }) => workflows.dispatched(clientPayload))
    prepareHub(world, postman.url)

    const end = start + Math.max(24 * hour, (month * Math.min(events, 1000)) / 1000)
    const people = random.fork('people')
    planUsers({ hub: world.hub, timeline, random: people, tally, events, from: start, to: end })
    every(hour, timeline, { from: start, to: end + 8 * hour }, async () => {
      forgetRequests(world)
      postman.forget()
      const days = (clock.now() - start) / (24 * hour)
      if (Number.isInteger(days)) onDay(days)
    })
    if (sabotage !== 'schedule')
      every(hour, timeline, { from: start, to: end + 8 * hour }, workflows.scheduled)
    await timeline.runUntil(end + 10 * hour)

    const { requests } = workflows
    const commits = datasets.reduce((sum, dataset) => sum + historyOf(world.hub, dataset).length, 0)
    return {
      seed,
      commits,
      counts: tally.counts,
      paid: starts.length,
      inLedger: await runsInLedger(world, timeline),
      ...judge({ hub: world.hub, wanted: wishes, starts, requests, until: clock.now() }),
    }
  } finally {
    await postman.close()
    await world.close()
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

/** A month's requests would fill the memory. */
function forgetRequests({ github, hub }: World): void {
  github.requests.length = 0
  github.dispatches.length = 0
  hub.requests.length = 0
}

async function runsInLedger(world: World, { clock }: Timeline): Promise<number> {
  const ledger = openLedger({
    repository: names.repository,
    token: world.github.issueToken(names.repository, { contents: 'read', metadata: 'read' }),
    apiUrl: world.github.url,
    commit: '',
    platformFetch: fetch,
    clock,
    randomBytes: () => new Uint8Array(),
  })
  let runs = 0
  for (const recipe of simulatedRecipes()) {
    const entries = await (await ledger.recipe(recipeKey(recipe))).history(Number.MAX_SAFE_INTEGER)
    runs += entries.filter(({ record }) => record.run !== null).length
  }
  return runs
}
