import { assertNoRefusal } from '../../../src/domain/plan/checks.ts'
import type { TrainingPlan } from '../../../src/domain/plan/training-plan.ts'
import type { Recipe } from '../../../src/domain/recipe.ts'
import type {
  ListedRun,
  OutOfSight,
  Trainer,
  TrainingEnd,
  TrainingOrder,
  TrainingRun,
} from '../../../src/domain/training.ts'
import { createApi } from '../../../src/http/api.ts'
import type { Clock } from '../../../src/http/clock.ts'
import { defaultPolicy, withPolicy } from '../../../src/http/exchange.ts'
import { createNodeSend } from '../../../src/http/node-fetch.ts'
import { readHubWords } from '../../../src/hub/words.ts'
import { createTrainers } from '../../../src/trainers/registry.ts'
import { type DigitFiles, digitFiles } from '../../demo/digits.ts'
import { connect } from '../../hub/connect.ts'
import type { Job } from '../../sandbox/hub/jobs/jobs.ts'
import type { SandboxHub } from '../../sandbox/hub/start.ts'
import { startHub } from '../../sandbox/hub/start.ts'
import { createFastClock } from '../fast-clock.ts'
import { listen, order as orderOf, type Recorded } from '../order.ts'

/** Long enough to be hidden wherever it shows up. */
export const token = 'hf_ann0token0of0the0test'

/** As few as AutoTrain takes. */
const fewDigits = digitFiles({ from: 0, perDigit: 5 })

/** A Hub with a dataset, and a trainer that trains on its Jobs. */
export interface JobStage {
  readonly sandbox: SandboxHub
  readonly clock: Clock
  readonly trainer: Trainer
  /** The first commit of the dataset. */
  readonly revision: string
  /** @returns a valid order of it, with changes */
  order(change?: Partial<Recipe>): TrainingOrder
  plan(order?: TrainingOrder): Promise<TrainingPlan>
  /** Asks once more whether the Job would train the ordered revision. */
  confirm(order?: TrainingOrder): Promise<void>
  start(order?: TrainingOrder): Promise<TrainingRun>
  follow(
    run: TrainingRun,
    options?: { order?: TrainingOrder; recorded?: Recorded },
  ): Promise<TrainingEnd | OutOfSight>
  inspect(run: TrainingRun, order?: TrainingOrder): Promise<TrainingEnd | OutOfSight | null>
  judgeByModel(run: TrainingRun, order?: TrainingOrder): Promise<TrainingEnd>
  list(order?: TrainingOrder): Promise<ListedRun[]>
  cancel(run: TrainingRun, signal?: AbortSignal): Promise<void>
  find(order?: TrainingOrder): Promise<TrainingRun | null>
  /** Resolves once the only Job runs. */
  running(): Promise<void>
  /** Starts a Job and follows it to its end. */
  train(change?: Partial<Recipe>): Promise<{ end: TrainingEnd; recorded: Recorded; job: Job }>
  close(): Promise<void>
}

/**
 * @param options.trainer and a recipe's other keys that go with it
 * @param options.speed how many seconds of the Hub and the trainer pass in one of this machine's
 * @param options.clock instead of a speed: the clock of the Hub and the trainer, for Jobs that no time of their own ends
 * @param options.hubAhead milliseconds by which the Hub's clock is ahead of the trainer's
 */
export async function stageJobs(
  options: Omit<Partial<Recipe>, 'files'> & {
    files?: DigitFiles
    speed?: number
    clock?: Clock
    hubAhead?: number
    token?: string
  } = {},
): Promise<JobStage> {
  const { files, clock: givenClock, hubAhead = 0, token: given = token, ...rest } = options
  const { speed = givenClock === undefined ? 20 : 1, ...change } = rest
  const name = change.trainer ?? 'job'
  const clock = givenClock ?? createFastClock(speed)
  const sandbox = await startHub({
    now: () => new Date(clock.now() + hubAhead),
    jobs: { timer: clock.timer, keepAliveMs: 100, graceMs: 200 },
  })
  sandbox.addUser({ name: 'ann', token })
  sandbox.createBaseModel('microsoft/resnet-50')
  sandbox.createDataset({
    name: 'ann/digits',
    private: true,
    files: files ?? fewDigits,
  })
  const revision = sandbox.repository('ann/digits').refs.get('refs/heads/main') ?? ''
  const { hub, clock: httpClock } = connect(sandbox.url, given)
  const http = withPolicy({ send: createNodeSend(), policy: defaultPolicy, clock: httpClock })
  const trainer = createTrainers({
    hub,
    classicApi: createApi({
      baseUrl: sandbox.url,
      token: given,
      http,
      readWords: readHubWords,
      clock: httpClock,
    }),
    classicUiUrl: sandbox.url,
    clock,
    environment: { RUNNER_ENVIRONMENT: 'github-hosted' },
    tempDir: '/nowhere',
    workflowUrl: 'https://github.com/acme/training/actions/runs/1',
  })[name]
  const { signal } = new AbortController()
  const script = name === 'job' ? { image: 'python:3.12', command: 'echo hello', expectModel: false } : {}

  const stage: JobStage = {
    sandbox,
    clock,
    trainer,
    revision,
    order: (more = {}) => orderOf({ ...script, ...change, ...more, trainer: name }, { revision }),
    plan: async (order = stage.order()) => {
      const [plan, data] = [await trainer.plan(order, signal), await trainer.checkData?.(order, signal)]
      const checks = [...plan.checks, ...(data?.checks ?? [])]
      assertNoRefusal(checks)
      return { ...plan, checks }
    },
    confirm: async (order = stage.order()) => trainer.confirm?.(order, signal),
    start: (order = stage.order()) => trainer.start(order, listen()),
    follow: async (run, { order = stage.order(), recorded = listen() } = {}) =>
      (await trainer.follow?.(order, run, recorded)) ?? missing('follow'),
    inspect: async (run, order = stage.order()) => (await trainer.inspect?.(order, run, signal)) ?? null,
    judgeByModel: async (run, order = stage.order()) =>
      (await trainer.judgeByModel?.(order, run, signal)) ?? missing('judgeByModel'),
    list: async (order = stage.order()) => (await trainer.list?.(order, signal)) ?? missing('list'),
    cancel: async (run, until = signal) => trainer.cancel?.(stage.order(), run, until),
    find: async (order = stage.order()) => (await trainer.find?.(order, signal)) ?? null,
    running: async () => {
      while (sandbox.jobs.all[0]?.startedAt === undefined)
        await new Promise((resolve) => setTimeout(resolve, 5))
    },
    train: async (more = {}) => {
      const order = stage.order(more)
      const recorded = listen()
      const run = await stage.start(order)
      const end = await stage.follow(run, { order, recorded })
      if (end.verdict === 'out-of-sight') throw new Error(end.reason)
      const job = sandbox.jobs.all.find(({ id }) => id === run.id) ?? missing('Job')
      return { end, recorded, job }
    },
    close: () => sandbox.close(),
  }
  return stage
}

function missing(what: string): never {
  throw new Error(`There is no ${what}.`)
}
