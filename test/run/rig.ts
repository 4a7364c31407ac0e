import { createNotifier } from '../../src/action/notify/notify.ts'
import type { Outcome, ReportContext } from '../../src/domain/outcome.ts'
import type { Recipe } from '../../src/domain/recipe.ts'
import type { Trainer, TrainingEnd, TrainingOrder, TrainingRun } from '../../src/domain/training.ts'
import type { Hub } from '../../src/hub/hub.ts'
import type { LedgerRecord } from '../../src/ledger/record.ts'
import { recipeKey } from '../../src/recipe/recipe-key.ts'
import type { Log } from '../../src/run/log/log.ts'
import { openRunLog } from '../../src/run/log/run-log.ts'
import { createPending, type PendingState, readPending } from '../../src/run/close/pending.ts'
import { retrain } from '../../src/run/retrain.ts'
import type { Collaborators, Request } from '../../src/run/work.ts'
import { connect } from '../hub/connect.ts'
import { type LocalLedger, startLocalLedger, workflow } from '../ledger/local-ledger.ts'
import { type SandboxHub, startHub } from '../sandbox/hub/start.ts'
import { recipe } from '../trainers/order.ts'

/** The dataset of every test here, and its owner. */
export const dataset = 'ann/digits'

/** A recipe for it, without notifications. */
export function digits(change: Partial<Recipe> = {}): Recipe {
  return recipe({ trainer: 'job', discussion: 'off', modelCard: false, inputDataset: dataset, ...change })
}

/** How one run of the action differs from the next. */
interface RunOptions {
  /** @default one recipe on the dataset */
  recipes?: readonly Recipe[]
  request?: Partial<Request>
  /** The workflow run. @default another one each time */
  runId?: string
  runAttempt?: number
  signal?: AbortSignal
  /** Called with each line of the log. */
  onLine?: (line: string) => void
  /** Trainers to use in place of the provider's. */
  trainers?: Partial<Collaborators['trainers']>
}

/** The result of one run of the action. */
interface RigRun {
  readonly outcomes: readonly Outcome[]
  /** Of its first recipe. */
  readonly outcome: Outcome
  /** What it printed: `{` and `}` are the beginning and the end of a group. */
  readonly lines: readonly string[]
  /** What it left for `post`. */
  readonly pending: PendingState
}

/** A provider of trainings whose answers a test decides; by default `start` works and is answered. */
interface Provider {
  /** The orders that it accepted, in order: each is paid. */
  readonly paid: TrainingOrder[]
  /** Replaces functions of its trainer from now on; undefined removes one. */
  does(change: { [K in keyof Trainer]?: Trainer[K] | undefined }): void
  /** Its trainer as it is now. */
  trainer(): Trainer
  /** How runs ended, for `inspect`; null while they are active. @default null */
  end: TrainingEnd | null
}

/** Runs the action on a real ledger and a Hub on loopback. */
export interface Rig {
  readonly hub: SandboxHub
  readonly local: LocalLedger
  readonly provider: Provider
  run(options?: RunOptions): Promise<RigRun>
  /** What `post` works with, and the lines that it prints. */
  post(trainer?: Trainer): { tools: Collaborators; lines: string[] }
  /** Commits data and returns the new head. */
  commit(): string
  /** The records of the claims, oldest first. */
  records(of?: Recipe): Promise<LedgerRecord[]>
  close(): Promise<void>
}

/** The end of a successful training. */
export const succeeded: TrainingEnd = {
  verdict: 'succeeded',
  reason: 'Over.',
  metrics: { eval_accuracy: 0.9 },
  curve: [],
  logTail: [],
  cost: 0.1,
}

const runOf = ({ nonce }: TrainingOrder): TrainingRun => ({
  id: nonce,
  url: `https://provider.test/${nonce}`,
  nextStep: null,
})

