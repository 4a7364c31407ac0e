import type { Outcome } from '../../src/domain/outcome.ts'
import type { TrainingPlan } from '../../src/domain/plan/training-plan.ts'
import type { Recipe } from '../../src/domain/recipe.ts'
import type { ListedRun, Trainer, TrainingEnd, TrainingOrder } from '../../src/domain/training.ts'
import type { Log } from '../../src/run/log/log.ts'
import { openRunLog } from '../../src/run/log/run-log.ts'
import { retrain } from '../../src/run/retrain.ts'
import { noRequest, type Request } from '../../src/run/work.ts'
import { connect } from '../hub/connect.ts'
import { type SandboxHub, startHub } from '../sandbox/hub/start.ts'
import { recipe } from '../trainers/order.ts'
import { type LocalLedger, minute, startLocalLedger, workflow } from './local-ledger.ts'

const dataset = 'ann/digits'
const config = '.github/auto-retrain.yml'
const workflowFile = 'acme/retrain/.github/workflows/retrain.yml@refs/heads/main'

/** Many recipes of one config on a real ledger, with a Hub on loopback and a provider that the test ends. */
export interface Fleet {
  readonly hub: SandboxHub
  readonly local: LocalLedger
  /** The orders that the provider accepted, in order: each is paid. */
  readonly paid: readonly TrainingOrder[]
  /** Warnings of all runs. */
  readonly warnings: readonly string[]
  /** Runs the action on the recipes, as a schedule does. */
  run(recipes: readonly Recipe[], request?: Partial<Request>): Promise<Outcome[]>
  /** Lets the trainings succeed, a minute after each other; those that are ordered later end at once. */
  finish(): void
  /** Resolves once so many trainings were planned. */
  planned(count: number): Promise<void>
  close(): Promise<void>
}

/** Recipes of one config for one dataset, each with a prefix of its own. */
export function recipes(count: number, change: Partial<Recipe> = {}): Recipe[] {
  return Array.from({ length: count }, (_, n) =>
    recipe({
      trainer: 'job',
      discussion: 'off',
      modelCard: false,
      inputDataset: dataset,
      autotrainProjectPrefix: `digits-${n + 1}`,
      ...change,
    }),
  )
}

const succeeded: TrainingEnd = {
  verdict: 'succeeded',
  cause: null,
  began: true,
  trainedMs: 5 * minute,
  endedAt: null,
  reason: 'Over.',
  metrics: { eval_accuracy: 0.9 },
  curve: [],
  logTail: [],
  cost: 0.1,
}

const plan: TrainingPlan = {
  summary: 'Your script runs on t4-small',
  steps: [],
  readsOnlyHead: false,
  hardware: 't4-small',
  timeoutMs: 60 * minute,
  cost: { perMinute: 0.01, max: 0.6 },
  checks: [],
}

/** Starts a fleet; close it after the test. */
export async function startFleet(): Promise<Fleet> {
  const hub = await startHub()
  hub.addUser({ name: 'ann', token: 'hf_ann' })
  hub.createDataset({ name: dataset, files: { 'train/0/a.txt': 'zero' } })
  const local = await startLocalLedger({ limits: {} })
  const provider = createProvider(local)
  const warnings: string[] = []
  let runs = 0
  return {
    hub,
    local,
    paid: provider.paid,
    warnings,
    async run(all, request = {}) {
      runs += 1
      const ref = workflow(`${1000 + runs}`)
      const connection = connect(hub.url, 'hf_ann').hub
      const log = quietLog(warnings)
      const { trainer } = provider
      return retrain(
        all,
        { ...noRequest, ...request },
        {
          hub: connection,
          ledger: local.ledger(),
          trainers: {
            autotrain: trainer,
            script: trainer,
            'autotrain-classic': trainer,
            job: trainer,
            command: trainer,
          },
          notify: {
            dataset: async () => ({ discussionUrl: null, discussionNote: null }),
            model: async () => undefined,
          },
          pending: { add: () => undefined, remove: () => undefined },
          report: {
            trigger: 'schedule',
            delivery: null,
            workflowUrl: ref.url,
            repositoryVisibility: 'public',
            hubUrl: hub.url,
          },
          workflow: { ...ref, file: workflowFile, config, ledger: '0a1b2c3d' },
          clock: local.clock,
          log,
          signal: new AbortController().signal,
        },
        openRunLog({ log, startGroup: () => undefined, endGroup: () => undefined }),
      )
    },
    finish: provider.finish,
    planned: provider.planned,
    close: async () => {
      await Promise.all([hub.close(), local.github.close()])
    },
  }
}

function createProvider({ clock }: LocalLedger) {
  const paid: TrainingOrder[] = []
  const waiting: { count: number; resolve: () => void }[] = []
  let isOver = false
  let plans = 0
  let ends: (() => void)[] = []
  const urlOf = ({ nonce }: TrainingOrder) => `https://provider.test/${nonce}`
  const runOf = (order: TrainingOrder) => ({ id: order.nonce, url: urlOf(order), nextStep: null })
  const listed = (order: TrainingOrder): ListedRun => ({
    run: runOf(order),
    nonce: order.nonce,
    ledger: order.ledger,
    isLive: !isOver,
    createdAt: null,
  })
  const trainer: Trainer = {
    name: 'job',
    plan: async () => {
      plans += 1
      for (const { count, resolve } of waiting) if (plans >= count) resolve()
      return plan
    },
    start: async (order, { assertMayBegin }) => {
      assertMayBegin()
      paid.push(order)
      // A start takes some seconds at the provider.
      clock.advance(8000)
      return runOf(order)
    },
    find: async ({ nonce }) => {
      const order = paid.find((one) => one.nonce === nonce)
      return order === undefined ? null : runOf(order)
    },
    list: async ({ key, revision }) =>
      paid.filter((one) => one.key === key && one.revision === revision).map(listed),
    follow: async () => {
      if (!isOver) await new Promise<void>((resolve) => ends.push(resolve))
      clock.advance(minute)
      return succeeded
    },
    inspect: async () => (isOver ? succeeded : null),
    cancel: async () => undefined,
  }
  return {
    paid,
    trainer,
    finish: () => {
      isOver = true
      for (const end of ends) end()
      ends = []
    },
    planned: (count: number) =>
      plans >= count
        ? Promise.resolve()
        : new Promise<void>((resolve) => {
            waiting.push({ count, resolve })
          }),
  }
}

function quietLog(warnings: string[]): Log {
  return {
    info: () => undefined,
    debug: () => undefined,
    notice: () => undefined,
    warning: (message) => void warnings.push(message),
    group: (_title, work) => work(),
  }
}
