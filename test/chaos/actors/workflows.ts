import type { Recipe } from '../../../src/domain/recipe.ts'
import type { Trainer } from '../../../src/domain/training.ts'
import { openEnvelope } from '../../../src/event/open-envelope.ts'
import type { HubEvent } from '../../../src/event/payload.ts'
import { openRunLog } from '../../../src/run/log/run-log.ts'
import { retrain } from '../../../src/run/retrain.ts'
import { names, type World } from '../../sandbox/world.ts'
import { spoil } from '../faults.ts'
import type { Random } from '../random.ts'
import type { Tally } from '../tally.ts'
import type { Timeline } from '../timeline.ts'
import { createCollaborators, type WorkflowRun } from './collaborators.ts'
import { drawLife } from './mortal.ts'

/** What makes a check fail on purpose, to see that it can. */
export type Sabotage = 'claim' | 'schedule' | null

interface WokenRun extends WorkflowRun {
  readonly event: HubEvent | null
}

const minute = 60_000

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
  /** Told how each run of the action ended for each recipe. */
  tell: (line: string) => void
}) {
  const { world, timeline, random, tally, recipes, sabotage, tell } = options
  const { clock } = timeline
  const token = world.github.issueToken(names.repository, { contents: 'write', metadata: 'read' })
  const requests: number[] = []
  let count = 0

  const run = async (which: WokenRun): Promise<void> => {
    const luck = random.fork(`run ${which.id} ${which.attempt}`)
    const life = drawLife(luck)
    const faults = spoil({ world, random: luck, tally })
    const tools = createCollaborators({
      ...options,
      which,
      token,
      life,
      random: luck,
      everyClaimSucceeds: sabotage === 'claim',
    })
    const request = { event: which.event, revision: null, dryRun: false, force: false }
    const runLog = openRunLog({ log: tools.log, startGroup: () => {}, endGroup: () => {} })
    const outcomes = await retrain(recipes, request, tools, runLog)
    for (const fault of faults) fault.lift()
    for (const { verdict, reason, recipe, revision } of outcomes) {
      if (verdict !== 'skipped' && !life.dead) tally.count(`verdict: ${verdict}`)
      const end = life.dead ? `killed ${life.diesAt}` : `${verdict}: ${reason}`
      const when = new Date(clock.now()).toISOString()
      tell(
        `${when} run ${which.id}.${which.attempt} ${recipe?.autotrainProjectPrefix} ${revision?.slice(0, 7)} ${end}`,
      )
    }
    if (life.dead) tally.count(`the action was killed ${life.diesAt}`)
    if (!luck.chance(life.dead ? 0.3 : 0.03)) return
    timeline.at(clock.now() + luck.between(1, 90) * minute, async () => {
      tally.count('a person re-ran the jobs')
      requests.push(clock.now())
      await run({ ...which, attempt: which.attempt + 1 })
    })
  }

  const begin = (event: HubEvent | null, delivery: string | null): Promise<void> => {
    count += 1
    return run({ id: String(count), attempt: 1, event, delivery })
  }

  return {
    /** When a person ran jobs again. */
    requests,
    /** What GitHub does with an accepted dispatch: sooner or later a run. */
    dispatched(payload: unknown): void {
      const start = async () => {
        // The relay is a real process, so its envelopes carry real time.
        const { event, id } = await openEnvelope(payload, {
          secrets: [names.webhookSecret],
          now: Date.now(),
          maxAgeMs: null,
          allowPlainSecret: false,
        })
        await begin(event, id)
      }
      count += 1
      const luck = random.fork(`dispatch ${count}`)
      const at = clock.now() + (luck.chance(0.5) ? 0 : luck.between(0, 3 * minute))
      timeline.at(at, start)
      if (!luck.chance(0.08)) return
      tally.count('two workflows in the same second')
      timeline.at(at + luck.between(0, 900), start)
    },
    scheduled: (): Promise<void> => begin(null, null),
  }
}