/** Starts a rig; close it after the test. */
export async function startRig(): Promise<Rig> {
  const hub = await startHub()
  hub.addUser({ name: 'ann', token: 'hf_ann' })
  hub.createDataset({ name: dataset, files: { 'train/0/a.txt': 'zero' } })
  const local = await startLocalLedger()
  const { provider, trainer } = createProvider()
  let runs = 0
  let commits = 0
  return {
    hub,
    local,
    provider,
    async run(options = {}) {
      runs += 1
      const { recipes = [digits()], request = {}, onLine = () => {} } = options
      const { runId = `${1000 + runs}`, runAttempt = 1 } = options
      const lines: string[] = []
      const log = logInto(lines, onLine)
      let state = ''
      const tools = toolsOf({
        hub: connect(hub.url, 'hf_ann').hub,
        local,
        workflow: workflow(runId, runAttempt),
        log,
        trainers: { ...every(trainer), ...options.trainers },
        pending: createPending((json) => {
          state = json
        }),
        signal: options.signal ?? new AbortController().signal,
      })
      const asked = { event: null, revision: null, dryRun: false, force: false, ...request }
      const runLog = openRunLog({
        log,
        startGroup: (title) => lines.push(`{ ${title}`),
        endGroup: () => lines.push('}'),
      })
      const outcomes = await retrain(recipes, asked, tools, runLog)
      const [outcome] = outcomes
      if (outcome === undefined) throw new Error('There was no recipe.')
      return { outcomes, outcome, lines, pending: readPending(state) }
    },
    post(given = trainer) {
      const lines: string[] = []
      const tools = toolsOf({
        hub: connect(hub.url, 'hf_ann').hub,
        local,
        workflow: workflow('1000'),
        log: logInto(lines, () => {}),
        trainers: every(given),
        pending: createPending(() => {}),
        signal: new AbortController().signal,
      })
      return { tools, lines }
    },
    commit() {
      commits += 1
      return hub.commit(dataset, { files: { 'train/1/b.txt': `${commits}` } }).sha
    },
    async records(of = digits()) {
      const ledger = await local.open({}, recipeKey(of))
      const claims = [...local.git.refs.keys()].flatMap((ref) => {
        const [, key, revision] = /^refs\/auto-retrain\/([^/]+)\/([0-9a-f]{40})$/.exec(ref) ?? []
        return key === recipeKey(of) && revision !== undefined ? [revision] : []
      })
      const entries = await Promise.all(claims.map((revision) => ledger.latest(revision)))
      return entries.flatMap((entry) => entry?.record ?? [])
    },
    close: async () => {
      await Promise.all([hub.close(), local.github.close()])
    },
  }
}

const every = (trainer: Trainer): Collaborators['trainers'] => ({
  autotrain: trainer,
  'autotrain-classic': trainer,
  job: trainer,
  command: trainer,
})

function createProvider(): { provider: Provider; trainer: Trainer } {
  const paid: TrainingOrder[] = []
  const provider: Provider = {
    paid,
    end: null,
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
    }),
    start: async (order, { assertMayBegin }) => {
      assertMayBegin()
      paid.push(order)
      return runOf(order)
    },
    find: async ({ nonce }) => {
      const order = paid.find((one) => one.nonce === nonce)
      return order === undefined ? null : runOf(order)
    },
    follow: async () => succeeded,
    inspect: async () => provider.end,
    cancel: async () => {},
  }
  return { provider, trainer }
}

function logInto(lines: string[], onLine: (line: string) => void): Log {
  const take = (line: string) => {
    lines.push(line)
    onLine(line)
  }
  return {
    info: take,
    debug: () => {},
    notice: (message) => take(`notice: ${message}`),
    warning: (message) => take(`warning: ${message}`),
    async group(title, work) {
      lines.push(`{ ${title}`)
      try {
        return await work()
      } finally {
        lines.push('}')
      }
    },
  }
}

function toolsOf(options: {
  hub: Hub
  local: LocalLedger
  workflow: Collaborators['workflow']
  log: Log
  trainers: Collaborators['trainers']
  pending: Collaborators['pending']
  signal: AbortSignal
}): Collaborators {
  const { local, ...rest } = options
  const report: ReportContext = {
    trigger: 'schedule',
    delivery: null,
    workflowUrl: options.workflow.url,
    repositoryVisibility: 'public',
    hubUrl: options.hub.url,
  }
  return {
    ...rest,
    ledger: { recipe: (key) => local.open({}, key) },
    notify: createNotifier({ hub: options.hub, report }),
    report,
    clock: local.clock,
  }
}
