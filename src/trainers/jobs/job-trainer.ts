import { messageOf } from '../../domain/error-message.ts'
import type { Recipe } from '../../domain/recipe.ts'
import {
  NotStarted,
  type Trainer,
  type TrainingEnd,
  type TrainingOrder,
  type TrainingRun,
} from '../../domain/training.ts'
import { createHider } from '../../http/hide-secret.ts'
import type { Hub } from '../../hub/hub.ts'
import { isOver, type Job } from '../../hub/jobs/jobs.ts'
import { readJobLog } from '../../hub/jobs/logs.ts'
import { type DataSource, findDataSource } from '../autotrain/dataset-layout.ts'
import { progressOf } from '../output/progress.ts'
import { createRunOutput, type RunOutput } from '../output/run-output.ts'
import { elapsedOf, endOfJob } from './job-end.ts'
import { followJob, type LastSeen } from './job-follow.ts'
import type { JobKind, JobTools } from './job-kind.ts'
import { planJob } from './job-plan.ts'
import { costOf, currentPrice } from './job-price.ts'
import { jobSpec } from './job-spec.ts'
import { startJobOnce } from './job-start.ts'
import { cancelJobForSure } from './job-stop.ts'
import { findJob, readJobUnlessGone } from './presence.ts'

/** Makes a trainer from what all Jobs share and what one kind of Job adds. */
export function createJobTrainer(tools: JobTools, kind: JobKind): Trainer {
  const { hub, clock } = tools
  const findSource = rememberSource(hub)
  const hide = createHider([hub.token])
  /** By nonce, for the Jobs that this process started: what the Hub shows of a Job's volumes may be incomplete. */
  const mountedByNonce = new Map<string, boolean>()

  const specOf = async (order: TrainingOrder, signal: AbortSignal) => {
    const source = await findSource(order, signal)
    await kind.beforeStart?.(order, source, tools)
    return jobSpec(order, { hub, kind, source })
  }

  const judge = (
    order: TrainingOrder,
    options: { seen: LastSeen; output: RunOutput; perMinute: number | null; signal: AbortSignal },
  ): Promise<TrainingEnd> => {
    const { output, signal } = options
    const mounted = mountedByNonce.get(order.nonce) ?? null
    return endOfJob(hub, {
      ...options,
      order,
      now: clock.now(),
      verifyModel: (job) => kind.verifyModel(order, job, { tools, output, mounted, signal }),
    })
  }

  return {
    name: kind.name,

    plan: (order, signal) => planJob(order, { tools, kind, findSource, signal }),

    start: async (order, { signal, assertMayBegin, step }) => {
      if (signal.aborted) {
        const message = 'The workflow was cancelled before anything was started.'
        throw new NotStarted(message, { cause: signal.reason })
      }
      const spec = await specOf(order, signal).catch(toNotStarted)
      assertMayBegin()
      mountedByNonce.set(order.nonce, spec.volumes.length > 0)
      return step('Start the Job', async () => toRun(await startJobOnce(hub, { order, spec, clock, signal })))
    },

    find: async (order, signal) => {
      const job = await findJob(hub, order, signal)
      return job && toRun(job)
    },

    follow: async (order, { id }, { signal, log, progress }) => {
      const { recipe } = order
      const perMinute = await currentPrice(hub, recipe.hardware, signal)
      let job: Job | null = null
      const report = () => {
        if (job === null) return
        const elapsedMs = elapsedOf(job, clock.now())
        const cost = perMinute === null || elapsedMs === null ? null : costOf(perMinute, elapsedMs)
        progress(progressOf(recipe, { stage: job.stage, elapsedMs, cost, output }))
      }
      const output = createRunOutput({ onLine: log, onMetrics: report, hide })
      const onCheck = (checked: Job) => {
        job = checked
        report()
      }
      const seen = await followJob(hub, { order, id, clock, signal, output, onCheck })
      return judge(order, { seen, output, perMinute, signal })
    },

    inspect: async (order, { id }, signal) => {
      const { targetNamespace: namespace, hardware } = order.recipe
      const job = await readJobUnlessGone(hub, { order, id, clock, signal })
      if (job !== null && !isOver(job)) return null
      const output = createRunOutput({ onLine: () => undefined, hide })
      if (job !== null) {
        await readJobLog(hub, { namespace, id: job.id, clock, signal, onLine: output.add }).finish()
      }
      const perMinute = await currentPrice(hub, job?.flavor ?? hardware, signal)
      return judge(order, { seen: { job, exceeded: null }, output, perMinute, signal })
    },

    cancel: (order, { id }, signal) => cancelJobForSure(hub, { order, id, clock, signal }),
  }
}

const toRun = ({ id, url }: Job): TrainingRun => ({ id, url, nextStep: null })

function toNotStarted(error: unknown): never {
  throw error instanceof NotStarted ? error : new NotStarted(messageOf(error), { cause: error })
}

/** A revision never changes and its list of files may be long, so the start does not read again what the plan read. */
function rememberSource(hub: Hub): (order: TrainingOrder, signal: AbortSignal) => Promise<DataSource> {
  const known = new WeakMap<Recipe, { revision: string; source: DataSource }>()
  return async (order, signal) => {
    const { recipe, revision } = order
    const before = known.get(recipe)
    if (before?.revision === revision) return before.source
    const source = await findDataSource(hub, order, signal)
    known.set(recipe, { revision, source })
    return source
  }
}
