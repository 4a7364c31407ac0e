import { retrain } from '../../src/action/retrain.ts'
import { openRunLog } from '../../src/action/run-log.ts'
import type { Collaborators } from '../../src/action/work.ts'
import { openEnvelope } from '../../src/event/envelope.ts'
import type { HubEvent } from '../../src/event/payload.ts'
import { defaultPolicy, withPolicy } from '../../src/http/exchange.ts'
import { createNodeSend } from '../../src/http/node-fetch.ts'
import { createHub } from '../../src/hub/hub.ts'
import { openLedger } from '../../src/ledger/ledger.ts'
import type { Recipe } from '../../src/recipe/recipe.ts'
import type { Trainer } from '../../src/trainers/trainer.ts'
import { names, type World } from '../sandbox/world.ts'
import { type DeathPoint, type Life, mortalLedger, mortalTrainer } from './mortal.ts'
import type { Random } from './random.ts'
import type { Tally } from './tally.ts'
import type { Timeline } from './timeline.ts'

/** What makes a check fail on purpose, to see that it can. */
export type Sabotage = 'claim' | 'schedule' | null

interface WorkflowRun {
  readonly id: string
  readonly attempt: number
  readonly event: HubEvent | null
  readonly delivery: string | null
}

const minute = 60_000
const deaths: readonly DeathPoint[] = ['before claim', 'after claim', 'after start']

/**
 * Runs the action's story, in process, for what wakes it; its ledger, Hub and event are the real ones of the
 * sandbox, its provider is the simulation's.
 */
export function createWorkflows(options: {
  world: World
  timeline: Timeline
  random: Random
  tally: Tally
  recipes: readonly Recipe[]
  trainer: Trainer
  sabotage: Sabotage
}) {
  const { world, timeline, random, tally, recipes, trainer, sabotage } = options
  const { clock } = timeline
  const token = world.github.issueToken(names.repository, { contents: 'write', metadata: 'read' })
  const commit = world.github.repositories[0]?.headSha ?? ''
  let count = 0

  const run = async (which: WorkflowRun): Promise<void> => {
    const life: Life = { diesAt: random.chance(0.1) ? random.pick(deaths) : null, dead: false }
    if (random.chance(0.08)) spoilGitHub()
    if (random.chance(0.04)) spoilHub()
    const tools = collaborators(which, life)
    const request = { event: which.event, revision: null, dryRun: false, force: false }
    const runLog = openRunLog({ log: tools.log, startGroup: () => {}, endGroup: () => {} })
    await retrain(recipes, request, tools, runLog)
    if (!life.dead) return
    tally.count(`the action was killed ${life.diesAt}`)
    if (random.chance(0.3)) {
      tally.count('a person re-ran the jobs')
      timeline.at(clock.now() + random.between(1, 15) * minute, () =>
        run({ ...which, attempt: which.attempt + 1 }),
      )
    }
  }

  const collaborators = (which: WorkflowRun, life: Life): Collaborators => {
    const http = withPolicy({ send: createNodeSend(), policy: defaultPolicy, clock })
    const hub = createHub({ url: world.hub.url, token: names.hubToken, http, platformFetch: fetch, clock })
    const ledger = openLedger({
      repository: names.repository,
      token,
      apiUrl: world.github.url,
      commit,
      platformFetch: fetch,
      clock,
      randomBytes: random.bytes,
    })
    const mortal = mortalTrainer(trainer, life)
    const url = `https://github.example/runs/${which.id}`
    return {
      hub,
      ledger: mortalLedger(ledger, life, { everyClaimSucceeds: sabotage === 'claim' }),
      trainers: { autotrain: mortal, 'autotrain-classic': mortal, job: mortal, command: mortal },
      ownNamespaces: async () => [],
      pending: { add: () => {}, remove: () => {} },
      workflow: { runId: which.id, runAttempt: which.attempt, url },
      report: {
        trigger: which.event === null ? 'schedule' : 'dispatch',
        delivery: which.delivery,
        workflowUrl: url,
        repositoryVisibility: 'public',
        hubUrl: world.hub.url,
      },
      clock,
      log: {
        info: () => {},
        debug: () => {},
        notice: () => {},
        warning: () => {},
        group: (_title, work) => work(),
      },
      signal: new AbortController().signal,
    }
  }

  const spoilGitHub = (): void => {
    const path = /\/git\//
    const kind = random.pick(['5xx', '5xx after the work', 'reset after the work', 'reset'] as const)
    tally.count(`the ledger's request: ${kind}`)
    const applied = kind.endsWith('after the work')
    const how = kind.startsWith('reset') ? { reset: true } : { status: 502 }
    world.github.fault({
      method: random.pick(['POST', 'PATCH', 'GET']),
      path,
      times: random.between(1, 2),
      applied,
      ...how,
    })
  }

  const spoilHub = (): void => {
    tally.count("the Hub's answer: 5xx")
    world.hub.fault({ path: /\/(tree|revision)\//, times: random.between(1, 5), status: 500 })
  }

  const begin = (event: HubEvent | null, delivery: string | null): Promise<void> => {
    count += 1
    return run({ id: String(count), attempt: 1, event, delivery })
  }

  return {
    /** What GitHub does with an accepted dispatch: sooner or later a run, or two. */
    dispatched(payload: unknown): void {
      const start = async () => {
        // The relay is a real process, so its envelopes carry real time.
        const options = {
          secrets: [names.webhookSecret],
          now: Date.now(),
          maxAge: null,
          allowPlainSecret: false,
        }
        const { event, id } = await openEnvelope(payload, options)
        await begin(event, id)
      }
      const at = clock.now() + (random.chance(0.5) ? 0 : random.between(0, 3) * minute)
      timeline.at(at, start)
      if (random.chance(0.08)) {
        tally.count('two workflows in the same second')
        timeline.at(at, start)
      }
    },
    scheduled: (): Promise<void> => begin(null, null),
  }
}
