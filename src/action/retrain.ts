import type { FilterResult } from '../event/filter.ts'
import { filterEvent } from '../event/filter.ts'
import type { HubEvent } from '../event/payload.ts'
import type { Clock } from '../http/clock.ts'
import type { Hub } from '../hub/hub.ts'
import { modelExists } from '../hub/models.ts'
import { freeProjectName } from '../recipe/project-name.ts'
import type { Recipe, TrainerName } from '../recipe/recipe.ts'
import { discussionText } from '../report/discussion.ts'
import { shortRevision } from '../report/format.ts'
import type { Outcome, ReportContext } from '../report/outcome.ts'
import type { Trainer } from '../trainers/trainer.ts'
import { Refused, Skipped, type Verdict } from '../verdict.ts'
import { announce } from './announce.ts'
import { confirmRevision, type Wanted } from './confirm.ts'
import type { Log } from './log.ts'
import { createSteps } from './steps.ts'

/** What a run of the action is asked to do, the same for every recipe. */
export interface Request {
  /** The event that woke it; null when a person or the clock did. */
  readonly event: HubEvent | null
  /** The `revision` input. */
  readonly revision: string | null
  readonly dryRun: boolean
}

/** What the work is done with. */
export interface Collaborators {
  readonly hub: Hub
  readonly trainers: Readonly<Partial<Record<TrainerName, Trainer>>>
  /** The namespaces of hf-token's account; asked for at most once. */
  readonly ownNamespaces: () => Promise<readonly string[]>
  readonly report: ReportContext
  readonly clock: Clock
  readonly log: Log
  /** Aborted when the workflow is cancelled. */
  readonly signal: AbortSignal
}

type Facts = { -readonly [K in keyof Outcome]: Outcome[K] }
type Ending = Pick<Outcome, 'verdict' | 'reason'>

/**
 * Carries one recipe from the event to its verdict. It does not throw: whatever goes wrong is the verdict's reason.
 */
export async function retrain(recipe: Recipe, request: Request, tools: Collaborators): Promise<Outcome> {
  const steps = createSteps(tools)
  const facts: Facts = { ...emptyOutcome, recipe, steps: steps.records }
  const phases = async (): Promise<Ending> => {
    const wanted = whatIsWanted(recipe, request, facts)
    const trainer = tools.trainers[recipe.trainer]
    if (trainer === undefined) throw new Refused(`trainer: ${recipe.trainer} is not there yet.`)
    const { signal } = tools
    const confirmed = await steps.run('Ask the Hub about the revision', () =>
      confirmRevision({ hub: tools.hub, recipe, wanted, readsOnlyHead: true, signal }),
    )
    const { revision } = confirmed
    facts.revision = revision
    facts.datasetVisibility = confirmed.private ? 'private' : 'public'

    const project = await nameProject(recipe, revision, tools)
    const order = { recipe, revision, project, nonce: '' }
    const plan = await trainer.plan(order, signal)
    Object.assign(facts, { project, plan })
    if (request.dryRun) return { verdict: 'planned', reason: `Dry run: ${plan.what}.` }

    const run = await trainer.start(order, {
      signal,
      step: steps.run,
      log: (line) => tools.log.debug(line),
      progress: () => undefined,
    })
    facts.run = run
    await openDiscussion(recipe, facts, tools)
    const next = run.nextStep === null ? '' : `: ${run.nextStep}`
    return { verdict: 'started', reason: `The retraining on ${shortRevision(revision)} is prepared${next}.` }
  }
  const ending = await phases().catch((error: unknown) => toEnding(error, tools.signal))
  return { ...facts, ...ending, steps: [...steps.records] }
}

/** What every outcome begins with. */
export const emptyOutcome: Outcome = {
  verdict: 'failed',
  reason: '',
  recipe: null,
  datasetVisibility: 'unknown',
  revision: null,
  oldRevision: null,
  plan: null,
  project: null,
  run: null,
  steps: [],
  discussionUrl: null,
  discussionNote: null,
  change: null,
  attempt: null,
  end: null,
  baseline: null,
  history: [],
}

/** Turns what was thrown into a verdict: the one place where this is done. */
export function toEnding(error: unknown, signal: AbortSignal): Ending {
  const reason = error instanceof Error ? error.message : String(error)
  const verdict = (): Verdict => {
    if (signal.aborted) return 'cancelled'
    if (error instanceof Refused) return 'refused'
    return error instanceof Skipped ? 'skipped' : 'failed'
  }
  return { verdict: verdict(), reason: signal.aborted ? 'The workflow was cancelled.' : reason }
}

function whatIsWanted(recipe: Recipe, { event, revision }: Request, facts: Facts): Wanted {
  const filtered = event === null ? null : passed(filterEvent(event, watchedBy(recipe)))
  if (event?.repo.private !== undefined) facts.datasetVisibility = event.repo.private ? 'private' : 'public'
  facts.revision = revision ?? filtered?.revision ?? null
  facts.oldRevision = filtered?.oldRevision ?? null
  if (revision !== null) return { kind: 'explicit', revision }
  return filtered === null ? { kind: 'head' } : { kind: 'event', revision: filtered.revision }
}

function watchedBy({ inputDataset, ref }: Recipe) {
  return { dataset: inputDataset, ref }
}

function passed(result: FilterResult): Extract<FilterResult, { passed: true }> {
  if (!result.passed) throw new Skipped(`Not an event for this recipe: ${result.rule}.`)
  return result
}

function nameProject(recipe: Recipe, revision: string, { hub, signal }: Collaborators): Promise<string> {
  return freeProjectName({
    prefix: recipe.autotrainProjectPrefix,
    revision,
    isTaken: (name) => modelExists(hub, { model: `${recipe.targetNamespace}/${name}`, signal }),
  })
}

async function openDiscussion(recipe: Recipe, facts: Facts, tools: Collaborators): Promise<void> {
  if (recipe.discussion === 'off') return
  const text = discussionText(facts, tools.report)
  if (text === null) return
  const { hub, ownNamespaces, signal, log } = tools
  const result = await announce({ hub, dataset: recipe.inputDataset, text, ownNamespaces, signal })
  if ('discussion' in result) {
    facts.discussionUrl = result.discussion.url
    return
  }
  facts.discussionNote = result.note
  const say = result.isProblem ? log.warning : log.notice
  say(`Discussion on the dataset: ${result.note}.`)
}
