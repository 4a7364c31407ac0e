import { unknownContent } from '../../domain/data.ts'
import { messageOf } from '../../domain/error-message.ts'
import type { PlannedOrder } from '../../domain/plan/training-plan.ts'
import type { Recipe } from '../../domain/recipe.ts'
import type { Trainer, TrainingContext, TrainingEnd, TrainingOrder } from '../../domain/training.ts'
import { NotStarted } from '../../domain/verdict.ts'
import { HttpError } from '../../http/errors.ts'
import { createHider, secretTexts } from '../../http/hide-secret.ts'
import { isOver, type Job, stopJob } from '../../hub/jobs/jobs.ts'
import { readJobLog } from '../../hub/jobs/logs.ts'
import { type DataSource, mountedSource } from '../autotrain/dataset-layout.ts'
import { judgeUnseen } from '../output/judge-unseen.ts'
import { progressOf } from '../output/progress.ts'
import { elapsedOf, endOfJob, type JobFacts } from './job-end.ts'
import { cancelOverdue, followJob, type LastSeen } from './job-follow.ts'
import type { JobKind, JobTools } from './job-kind.ts'
import { limitOnHubClock } from './job-limits.ts'
import { createJobOutput } from './job-output.ts'
import { isRevisionGone, notJudged, verifyModel } from './job-proof.ts'
import { cancelJobForSure } from './job-stop.ts'
import { findJob, listRuns, outOfSight, readJobInSight, toRun } from './presence.ts'
import { planJob } from './start/job-plan.ts'
import { costOf, currentPrice } from './start/job-price.ts'
import { jobSpec } from './start/job-spec.ts'
import { commitGone, startJobOnce } from './start/job-start.ts'

