import type { Outcome, ReportContext } from '../domain/outcome.ts'
import type { TrainingPlan } from '../domain/plan/training-plan.ts'
import type { PublishedRun } from '../domain/publication.ts'
import type { Recipe, TrainerName } from '../domain/recipe.ts'
import type { Trainer } from '../domain/training.ts'
import { mayName } from '../domain/visibility.ts'
import type { HubEvent } from '../event/payload.ts'
import { seenRef } from '../event/seen.ts'
import type { Clock } from '../http/clock.ts'
import type { Hub } from '../hub/hub.ts'
import type { Entry } from '../ledger/entry.ts'
import type { Ledger, LedgerKeys, RecipeLedger } from '../ledger/ledger.ts'
import { type RecipeHashes, recipeHashes } from '../recipe/recipe-hashes.ts'
import { type RecipeIdentity, recipeFamily, recipeKey } from '../recipe/recipe-key.ts'
import type { BaseModel } from './base-model.ts'
import type { Confirmed } from './check/confirm.ts'
import type { Pending } from './close/pending.ts'
import type { Log } from './log/log.ts'
import { discreet } from './log/quoting.ts'
import { createSteps, type Steps } from './log/steps.ts'

/** What a run of the action is asked to do, the same for every recipe. */
export interface Request {
  /** The event that triggered it; null when a person or a timer did. */
  readonly event: HubEvent | null
  /** The `revision` input. */
  readonly revision: string | null
  /** The `publish-revision` input, where a person started the workflow: nothing is trained then. */
  readonly publishRevision: string | null
  readonly dryRun: boolean
  /** Counts only for `workflow_dispatch`. */
  readonly force: boolean
  /** Whether a person started it: Run workflow, or Re-run jobs. */
  readonly byPerson: boolean
}

/** What a timer asks: nothing in particular. */
export const noRequest: Request = {
  event: null,
  revision: null,
  publishRevision: null,
  dryRun: false,
  force: false,
  byPerson: false,
}

/** What a notification is about, and where its own failures are logged. */
interface Notification {
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

/** The workflow run, as the ledger names it. */
export interface WorkflowRef {
  readonly runId: string
  readonly runAttempt: number
  readonly url: string
  /** `owner/repo/.github/workflows/x.yml@ref`, for the owner of a seen entry. */
  readonly file: string
  /** The config file's path; null without one. */
  readonly config: string | null
  /** 8 hex digits over the repository's id: tells the ledgers of copies of a repository apart. */
  readonly ledger: string
}

/** What the work is done with. */
export interface Collaborators {
  readonly hub: Hub
  /** The Hub as the training token sees it. @default hub */
  readonly trainingHub?: Hub
  readonly ledger: Ledger
  readonly trainers: Readonly<Record<TrainerName, Trainer>>
  readonly notify: Notifier
  /** Where what is started is noted for the end of the job. */
  readonly pending: Pending
  readonly report: ReportContext
  readonly workflow: WorkflowRef
  /**
   * Checks, before anything is claimed, whether the step will be able to hand over its results.
   *
   * @returns warnings, a sentence each
   * @throws Refused when a result would be lost
   */
  readonly checkRunner?: () => readonly string[]
  readonly clock: Clock
  readonly log: Log
  /** Aborted when the workflow is cancelled. */
  readonly signal: AbortSignal
}

/** What is known so far of an outcome. */
type Facts = { -readonly [K in keyof Outcome]: Outcome[K] }

/** What a check has found out so far, for what is written down at its end. */
interface Known {
  ledger: RecipeLedger | null
  confirmed: Confirmed | null
  /** Null before it was read. */
  baseModel: BaseModel | null
  /** The plan of a head that was asked for before it was known whether it is wanted; null: none was. */
  plan: { readonly revision: string; readonly plan: Promise<TrainingPlan> } | null
  /** Whether the check ended because it trusted what was seen before. */
  trustsSeen: boolean
  /** Rows of the revision's data; null where they are not known. */
  rows: number | null
  /** The run whose model is published now; null: none, or not known. */
  published: PublishedRun | null
  /** The recipe's open records, as they were last read or written. */
  open: readonly Entry[]
}

/** One recipe on its way to its verdict. */
export interface Work {
  /** With the name that its dataset has today. */
  readonly recipe: Recipe
  /** What makes it this recipe, as the config says. */
  readonly identity: RecipeIdentity
  readonly hashes: RecipeHashes
  readonly request: Request
  readonly tools: Collaborators
  readonly facts: Facts
  readonly known: Known
  readonly steps: Steps
  /** The tools' log, which does not name the dataset where it must not be named. */
  readonly log: Log
}

/** What every outcome begins with. */
export const emptyOutcome: Outcome = {
  verdict: 'failed',
  reason: '',
  isWarning: false,
  comesBack: null,
  recipe: null,
  datasetVisibility: 'unknown',
  baseVisibility: 'unknown',
  modelVisibility: 'unknown',
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
  sinceSuccess: null,
  publication: null,
}

/** Begins the work on a recipe. */
export function beginWork(recipe: Recipe, request: Request, tools: Collaborators): Work {
  const facts: Facts = { ...emptyOutcome, recipe }
  const log = discreetLog(tools.log, (text) => discreet(text, { facts, tools }))
  const steps = createSteps({ clock: tools.clock, log })
  const known: Known = {
    ledger: null,
    confirmed: null,
    baseModel: null,
    plan: null,
    trustsSeen: false,
    rows: null,
    published: null,
    open: [],
  }
  return { recipe, identity: recipe, hashes: recipeHashes(recipe), request, tools, facts, known, steps, log }
}

/** The same work under the name that its dataset has today. */
export function underName(work: Work, dataset: string): Work {
  const recipe = { ...work.recipe, inputDataset: dataset }
  work.facts.recipe = recipe
  return { ...work, recipe }
}

/** What identifies the recipe of a work in the ledger. */
export async function ledgerKeys({ identity }: Pick<Work, 'identity'>): Promise<LedgerKeys> {
  const { inputDataset: dataset, ref } = identity
  const key = recipeKey(identity)
  return { key, family: recipeFamily(identity), seenRef: await seenRef({ dataset, ref, key }) }
}

/** Ends the work on a recipe with its verdict. */
export function endWork(
  work: Work,
  ending: Pick<Outcome, 'verdict' | 'reason'> & Partial<Pick<Outcome, 'isWarning' | 'comesBack'>>,
): Outcome {
  const { verdict, reason, isWarning = false, comesBack = null } = ending
  return {
    ...work.facts,
    verdict,
    isWarning,
    comesBack,
    reason: discreet(reason, work),
    steps: [...work.steps.records],
  }
}

/** Whether what is written into the workflow's repository may name the dataset. */
export function mayNameDataset({ facts, tools }: Pick<Work, 'facts' | 'tools'>): boolean {
  return mayName({ place: tools.report.repositoryVisibility, thing: facts.datasetVisibility })
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
