import { createNotifier } from '../../src/action/notify/notify.ts'
import type { Outcome, ReportContext } from '../../src/domain/outcome.ts'
import type { Recipe } from '../../src/domain/recipe.ts'
import type { Trainer } from '../../src/domain/training.ts'
import type { LedgerRecord } from '../../src/ledger/record.ts'
import { recipeKey } from '../../src/recipe/recipe-key.ts'
import { createPending, type PendingState, readPending } from '../../src/run/close/pending.ts'
import type { Log } from '../../src/run/log/log.ts'
import { openRunLog } from '../../src/run/log/run-log.ts'
import { retrain } from '../../src/run/retrain.ts'
import { type Collaborators, noRequest, type Request, type WorkflowRef } from '../../src/run/work.ts'
import { type Act, connect } from '../hub/connect.ts'
import { type SandboxHub, startHub } from '../sandbox/hub/start.ts'
import { recipe } from '../trainers/order.ts'
import { createProvider, type Provider } from './provider.ts'
import { startRepository, type WorkflowRepository } from './workflow-repository.ts'

/** The dataset of every test here, and its owner. */
export const dataset = 'ann/digits'

/** A recipe for it, without notifications. */
export function digits(change: Partial<Recipe> = {}): Recipe {
  return recipe({ trainer: 'job', discussion: 'off', modelCard: false, inputDataset: dataset, ...change })
}

/** How one run of the action differs from the next. */
export interface RunOptions {
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
  /** What each call to the Hub goes through. */
  act?: Act
  /** What the ledger's calls go through. */
  platformFetch?: typeof fetch
  /** Takes what is noted for the end of the job, as it is noted. */
  onPending?: (json: string) => void
  /** What the step can hand over. @default everything */
  checkRunner?: Collaborators['checkRunner']
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

/** Runs the action on a real ledger and a Hub on loopback. */
export interface Rig {
  readonly hub: SandboxHub
  readonly home: WorkflowRepository
  readonly provider: Provider
  run(options?: RunOptions): Promise<RigRun>
  /** What `post` works with, and the lines that it prints. */
  post(trainer?: Trainer, platformFetch?: typeof fetch): { tools: Collaborators; lines: string[] }
  /** Commits data and returns the new head. */
  commit(): string
  /** Commits a README, which is no data, and returns the new head. */
  commitCard(): string
  head(): string
  /** The records of the claims, oldest first. */
  records(of?: Recipe): Promise<LedgerRecord[]>
  close(): Promise<void>
}

/** Starts a rig; close it after the test. */
export async function startRig(): Promise<Rig> {
  const home = await startRepository()
  const hub = await startHub({ now: () => new Date(home.clock.now()) })
  hub.addUser({ name: 'ann', token: 'hf_ann' })
  hub.createBaseModel('microsoft/resnet-50')
  hub.createDataset({ name: dataset, files: { 'train/0/a.txt': 'zero' } })
  const provider = createProvider(home.clock)
  let runs = 0
  let commits = 0
  const toolsFor = (options: RunOptions & { lines: string[]; workflow: WorkflowRef }): Collaborators => {
    const { lines, workflow, signal = new AbortController().signal, onPending, onLine } = options
    const client = connect(hub.url, 'hf_ann', options.act).hub
    const report: ReportContext = {
      trigger: 'schedule',
      delivery: null,
      workflowUrl: workflow.url,
      repositoryVisibility: 'public',
      hubUrl: hub.url,
    }
    return {
      hub: client,
      ledger: home.open(options.platformFetch),
      trainers: { ...every(provider.trainer()), ...options.trainers },
      pending: createPending(onPending ?? (() => undefined), (message) => lines.push(`warning: ${message}`)),
      checkRunner: options.checkRunner ?? (() => []),
      workflow,
      notify: createNotifier({ hub: client, report }),
      report,
      clock: home.clock,
      log: logInto(lines, onLine ?? (() => undefined)),
      signal,
    }
  }
  return {
    hub,
    home,
    provider,
    async run(options = {}) {
      runs += 1
      const { recipes = [digits()], request = {}, runId = `${1000 + runs}`, runAttempt = 1 } = options
      const lines: string[] = []
      let state = ''
      const onPending = (json: string) => {
        state = json
        options.onPending?.(json)
      }
      const tools = toolsFor({ ...options, onPending, lines, workflow: workflow(runId, runAttempt) })
      const none = { ...noRequest, byPerson: runAttempt > 1 }
      const runLog = openRunLog({
        log: tools.log,
        startGroup: (title) => lines.push(`{ ${title}`),
        endGroup: () => lines.push('}'),
      })
      const outcomes = await retrain(recipes, { ...none, ...request }, tools, runLog)
      const [outcome] = outcomes
      if (outcome === undefined) throw new Error('There was no recipe.')
      return { outcomes, outcome, lines, pending: readPending(state) }
    },
    post(trainer, platformFetch = fetch) {
      const lines: string[] = []
      const trainers = trainer === undefined ? {} : every(trainer)
      return { tools: toolsFor({ lines, trainers, platformFetch, workflow: workflow('1000') }), lines }
    },
    commit() {
      commits += 1
      return hub.commit(dataset, { files: { 'train/1/b.txt': `${commits}` } }).sha
    },
    commitCard() {
      commits += 1
      return hub.commit(dataset, { files: { 'README.md': `# Digits ${commits}` } }).sha
    },
    head: () => hub.repository(dataset).refs.get('refs/heads/main') ?? '',
    async records(of = digits()) {
      const ledger = await home.ledgerOf(of)
      const claims = home.refs().flatMap((ref) => {
        const [, key, revision] = /^refs\/auto-retrain\/([^/]+)\/([0-9a-f]{40})$/.exec(ref) ?? []
        return key === recipeKey(of) && revision !== undefined ? [revision] : []
      })
      const entries = await Promise.all(claims.map((revision) => ledger.attempts(revision)))
      return entries.flat().map(({ record }) => record)
    },
    close: async () => {
      await Promise.all([hub.close(), home.github.close()])
    },
  }
}

function workflow(runId: string, runAttempt = 1): WorkflowRef {
  return {
    runId,
    runAttempt,
    url: `https://github.test/acme/retrain/actions/runs/${runId}`,
    file: 'acme/retrain/.github/workflows/retrain.yml@refs/heads/main',
    config: null,
    ledger: '0a1b2c3d',
  }
}

function every(trainer: Trainer): Collaborators['trainers'] {
  return {
    autotrain: trainer,
    script: trainer,
    'autotrain-classic': trainer,
    job: trainer,
    command: trainer,
  }
}

function logInto(lines: string[], onLine: (line: string) => void): Log {
  const take = (line: string) => {
    lines.push(line)
    onLine(line)
  }
  return {
    info: take,
    debug: () => undefined,
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
