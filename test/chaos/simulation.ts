import { openLedger } from '../../src/ledger/ledger.ts'
import { recipeKey } from '../../src/ledger/recipe-key.ts'
import { names, startWorld, type World } from '../sandbox/world.ts'
import { type Judgement, judge } from './oracle.ts'
import { startPostman } from './postman.ts'
import { createProvider } from './provider.ts'
import { createRandom } from './random.ts'
import { datasets, recipeName, simulatedRecipes } from './recipes.ts'
import { createTally } from './tally.ts'
import { createTimeline, type Timeline } from './timeline.ts'
import { planUsers } from './users.ts'
import { createWorkflows, type Sabotage } from './workflows.ts'

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
 * Simulates a month: people commit, the post is bad, machines die, and the action has to keep up.
 *
 * @param options.events how many things people do; fewer than 1,000 make a shorter month
 */
export async function simulate(options: {
  seed: number
  events: number
  sabotage: Sabotage
}): Promise<SimulationResult> {
  const { seed, events, sabotage } = options
  const random = createRandom(seed)
  const tally = createTally()
  const start = Date.UTC(2026, 0, 1)
  const timeline = createTimeline(start)
  const world = await startWorld({
    now: timeline.clock.now,
    runner: { ownWorkflows: false },
    hub: {
      retryDelaysMs: [],
      now: () => new Date(timeline.clock.now()),
      quotas: { api: 1e9, resolvers: 1e9 },
    },
  })
  const postman = await startPostman({ world, startRelay: () => startRelay(world), timeline, random, tally })
  try {
    const recipes = simulatedRecipes()
    const provider = createProvider({
      random,
      now: timeline.clock.now,
      recipeOf: ({ recipe }) => recipeName(recipe),
    })
    const { trainer, starts } = provider
    const workflows = createWorkflows({ world, timeline, random, tally, recipes, trainer, sabotage })
    world.github.onDispatch(({ clientPayload }) => workflows.dispatched(clientPayload))
    prepareHub(world, postman.url)

    const end = start + Math.max(24 * hour, (month * Math.min(events, 1000)) / 1000)
    const afterwards = () => world.hub.settled()
    const commits = planUsers({
      hub: world.hub,
      timeline,
      random,
      tally,
      events,
      from: start,
      to: end,
      afterwards,
    })
    if (sabotage !== 'schedule')
      planSchedule(timeline, { from: start, to: end + 8 * hour, run: workflows.scheduled })
    await timeline.runUntil(end + 9 * hour)

    return {
      seed,
      commits: commits.length,
      counts: tally.counts,
      paid: starts.length,
      inLedger: await runsInLedger(world, timeline),
      ...judge({ hub: world.hub, recipes, commits, starts }),
    }
  } finally {
    await postman.close()
    await world.close()
  }
}

function startRelay(world: World) {
  return world.startRelay({ INPUT_DATASET: datasets.join(',') })
}

function prepareHub({ hub }: World, postmanUrl: string): void {
  for (const dataset of datasets) {
    if (dataset !== names.dataset) hub.createDataset({ name: dataset })
    hub.webhook({ url: postmanUrl, secret: names.webhookSecret, watched: [dataset] })
  }
}

function planSchedule(
  timeline: Timeline,
  options: { from: number; to: number; run: () => Promise<void> },
): void {
  const { from, to, run } = options
  for (let time = from + hour; time <= to; time += hour) timeline.at(time, run)
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