/** Makes a trainer from what all Jobs share and what one kind of Job adds. */
export function createJobTrainer(tools: JobTools, kind: JobKind): Trainer {
  const { hub, clock } = tools
  const findSource = rememberSource(kind)
  const hideFor = ({ secrets }: Recipe) =>
    createHider([hub.token, tools.trainingHub.token, ...secretTexts(secrets.map(tools.stepVariable))])
  /** By nonce, for the Jobs that this process started: what the Hub shows of a Job's volumes may be incomplete. */
  const mountedByNonce = new Map<string, boolean>()

  const specOf = async (order: TrainingOrder, context: Pick<TrainingContext, 'signal' | 'step'>) => {
    const [source, prepared] = await Promise.all([
      findSource(order, context.signal),
      kind.prepare?.(order, context),
    ])
    return { spec: jobSpec(order, { tools, kind, source, prepared }), isMounted: source.isPinned }
  }

  const judge = (facts: JobFacts & { signal: AbortSignal }): Promise<TrainingEnd> => {
    const mounted = mountedByNonce.get(facts.order.nonce) ?? null
    return endOfJob(hub, {
      ...facts,
      verifyModel: () => verifyModel(facts, { tools, kind, mounted }).catch(notJudged(facts)),
      isRevisionGone: async () => mounted !== false && (await isRevisionGone(hub, facts)),
    })
  }

  return {
    name: kind.name,

    plan: (order, signal) => planJob(order, { tools, kind, findSource, signal }),

    checkData: async (order, signal) =>
      (await kind.checkData?.(order, await findSource(order, signal), signal)) ?? {
        checks: [],
        content: unknownContent,
      },

    confirm: async (order, signal) => kind.confirm?.(order, await findSource(order, signal), signal),

    start: async (order, { signal, assertMayBegin, step }) => {
      if (signal.aborted) {
        const message = 'The workflow was cancelled before anything was started.'
        throw new NotStarted(message, { cause: signal.reason })
      }
      const { spec, isMounted } = await specOf(order, { signal, step }).catch(toNotStarted)
      assertMayBegin()
      mountedByNonce.set(order.nonce, isMounted)
      return step('Start the Job', async () => toRun(await startJobOnce(hub, { order, spec, clock, signal })))
    },

    find: async (order, signal) => {
      const job = await findJob(hub, order, signal)
      return job && toRun(job)
    },

    ...(kind.isLeftover !== undefined && { isLeftover: kind.isLeftover }),

    list: (order, signal) => listRuns(hub, order, signal),

    follow: async (order, { id }, { signal, log, progress }) => {
      const { recipe } = order
      const perMinute = await currentPrice(hub, recipe.hardware, signal)
      let job: Job | null = null
      const report = () => {
        if (job === null) return
        const elapsedMs = elapsedOf(job, clock.now())
        const cost = perMinute === null || elapsedMs === null ? null : costOf(perMinute, elapsedMs)
        progress(progressOf(recipe, { stage: job.stage, elapsedMs, cost, output: output.live }))
      }
      const output = createJobOutput({ onLine: log, onMetrics: report, hide: hideFor(recipe) })
      const onCheck = (checked: Job) => {
        job = checked
        report()
      }
      const isOurs = mountedByNonce.has(order.nonce)
      const seen = await followJob(hub, { order, id, clock, signal, output, isOurs, onCheck })
      if (seen === null) return outOfSight(hub, { order, id })
      return judge({ order, seen, output: output.best, perMinute, signal, endSeenAt: clock.now() })
    },

    inspect: async (order, { id, isUnseen = false }, signal) => {
      const { targetNamespace: namespace, hardware } = order.recipe
      const job = await readJobInSight(hub, { order, id, isUnseen, clock, signal })
      if (job === null) return outOfSight(hub, { order, id })
      const seen = await seenUnfollowed(job, { tools, order, signal })
      if (seen === null) return null
      const taker = createJobOutput({ onLine: () => undefined, hide: hideFor(order.recipe) })
      await readJobLog(hub, { namespace, id: job.id, clock, signal, taker, isOver: true }).finish()
      const perMinute = await currentPrice(hub, job.flavor ?? hardware, signal)
      const endSeenAt = seen.exceeded === null ? null : clock.now()
      return judge({ order, seen, output: taker.best, perMinute, signal, endSeenAt })
    },

    judgeByModel: async (order, { id }, signal) => {
      const namespace = order.recipe.targetNamespace
      // The Hub may know the Job although it does not show it; where it does not, there is nothing to stop.
      await stopJob(hub, { namespace, id, signal }).catch(() => signal.throwIfAborted())
      return judgeUnseen(hub, {
        order,
        lost: 'The Hub did not show the Job until its deadline',
        isAutotrain: kind.name === 'autotrain',
        isCodeCommit: kind.isCodeCommit,
        hide: hideFor(order.recipe),
        signal,
      })
    },

    cancel: (order, { id }, signal) => cancelJobForSure(hub, { order, id, clock, signal }),
  }
}

/** The end of a Job that was not followed; null while it may go on. */
async function seenUnfollowed(
  job: Job,
  { tools, order, signal }: { tools: JobTools; order: TrainingOrder; signal: AbortSignal },
): Promise<LastSeen | null> {
  const { hub, clock } = tools
  if (isOver(job)) return { job, exceeded: null, ran: false }
  const exceeded = limitOnHubClock(job, { recipe: order.recipe, now: clock.now() })
  if (exceeded === null) return null
  return cancelOverdue(hub, { order, id: job.id, job, exceeded, clock, signal })
}

function toNotStarted(error: unknown): never {
  if (error instanceof HttpError && error.code === 'RevisionNotFound') throw commitGone(error)
  throw error instanceof NotStarted ? error : new NotStarted(messageOf(error), { cause: error })
}

/** A revision never changes and its list of files may be long, so the start does not read again what the plan read. */
function rememberSource(kind: JobKind): (order: PlannedOrder, signal: AbortSignal) => Promise<DataSource> {
  const known = new WeakMap<Recipe, { revision: string; source: DataSource }>()
  return async (order, signal) => {
    const { recipe, revision } = order
    const before = known.get(recipe)
    if (before?.revision === revision) return before.source
    const source = (await kind.findSource?.(order, signal)) ?? mountedSource
    known.set(recipe, { revision, source })
    return source
  }
}
