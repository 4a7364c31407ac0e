import type {
  ListedRun,
  Trainer,
  TrainingEnd,
  TrainingOrder,
  TrainingRun,
} from '../../src/domain/training.ts'
import type { FakeClock } from '../http/fake-clock.ts'

/** A run that the provider made, and what it cost. */
interface ProviderRun {
  readonly order: TrainingOrder
  readonly createdAt: number
  /** Null while it is running. */
  end: TrainingEnd | null
}

/** A provider of trainings in memory whose answers a test decides; by default `start` works and is answered. */
export interface Provider {
  /** Everything that it ran, in order: each is paid. */
  readonly runs: readonly ProviderRun[]
  /** The orders that it accepted, in order. */
  readonly paid: readonly TrainingOrder[]
  /** Its runs that have not ended. */
  alive(): readonly ProviderRun[]
  /** Ends all that is running. */
  endAll(end?: TrainingEnd): void
  /** Replaces functions of its trainer from now on; undefined removes one. */
  does(change: { [K in keyof Trainer]?: Trainer[K] | undefined }): void
  /** From now on, trainings that are followed end so. */
  endsIn(end: TrainingEnd): void
  /** Its trainer as it is now. */
  trainer(): Trainer
  /** How runs that still run ended, for `inspect`; null while they are active. @default null */
  end: TrainingEnd | null
}

/** The end of a successful training. */
export const succeeded: TrainingEnd = {
  verdict: 'succeeded',
  cause: null,
  began: true,
  trainedMs: 300_000,
  endedAt: null,
  reason: 'Over.',
  metrics: { eval_accuracy: 0.9 },
  curve: [],
  logTail: [],
  cost: 0.1,
}

/** The end of a training that would fail again. */
export const failed: TrainingEnd = {
  ...succeeded,
  verdict: 'failed',
  cause: 'training',
  reason: 'The Job failed.',
  metrics: {},
}

/** The end of a training that lost its machine. */
export const lostMachine: TrainingEnd = {
  ...failed,
  cause: 'infrastructure',
  reason: 'The Job lost its machine.',
}

/** As a provider shows a run that was cancelled, by whom it does not say. */
export const cancelledRun: TrainingEnd = {
  ...failed,
  verdict: 'cancelled',
  cause: 'person',
  reason: 'The Job was cancelled.',
}

/** What a run of an order is called. */
export function runOf({ nonce }: TrainingOrder): TrainingRun {
  return { id: nonce, url: `https://provider.test/${nonce}`, nextStep: null }
}

/** Starts a provider without runs. */
export function createProvider(clock: FakeClock): Provider {
  const runs: ProviderRun[] = []
  const runWith = (id: string) => runs.find(({ order }) => order.nonce === id)
  const provider: Provider = {
    runs,
    get paid() {
      return runs.map(({ order }) => order)
    },
    alive: () => runs.filter(({ end }) => end === null),
    endAll: (end = succeeded) => {
      for (const run of runs) run.end ??= { ...end, endedAt: end.endedAt ?? clock.now() }
    },
    end: null,
    endsIn: (end) => {
      const follow = async () => {
        provider.endAll(end)
        return end
      }
      provider.does({ follow })
    },
    does: (change) => {
      Object.assign(trainer, change)
    },
    trainer: () => ({ ...trainer }),
  }
  const trainer: Trainer = {
    name: 'job',
    plan: async () => ({
      summary: 'Your script runs on t4-small',
      steps: [],
      readsOnlyHead: false,
      hardware: 't4-small',
      timeoutMs: 3_600_000,
      cost: { perMinute: 0.01, max: 1 },
      checks: [],
    }),
    start: async (order, { assertMayBegin }) => {
      assertMayBegin()
      runs.push({ order, createdAt: clock.now(), end: null })
      return runOf(order)
    },
    find: async ({ nonce }) => {
      const run = runWith(nonce)
      return run === undefined ? null : runOf(run.order)
    },
    list: async ({ key, revision }) =>
      runs
        .filter(({ order }) => order.key === key && order.revision === revision)
        .map(
          ({ order, createdAt, end }): ListedRun => ({
            run: runOf(order),
            nonce: order.nonce,
            ledger: order.ledger,
            isLive: end === null,
            createdAt,
          }),
        ),
    follow: async (order) => {
      const run = runWith(order.nonce)
      if (run === undefined) return succeeded
      run.end ??= succeeded
      return run.end
    },
    inspect: async ({ nonce }) => {
      const run = runWith(nonce)
      if (run === undefined) return provider.end
      run.end ??= provider.end
      return run.end
    },
    cancel: async ({ nonce }) => {
      const run = runWith(nonce)
      if (run !== undefined) run.end ??= { ...cancelledRun, endedAt: clock.now() }
    },
  }
  return provider
}
