import { messageOf } from '../../domain/error-message.ts'
import type { Recipe } from '../../domain/recipe.ts'
import {
  NotStarted,
  type StartContext,
  type Trainer,
  type TrainingContext,
  type TrainingOrder,
  type TrainingRun,
} from '../../domain/training.ts'
import { Refused } from '../../domain/verdict.ts'
import type { Clock } from '../../http/clock.ts'
import { HttpError } from '../../http/errors.ts'
import { createHider } from '../../http/hide-secret.ts'
import type { Hub } from '../../hub/hub.ts'
import { isOver, type Job, type JobSpec } from '../../hub/jobs/jobs.ts'
import { checkJobsAccess } from '../../hub/jobs/list.ts'
import { readJobLog } from '../../hub/jobs/logs.ts'
import { autotrainConfig, checkParams } from '../autotrain/autotrain-config.ts'
import { type DataSource, findDataSource, mountPath } from '../autotrain/dataset-layout.ts'
import { createRunOutput, type RunOutput } from '../output/run-output.ts'
import { runEnvironment } from '../run-environment.ts'
import { checkWait } from '../wait-limit.ts'
import { elapsedOf, endOfJob, type Proof } from './job-end.ts'
import { followJob } from './job-follow.ts'
import { jobLabels } from './job-labels.ts'
import { seeJob } from './job-look.ts'
import { costOf, currentPrice, priceOf } from './job-price.ts'
import { findJob, startOnce } from './job-start.ts'
import { stopForGood } from './job-stop.ts'

/** What the trainers on Hugging Face Jobs work with. */
export interface JobTools {
  readonly hub: Hub
  readonly clock: Clock
  /** Milliseconds that the runner gives a job; null: no limit. */
  readonly waitLimit: number | null
}

/** In what the trainers on Hugging Face Jobs differ. */
export interface JobKind {
  readonly name: 'autotrain' | 'job'
  /** @throws Refused when the recipe does not go together with this trainer */
  check(recipe: Recipe): void
  /** What runs, ending the sentence "... on t4-small of Hugging Face Jobs". */
  what(order: TrainingOrder): string
  image(recipe: Recipe): string
  /** For `sh -c`. */
  script(recipe: Recipe): string
  /** Whether the dataset is mounted at the revision. */
  mounts(source: DataSource): boolean
  /** @throws NotStarted when it would train on something else than what was ordered */
  beforeStart?(order: TrainingOrder, source: DataSource, tools: JobTools): Promise<void>
  /** Looks at what a Job left behind that the Hub calls completed. */
  prove(order: TrainingOrder, job: Job, options: ProofOptions): Promise<Proof>
}

/** What a Job is proved with. */
export interface ProofOptions {
  readonly tools: JobTools
  readonly output: RunOutput
  /** Whether the dataset was ordered to be mounted at the revision; null when somebody else started the Job. */
  readonly mounted: boolean | null
  readonly signal: AbortSignal
}

/** What was ordered of this process: what the Hub shows of a Job is its own to choose. */
type Sent = Map<TrainingOrder['nonce'], { readonly mounted: boolean }>

/** Makes a trainer of what is common to all Jobs and what a kind of Job adds. */
export function createJobTrainer(tools: JobTools, kind: JobKind): Trainer {
  const { hub, clock } = tools
  const findSource = rememberSource(hub)
  const sent: Sent = new Map()
  return {
    name: kind.name,
    plan: (order, signal) => plan(order, { tools, kind, findSource, signal }),
    start: (order, context) => start(order, { tools, kind, findSource, sent, context }),
    find: async (order, signal) => {
      const job = await findJob(hub, order, signal)
      return job && toRun(job)
    },
    follow: (order, run, context) => follow(order, run, { tools, kind, sent, context }),
    inspect: (order, run, signal) => inspect(order, run, { tools, kind, sent, signal }),
    cancel: (order, run, signal) => stopForGood(hub, { order, id: run.id, clock, signal }),
  }
}

const toRun = ({ id, url }: Job): TrainingRun => ({ id, url, nextStep: null })

async function plan(
  order: TrainingOrder,
  options: { tools: JobTools; kind: JobKind; findSource: FindSource; signal: AbortSignal },
) {
  const { tools, kind, findSource, signal } = options
  const { recipe } = order
  const { hub } = tools
  kind.check(recipe)
  checkParams(recipe)
  checkWait(order, tools.waitLimit)
  if (!hub.token.startsWith('hf_')) {
    throw new Refused('hf-token is no token of the Hub: those begin with hf_.')
  }
  await checkNamespace(hub, recipe, signal)
  const cost = await priceOf(hub, recipe, signal)
  const source = await findSource(order, signal)
  const mounted = kind.mounts(source)
  if (!mounted && !source.isPinned && recipe.ref !== 'refs/heads/main') {
    throw new Refused(
      `ref: AutoTrain cannot train on another branch than main here, because ${source.why}: ` +
        'use trainer: job or command, or change the layout of the dataset.',
    )
  }
  const data = mounted
    ? `Mount the dataset at the revision, read-only, at ${mountPath}`
    : `Let AutoTrain read the head of the dataset from the Hub${source.isPinned ? '' : `: ${source.why}`}`
  return {
    what: `${kind.what(order)} on ${recipe.hardware} of Hugging Face Jobs`,
    steps: [
      `Start a Job with the image ${kind.image(recipe)}`,
      data,
      'Follow it, and check what it left on the Hub',
    ],
    readsOnlyHead: !mounted,
    hardware: recipe.hardware,
    timeoutMs: recipe.timeout,
    cost,
  }
}

