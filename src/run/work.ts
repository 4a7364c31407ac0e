import { messageOf } from '../domain/error-message.ts'
import type { Outcome, ReportContext } from '../domain/outcome.ts'
import type { Recipe, TrainerName } from '../domain/recipe.ts'
import { NotStarted, type Trainer, type TrainingOrder, type TrainingRun } from '../domain/training.ts'
import { Refused, Skipped, type Verdict } from '../domain/verdict.ts'
import { mayName } from '../domain/visibility.ts'
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

/** What a run of the action is asked to do, the same for every recipe. */
export interface Request {
  /** The event that woke it; null when a person or the clock did. */
  readonly event: HubEvent | null
  /** The `revision` input. */
  readonly revision: string | null
  readonly dryRun: boolean
  readonly force: boolean
}

/** What a notification is about, and where its own failures are logged. */
export interface Notification {
  readonly recipe: Recipe
  /** Of the run that is reported, which may belong to another workflow run. */
  readonly outcome: Outcome
  readonly log: Log
  readonly signal: AbortSignal
}

/** Tells people where a run stands. It never throws: a failed notification is a warning in the log. */
export interface Notifier {
  /** Updates the discussion on the dataset; returns its URL, or why there is none. */
  dataset(notification: Notification): Promise<Pick<Outcome, 'discussionUrl' | 'discussionNote'>>
  /** Writes into the trained model's card where the model comes from. */
  model(notification: Notification): Promise<void>
}

/** What the work is done with. */
export interface Collaborators {
  readonly hub: Hub
  readonly ledger: Ledger
  readonly trainers: Readonly<Record<TrainerName, Trainer>>
  readonly notify: Notifier
  /** Where what is started is noted for the end of the job. */
  readonly pending: Pending
  readonly report: ReportContext
  /** The workflow run, as the ledger names it. */
  readonly workflow: { readonly runId: string; readonly runAttempt: number; readonly url: string }
  readonly clock: Clock
  readonly log: Log
  /** Aborted when the workflow is cancelled. */
  readonly signal: AbortSignal
}

/** What is known so far of an outcome. */
export type Facts = { -readonly [K in keyof Outcome]: Outcome[K] }

/** One recipe on its way to its verdict. */
export interface Work {
  readonly recipe: Recipe
  readonly request: Request
  readonly tools: Collaborators
  readonly facts: Facts
  readonly steps: Steps
  /** The tools' log, which does not name the dataset where it is not to be named. */
  readonly log: Log
}

/** A training that this run of the action owns, and its record in the ledger. */
export interface Owned {
  readonly work: Work
  readonly trainer: Trainer
  readonly order: TrainingOrder
  readonly run: TrainingRun
  readonly entry: Entry
}

/** What every outcome begins with. */
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

/** Begins the work on a recipe. */
export function beginWork(recipe: Recipe, request: Request, tools: Collaborators): Work {
  const facts: Facts = { ...emptyOutcome, recipe }
  const log = discreetLog(tools.log, (text) => discreet(text, { facts, tools }))
  const steps = createSteps({ clock: tools.clock, log })
  return { recipe, request, tools, facts, steps, log }
}

/** Ends the work on a recipe with its verdict. */
export function endWork(work: Work, ending: Pick<Outcome, 'verdict' | 'reason'>): Outcome {
  const { verdict, reason } = ending
  return {
    ...work.facts,
    verdict,
    reason: discreet(reason, work),
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
    // What a cancelled call throws is no mistake of the code.
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

/** Whether what is written into the workflow's repository may name the dataset. */
export function namesDataset({ facts, tools }: Pick<Work, 'facts' | 'tools'>): boolean {
  return mayName({ place: tools.report.repositoryVisibility, thing: facts.datasetVisibility })
}

/** Messages of services hold URLs, and those the dataset's name. */
function discreet(text: string, work: Pick<Work, 'facts' | 'tools'>): string {
  const name = work.facts.recipe?.inputDataset
  return name === undefined || namesDataset(work) ? text : text.replaceAll(name, 'the dataset')
}

function discreetLog(log: Log, cover: (text: string) => string): Log {
  return {
    info: (line) => log.info(cover(line)),
    debug: (line) => log.debug(cover(line)),
    notice: (message) => log.notice(cover(message)),
    warning: (message) => log.warning(cover(message)),
    group: (title, work) => log.group(cover(title), work),
  }
}

/** Reports an outcome on the dataset. */
export function notifyDataset(
  { recipe, tools, log }: Work,
  outcome: Outcome,
): Promise<Pick<Outcome, 'discussionUrl' | 'discussionNote'>> {
  return tools.notify.dataset({ recipe, outcome, log, signal: tools.signal })
}

/** Reports an outcome on the model's card. */
export function notifyModel({ recipe, tools, log }: Work, outcome: Outcome): Promise<void> {
  return tools.notify.model({ recipe, outcome, log, signal: tools.signal })
}
