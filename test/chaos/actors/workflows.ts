import type { Outcome } from '../../../src/domain/outcome.ts'
import type { Recipe } from '../../../src/domain/recipe.ts'
import { openEnvelope } from '../../../src/event/open-envelope.ts'
import type { HubEvent } from '../../../src/event/payload.ts'
import { isReconcile } from '../../../src/event/reconcile.ts'
import { readPending } from '../../../src/run/close/pending.ts'
import { openRunLog } from '../../../src/run/log/run-log.ts'
import { retrain } from '../../../src/run/retrain.ts'
import { names, type World } from '../../sandbox/world.ts'
import type { Sabotage } from '../faults/sabotage.ts'
import { breakGitHub, spoil } from '../faults/spoil.ts'
import type { Provider } from '../provider/provider.ts'
import type { Random } from '../random.ts'
import type { Tally } from '../tally.ts'
import type { Timeline } from '../timeline.ts'
import { createCollaborators, type WorkflowRun } from './collaborators.ts'
import { endJob, type Leftover } from './end-of-job.ts'
import { drawLife, immortal, type Life } from './mortal.ts'
import type { Config } from './recipes.ts'
import type { Wires } from './wires.ts'

/** A person's wish: Run workflow or Re-run jobs. */
interface PersonRequest {
  readonly at: number
  readonly force: boolean
}

/** How a run of the workflow ended. */
export interface RunReport {
  readonly which: WorkflowRun
  readonly beganAt: number
  readonly isForced: boolean
  /** Whether the step was ended by force, so that its verdicts reached nobody. */
  readonly isDead: boolean
  readonly outcomes: readonly Outcome[]
  /** What the end of the job left. */
  readonly leftovers: readonly Leftover[]
}

interface Triggered extends WorkflowRun {
  readonly event: HubEvent | null
  readonly recipes: readonly Recipe[]
  readonly isForced: boolean
}

interface Options {
  world: World
  wires: Wires
  timeline: Timeline
  random: Random
  tally: Tally
  config: Config
  provider: Provider
  sabotage: Sabotage | null
  onEnd: (report: RunReport) => void
}

const minute = 60_000
const killedAfterMs = 10_000

/**
 * Runs the action's story, in process, for what starts it; its ledger, Hub and event are the real ones of the sandbox,
 * its provider is the simulation's.
 */
export function createWorkflows(options: Options) {
  const { timeline, random, tally, config } = options
  const { clock } = timeline
  const requests: PersonRequest[] = []
  let count = 0

  const run = async (which: Triggered): Promise<void> => {
    const luck = random.fork(`run ${which.id} ${which.attempt}`)
    const life = drawLife(luck)
    spoil({ ...options, random: luck })
    await runJob(options, { which, life, luck })
    if (life.dead) tally.count(`the action was ended by force ${life.diesAt}`)
    if (!luck.chance(life.dead ? 0.3 : 0.03)) return
    timeline.at(clock.now() + luck.between(1, 90) * minute, async () => {
      tally.count('a person re-ran the jobs')
      requests.push({ at: clock.now(), force: which.isForced })
      await run({ ...which, attempt: which.attempt + 1 })
    })
  }

  const begin = (given: Pick<Triggered, 'event' | 'delivery' | 'trigger' | 'isForced'>): Promise<void> => {
    count += 1
    return run({ ...given, id: String(count), attempt: 1, recipes: config.recipes() })
  }

  return {
    /** When people pressed Run or Re-run. */
    requests,
    /** What GitHub does with an accepted dispatch: sooner or later a run. */
    dispatched(payload: unknown): void {
      const start = async () => {
        const { event, id } = await openEnvelope(payload, {
          secrets: [names.webhookSecret],
          now: clock.now(),
          maxAgeMs: null,
          allowPlainSecret: false,
        })
        const trigger = isReconcile(event) ? 'reconcile' : 'dispatch'
        tally.count(trigger === 'reconcile' ? 'a workflow by a reconcile' : 'a workflow by a webhook')
        await begin({ event, delivery: id, trigger, isForced: false })
      }
      count += 1
      const luck = random.fork(`dispatch ${count}`)
      const at = clock.now() + (luck.chance(0.5) ? 0 : luck.between(0, 3 * minute))
      timeline.at(at, start)
      if (!luck.chance(0.08)) return
      tally.count('two workflows in the same second')
      timeline.at(at + luck.between(0, 900), start)
    },
    scheduled: (): Promise<void> =>
      begin({ event: null, delivery: null, trigger: 'schedule', isForced: false }),
    /** A person presses Run. */
    pressed(isForced: boolean): Promise<void> {
      requests.push({ at: clock.now(), force: isForced })
      return begin({ event: null, delivery: null, trigger: 'manual', isForced })
    },
  }
}

/** The step and the end of the job. */
async function runJob(
  options: Options,
  { which, life, luck }: { which: Triggered; life: Life; luck: Random },
): Promise<void> {
  const { world, timeline, tally, provider, sabotage, onEnd } = options
  const { clock } = timeline
  const beganAt = clock.now()
  const token = tokenOf(world)
  const cancelled = new AbortController()
  let saved = ''
  let isOver = false
  const cancelAt = life.cancelledAfterMs === null ? null : beganAt + life.cancelledAfterMs
  if (cancelAt !== null) {
    timeline.at(cancelAt, async () => {
      if (isOver) return
      tally.count('a workflow was cancelled')
      cancelled.abort(new Error('cancelled'))
    })
    timeline.at(cancelAt + killedAfterMs, async () => {
      if (!isOver) life.dead = true
    })
  }
  const given = { ...options, which, token, trainer: provider.trainer }
  const tools = createCollaborators({
    ...given,
    random: luck,
    life,
    signal: cancelled.signal,
    save: (json) => {
      saved = json
    },
  })
  const byPerson = (which.trigger === 'manual' || which.attempt > 1) && sabotage !== 'people'
  const request = {
    event: which.event,
    revision: null,
    publishRevision: null,
    dryRun: false,
    force: which.isForced,
    byPerson,
  }
  const runLog = openRunLog({ log: tools.log, startGroup: () => {}, endGroup: () => {} })
  const outcomes = await retrain(which.recipes, request, tools, runLog)
  isOver = true
  let leftovers: readonly Leftover[] = []
  if ((life.hasPost || !life.dead) && readPending(saved).trainings.length > 0) {
    if (luck.chance(0.4)) {
      tally.count('GitHub was down at the end of a job')
      breakGitHub({ world, timeline, random: luck })
    }
    leftovers = await endJob({
      saved,
      tools: createCollaborators({
        ...given,
        random: luck.fork('post'),
        life: immortal(),
        signal: new AbortController().signal,
        save: () => {},
      }),
      asksGitHubFirst: sabotage === 'github-down',
    })
  }
  onEnd({ which, beganAt, isForced: which.isForced, isDead: life.dead, outcomes, leftovers })
}

const tokens = new WeakMap<World, string>()

function tokenOf(world: World): string {
  const known = tokens.get(world)
  if (known !== undefined) return known
  const token = world.github.issueToken(names.repository, { contents: 'write', metadata: 'read' })
  tokens.set(world, token)
  return token
}
