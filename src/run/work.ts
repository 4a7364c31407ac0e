import { messageOf } from '../domain/error-message.ts'
import type { Outcome, ReportContext } from '../domain/outcome.ts'
import type { Recipe, TrainerName } from '../domain/recipe.ts'
import { NotStarted, type Trainer, type TrainingOrder, type TrainingRun } from '../domain/training.ts'
import { Refused, Skipped, type Verdict } from '../domain/verdict.ts'
import { maskDataset, mayName } from '../domain/visibility.ts'
import type { HubEvent } from '../event/payload.ts'
import type { Clock } from '../http/clock.ts'
import type { Hub } from '../hub/hub.ts'
import type { Entry } from '../ledger/entry.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { MayBeRunning } from './errors.ts'
import { logCauses, logError } from './log/error-log.ts'
import type { Log } from './log/log.ts'
import { createSteps, type Steps } from './log/steps.ts'
import type { Pending } from './pending.ts'

/** What one run of the action is asked to do, the same for every recipe. */
export interface Request {
  /** The event that triggered it; null for `workflow_dispatch` and `schedule`. */
  readonly event: HubEvent | null
  /** The `revision` input. */
  readonly revision: string | null
  readonly dryRun: boolean
  readonly force: boolean
}

/** The subject of a notification, and the log for its own failures. */
interface Notification {
  readonly recipe: Recipe
  /** The outcome of the reported run, which may belong to another workflow run. */
  readonly outcome: Outcome
  readonly log: Log
  readonly signal: AbortSignal
}

/** Notifies people of the state of a run. It never throws: a failed notification is a warning in the log. */
export interface Notifier {
  /** Updates the discussion on the dataset; returns its URL, or why there is none. */
  dataset(notification: Notification): Promise<Pick<Outcome, 'discussionUrl' | 'discussionNote'>>
  /** Adds the origin of the model to its card. */
  model(notification: Notification): Promise<void>
}

/** The clients, trainers and logs that the work uses. */
export interface Collaborators {
  readonly hub: Hub
  readonly ledger: Ledger
  readonly trainers: Readonly<Record<TrainerName, Trainer>>
  readonly notify: Notifier
  /** The trainings that the action's `post` has to stop. */
  readonly pending: Pending
  readonly report: ReportContext
  /** The workflow run, as the ledger identifies it. */
  readonly workflow: { readonly runId: string; readonly runAttempt: number; readonly url: string }
  readonly clock: Clock
  readonly log: Log
  /** Aborted when the workflow is cancelled. */
  readonly signal: AbortSignal
}

/** The part of an outcome that is known so far; filled as the work proceeds. */
type Facts = { -readonly [K in keyof Outcome]: Outcome[K] }

/** One recipe on its way to its verdict. */
export interface Work {
  readonly recipe: Recipe
  readonly request: Request
  readonly tools: Collaborators
  readonly facts: Facts
  readonly steps: Steps
  /** The tools' log; it replaces the dataset's name where that is private. */
  readonly log: Log
}

/** A training that this workflow run owns, with its ledger entry. */
export interface Owned {
  readonly work: Work
  readonly trainer: Trainer
  readonly order: TrainingOrder
  readonly run: TrainingRun
  readonly entry: Entry
}

/** The outcome of a run of which nothing is known. */
export const emptyOutcome: Outcome = {
  verdict: 'failed',
  reason: '',
  recipe: null,
  datasetVisibility: 'unknown',
  revision: null,
  oldRevision: null,
  change: null,
  plan: null,
  project: null,
  attempt: null,
  run: null,
  end: null,
  steps: [],
  discussionUrl: null,
  discussionNote: null,
  baseline: null,
  history: [],
}

/** Creates the work on a recipe. */
export function beginWork(recipe: Recipe, request: Request, tools: Collaborators): Work {
  const facts: Facts = { ...emptyOutcome, recipe }
  const log = filterLog(tools.log, (text) => hideDatasetName(text, { facts, tools }))
  const steps = createSteps({ clock: tools.clock, log })
  return { recipe, request, tools, facts, steps, log }
}

/** The outcome of the work on a recipe, with its verdict. */
export function endWork(work: Work, ending: Pick<Outcome, 'verdict' | 'reason'>): Outcome {
  const { verdict, reason } = ending
  return {
    ...work.facts,
    verdict,
    reason: hideDatasetName(reason, work),
    steps: [...work.steps.records],
  }
}

/**
 * Turns an error into a verdict, and logs what the verdict's reason leaves out of it.
 *
 * @param options.signal the workflow's: once it is aborted, the verdict is `cancelled`
 */
export async function toEnding(
  error: unknown,
  { signal, log }: { signal: AbortSignal; log: Log },
): Promise<Pick<Outcome, 'verdict' | 'reason'>> {
  if (signal.aborted) {
    // An aborted call may throw anything.
    logCauses(log, error)
    const open = error instanceof MayBeRunning ? ` ${error.message}` : ''
    return { verdict: 'cancelled', reason: `The workflow was cancelled.${open}` }
  }
  await logError(log, error)
  const verdict = (): Verdict => {
    if (error instanceof Refused) return 'refused'
    const isSkip = error instanceof Skipped || (error instanceof NotStarted && error.cause instanceof Skipped)
    return isSkip ? 'skipped' : 'failed'
  }
  return { verdict: verdict(), reason: messageOf(error) }
}

/** Whether the log, the summary and the ledger of the workflow's repository may name the dataset. */
export function mayNameDataset({ facts, tools }: Pick<Work, 'facts' | 'tools'>): boolean {
  return mayName({ place: tools.report.repositoryVisibility, thing: facts.datasetVisibility })
}

/** Replaces the dataset's name where it is private: messages contain URLs, which contain the name. */
function hideDatasetName(text: string, { facts, tools }: Pick<Work, 'facts' | 'tools'>): string {
  return maskDataset(text, {
    dataset: facts.recipe?.inputDataset,
    place: tools.report.repositoryVisibility,
    thing: facts.datasetVisibility,
  })
}

function filterLog(log: Log, filter: (text: string) => string): Log {
  return {
    info: (line) => log.info(filter(line)),
    debug: (line) => log.debug(filter(line)),
    notice: (message) => log.notice(filter(message)),
    warning: (message) => log.warning(filter(message)),
    group: (title, work) => log.group(filter(title), work),
  }
}

/** Reports an outcome in the discussion on the dataset. */
export function notifyDataset(
  { recipe, tools, log }: Work,
  outcome: Outcome,
): Promise<Pick<Outcome, 'discussionUrl' | 'discussionNote'>> {
  return tools.notify.dataset({ recipe, outcome, log, signal: tools.signal })
}

/** Reports an outcome in the model's card. */
export function notifyModel({ recipe, tools, log }: Work, outcome: Outcome): Promise<void> {
  return tools.notify.model({ recipe, outcome, log, signal: tools.signal })
}