type FindSource = (order: TrainingOrder, signal: AbortSignal) => Promise<DataSource>

/** A revision does not change, and its listing may be long: between the plan and the start it is not read again. */
function rememberSource(hub: Hub): FindSource {
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

/** A start whose answer is lost can only be looked up by whoever may list the Jobs: better to know before. */
async function checkNamespace(hub: Hub, { targetNamespace }: Recipe, signal: AbortSignal): Promise<void> {
  try {
    await checkJobsAccess(hub, { namespace: targetNamespace, signal })
  } catch (error) {
    if (!(error instanceof HttpError) || ![401, 403, 404].includes(error.status)) throw error
    throw new Refused(
      `hf-token may not use Hugging Face Jobs in ${targetNamespace} (the Hub answered ${error.status}): check ` +
        'target-namespace, and give the token the write role, or the permission for Jobs there.',
      { cause: error },
    )
  }
}

async function start(
  order: TrainingOrder,
  options: { tools: JobTools; kind: JobKind; findSource: FindSource; sent: Sent; context: StartContext },
): Promise<TrainingRun> {
  const { tools, kind, findSource, sent, context } = options
  const { hub, clock } = tools
  if (context.signal.aborted) {
    throw new NotStarted('The workflow was cancelled before anything was started.', {
      cause: context.signal.reason,
    })
  }
  const spec = await specOf(order, { tools, kind, findSource, signal: context.signal }).catch(
    (error: unknown) => {
      throw error instanceof NotStarted ? error : new NotStarted(messageOf(error), { cause: error })
    },
  )
  context.assertMayBegin()
  sent.set(order.nonce, { mounted: spec.volumes.length > 0 })
  const { signal } = context
  return context.step('Start the Job', async () =>
    toRun(await startOnce(hub, { order, spec, clock, signal })),
  )
}

async function specOf(
  order: TrainingOrder,
  options: { tools: JobTools; kind: JobKind; findSource: FindSource; signal: AbortSignal },
): Promise<JobSpec> {
  const { tools, kind, findSource, signal } = options
  const { recipe, revision, project } = order
  const source = await findSource(order, signal)
  await kind.beforeStart?.(order, source, tools)
  const mounted = kind.mounts(source)
  const config = autotrainConfig({ recipe, project, dataPath: source.path })
  return {
    image: kind.image(recipe),
    command: ['sh', '-c', kind.script(recipe)],
    environment: {
      ...runEnvironment({ order, config }),
      ...(mounted && { AUTO_RETRAIN_DATA: mountPath }),
    },
    secrets: { HF_TOKEN: tools.hub.token },
    hardware: recipe.hardware,
    timeoutSeconds: Math.ceil(recipe.timeout / 1000),
    labels: jobLabels(order),
    volumes: mounted
      ? [{ source: { type: 'dataset', name: recipe.inputDataset }, mountPath, revision, readOnly: true }]
      : [],
  }
}

async function follow(
  order: TrainingOrder,
  run: TrainingRun,
  options: { tools: JobTools; kind: JobKind; sent: Sent; context: TrainingContext },
) {
  const { tools, kind, sent, context } = options
  const { hub, clock } = tools
  const { recipe } = order
  const perMinute = await currentPrice(hub, recipe.hardware, context.signal)
  let seen: Job | null = null
  const tell = () => {
    if (seen !== null) context.progress(progressOf(seen, { recipe, output, perMinute, now: clock.now() }))
  }
  const output = createRunOutput({ onLine: context.log, onMetrics: tell, hide: createHider([hub.token]) })
  const followed = await followJob(hub, {
    order,
    id: run.id,
    clock,
    signal: context.signal,
    output,
    onLook: (job) => {
      seen = job
      tell()
    },
  })
  const mounted = sent.get(order.nonce)?.mounted ?? null
  const prove = (job: Job) => kind.prove(order, job, { tools, output, mounted, signal: context.signal })
  return endOfJob(hub, { order, followed, output, perMinute, now: clock.now(), prove })
}

function progressOf(
  job: Job,
  options: { recipe: Recipe; output: RunOutput; perMinute: number | null; now: number },
) {
  const { recipe, output, perMinute, now } = options
  const elapsedMs = elapsedOf(job, now)
  const { epochs } = recipe.params
  return {
    stage: job.stage,
    epoch: output.metrics.epoch,
    epochs: typeof epochs === 'number' ? epochs : null,
    elapsedMs,
    cost: perMinute === null || elapsedMs === null ? null : costOf(perMinute, elapsedMs),
  }
}

async function inspect(
  order: TrainingOrder,
  run: TrainingRun,
  options: { tools: JobTools; kind: JobKind; sent: Sent; signal: AbortSignal },
) {
  const { tools, kind, sent, signal } = options
  const { hub, clock } = tools
  const job = await seeJob(hub, { order, id: run.id, clock, signal })
  if (job !== null && !isOver(job)) return null
  const output = createRunOutput({ onLine: () => undefined, hide: createHider([hub.token]) })
  if (job !== null) {
    const place = { namespace: order.recipe.targetNamespace, id: job.id }
    await readJobLog(hub, { ...place, clock, signal, onLine: output.add }).finish()
  }
  const perMinute = await currentPrice(hub, job?.flavor ?? order.recipe.hardware, signal)
  const mounted = sent.get(order.nonce)?.mounted ?? null
  const prove = (completed: Job) => kind.prove(order, completed, { tools, output, mounted, signal })
  return endOfJob(hub, {
    order,
    followed: { job, overdue: null },
    output,
    perMinute,
    now: clock.now(),
    prove,
  })
}
