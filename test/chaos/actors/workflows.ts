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
import type { PublishRequest } from '../oracle/publishing/watch.ts'
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
  /** Whether a person named a revision: it says nothing about the head. */
  readonly isAsked: boolean
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
  /** What a person wrote into the inputs of these names. */
  readonly inputs: { readonly revision: string | null; readonly publishRevision: string | null }
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

/** A wish to train on a commit that is not the head any more. */
interface OlderRequest {
  readonly recipe: string
  readonly revision: string
  readonly at: number
}

const byPerson = { event: null, delivery: null, trigger: 'manual' } as const
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
  const publishRequests: PublishRequest[] = []
  const olderRequests: OlderRequest[] = []
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
      noteRequest(which)
      await run({ ...which, attempt: which.attempt + 1 })
    })
  }

  /** Notes what a person asks for, also with the jobs run again. */
  const noteRequest = ({ isForced, inputs, recipes }: Triggered): void => {
    const { revision, publishRevision } = inputs
    const at = clock.now()
    const recipe = recipes[0]?.autotrainProjectPrefix ?? ''
    if (publishRevision !== null) publishRequests.push({ recipe, wanted: publishRevision, at })
    else if (revision !== null) olderRequests.push({ recipe, revision, at })
    else requests.push({ at, force: isForced })
  }

  const begin = (
    given: Pick<Triggered, 'event' | 'delivery' | 'trigger'> &
      Partial<Pick<Triggered, 'isForced' | 'inputs'>>,
    name: string | null = null,
  ): Promise<void> => {
    count += 1
    const recipes = config.recipes().filter((one) => name === null || one.autotrainProjectPrefix === name)
    const inputs = { revision: null, publishRevision: null }
    const which = { isForced: false, inputs, ...given, id: String(count), attempt: 1, recipes }
    if (which.trigger === 'manual') noteRequest(which)
    return run(which)
  }
  /** A person starts the workflow for one recipe. */
  const ask = (name: string, inputs: Partial<Triggered['inputs']>): Promise<void> =>
    begin(
      {
        ...byPerson,
        // Most older revisions are trained already.
        isForced: inputs.revision !== undefined,
        inputs: { revision: null, publishRevision: null, ...inputs },
      },
      name,
    )

  return {
    /** When people pressed Run or Re-run. */
    requests,
    /** What people asked for with publish-revision, and with the revision of an older commit. */
    publishRequests,
    olderRequests,
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
        await begin({ event, delivery: id, trigger })
      }
      count += 1
      const luck = random.fork(`dispatch ${count}`)
      const at = clock.now() + (luck.chance(0.5) ? 0 : luck.between(0, 3 * minute))
      timeline.at(at, start)
      if (!luck.chance(0.08)) return
      tally.count('two workflows in the same second')
      timeline.at(at + luck.between(0, 900), start)
    },
    scheduled: (): Promise<void> => begin({ event: null, delivery: null, trigger: 'schedule' }),
    /** A person presses Run. */
    pressed: (isForced: boolean): Promise<void> => begin({ ...byPerson, isForced }),
    /** A person publishes an earlier run of a recipe, or trains it on an older revision. */
    publish: (name: string, publishRevision: string): Promise<void> => ask(name, { publishRevision }),
    trainOlder: (name: string, revision: string): Promise<void> => ask(name, { revision }),
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
  const request = {
    event: which.event,
    ...which.inputs,
    dryRun: false,
    force: which.isForced,
    byPerson: (which.trigger === 'manual' || which.attempt > 1) && sabotage !== 'people',
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
  const { isForced, inputs } = which
  const isAsked = inputs.revision !== null || inputs.publishRevision !== null
  onEnd({ which, beganAt, isForced, isAsked, isDead: life.dead, outcomes, leftovers })
}

const tokens = new WeakMap<World, string>()

function tokenOf(world: World): string {
  const known = tokens.get(world)
  if (known !== undefined) return known
  const token = world.github.issueToken(names.repository, { contents: 'write', metadata: 'read' })
  tokens.set(world, token)
  return token
}
