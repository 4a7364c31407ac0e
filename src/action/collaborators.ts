import { createHash, randomBytes } from 'node:crypto'
import type { ReportContext } from '../domain/outcome.ts'
import type { Recipe } from '../domain/recipe.ts'
import { mayName } from '../domain/visibility.ts'
import { createApi } from '../http/api.ts'
import { systemClock } from '../http/clock.ts'
import type { DebugHttp } from '../http/debug-line.ts'
import { defaultPolicy, withPolicy } from '../http/exchange.ts'
import { createNodeSend } from '../http/node-fetch.ts'
import { nameProxyInErrors } from '../http/proxy/proxy.ts'
import { createHub } from '../hub/hub.ts'
import { readHubWords } from '../hub/words.ts'
import { openLedger } from '../ledger/ledger.ts'
import { createPending } from '../run/close/pending.ts'
import type { Collaborators } from '../run/work.ts'
import { createTrainers } from '../trainers/registry.ts'
import { createNotifier } from './notify/notify.ts'
import { checkCommandFiles } from './runner/command-files/command-files.ts'
import { savePending } from './runner/command-files/state.ts'
import type { Environment } from './runner/environment.ts'
import type { Inputs } from './runner/inputs.ts'
import { useProxy } from './runner/proxy.ts'
import { stepLog } from './runner/step-log.ts'

/** What both the step and the end of the job are given. */
interface Options {
  environment: Environment
  inputs: Inputs
  recipes: readonly Pick<Recipe, 'inputDataset' | 'inputModel'>[]
  /** The texts by which the variables that recipes name as secrets are found. */
  secrets: readonly string[]
  report: ReportContext
  /** Aborted when the workflow is cancelled, or when time runs out. */
  signal: AbortSignal
}

/**
 * The clients of the Hub and the trainers: what stops a training needs nothing of GitHub.
 *
 * @throws Refused when the proxy cannot be used
 */
export function createProviders({ environment, inputs, recipes, report, secrets: named }: Options) {
  const { endpoints, workflow } = environment
  const clock = systemClock
  const { hfToken: token, trainingToken } = inputs
  const debug = createHttpDebug(recipes, report)
  const proxy = useProxy(environment.runner)
  const platformFetch = nameProxyInErrors({ proxy, send: fetch })
  const http = withPolicy({ send: createNodeSend({ proxy }), policy: defaultPolicy, clock, debug })
  const secrets = [token, trainingToken, ...named]
  const openHub = (as: string) =>
    createHub({ url: endpoints.hub, token: as, secrets, http, platformFetch, clock, debug })
  const hub = openHub(token)
  const autotrain = createApi({
    baseUrl: endpoints.autotrainApi,
    token,
    http,
    readWords: readHubWords,
    clock,
    debug,
  })
  const trainingHub = trainingToken === token ? hub : openHub(trainingToken)
  const trainers = createTrainers({
    hub,
    trainingHub,
    classicApi: autotrain,
    classicUiUrl: endpoints.autotrainUi,
    clock,
    environment: environment.runner,
    tempDir: environment.tempDir,
    workflowUrl: workflow.url,
  })
  return { hub, trainingHub, trainers, clock, debug, platformFetch }
}

/**
 * Creates the clients, the trainers and the log that the action works with.
 *
 * @param options.config the path of the config file; null without one
 * @throws Refused when the token for the ledger is missing
 */
export function createCollaborators(options: Options & { config: string | null }): Collaborators {
  const { environment, inputs, config, report, signal } = options
  const { endpoints, workflow } = environment
  const { hub, trainingHub, trainers, clock, debug, platformFetch } = createProviders(options)
  return {
    hub,
    trainingHub,
    trainers,
    ledger: openLedger({
      repository: workflow.repository,
      token: inputs.githubToken,
      apiUrl: endpoints.githubApi,
      commit: workflow.commit,
      secrets: [inputs.hfToken, inputs.trainingToken, ...inputs.webhookSecrets, ...options.secrets],
      platformFetch,
      clock,
      randomBytes,
      debug,
    }),
    pending: createPending(savePending, stepLog.warning),
    checkRunner: once(() => checkCommandFiles(environment.runner)),
    workflow: {
      runId: workflow.id,
      runAttempt: workflow.attempt,
      url: workflow.url,
      file: workflow.file,
      config,
      ledger: ledgerId(workflow),
    },
    notify: createNotifier({ hub, report }),
    report,
    clock,
    log: stepLog,
    signal,
  }
}

/** Several recipes are checked for, and warned of, once. */
function once(check: () => readonly string[]): () => readonly string[] {
  let isDone = false
  return () => {
    const warnings = isDone ? [] : check()
    isDone = true
    return warnings
  }
}

/** Copies of a repository have ledgers of their own, which a label on each run tells apart. */
function ledgerId({ repositoryId, repository }: Environment['workflow']): string {
  return createHash('sha256')
    .update(repositoryId || repository)
    .digest('hex')
    .slice(0, 8)
}

/**
 * Logs requests for step debug. Their URLs name dataset and base model, whose visibility is not known when the first are
 * sent, so a log that strangers can read says `DATASET` and `BASE_MODEL` instead.
 */
function createHttpDebug(recipes: Options['recipes'], report: ReportContext): DebugHttp {
  const place = report.repositoryVisibility
  if (mayName({ place, thing: 'unknown' })) return stepLog.debug
  const things = recipes.flatMap(({ inputDataset, inputModel }) =>
    [(name: string) => name, encodeURIComponent].flatMap((form): Hidden[] => [
      { name: form(inputDataset), replacement: 'DATASET' },
      ...(inputModel.includes('/') ? [{ name: form(inputModel), replacement: 'BASE_MODEL' }] : []),
    ]),
  )
  const longestFirst = things.toSorted((a, b) => b.name.length - a.name.length)
  return (line) =>
    stepLog.debug(
      longestFirst.reduce((text, { name, replacement }) => text.replaceAll(name, replacement), line),
    )
}

interface Hidden {
  readonly name: string
  readonly replacement: string
}
