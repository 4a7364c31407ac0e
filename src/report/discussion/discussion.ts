import { formatDuration } from '../../domain/format.ts'
import type { Outcome, ReportContext } from '../../domain/outcome.ts'
import { shortRevision } from '../../domain/revision.ts'
import { mayName } from '../../domain/visibility.ts'
import { recipeKey } from '../../recipe/recipe-key.ts'
import { changeWords } from '../change-list.ts'
import { costWords, modelWords, yourTurn } from '../facts.ts'
import { headline, isWaiting } from '../headline.ts'
import { knownFailure } from '../known-failures.ts'
import { joinWithin } from '../markdown/limit.ts'
import { commitLink, datasetLink, modelLink } from '../markdown/links.ts'
import { code, factRows, link, plain } from '../markdown/markdown.ts'
import { compareRuns } from '../metrics/compare-runs.ts'
import { comparisonSentence, metricTables } from '../metrics/metric-table.ts'
import { runRows, runTable } from '../run-table.ts'

/** A post on a dataset: found again by its marker, and by its author. */
export interface Post {
  /** The first line of the text: hidden, and by it the post is found again. */
  readonly marker: string
  /** Markdown, with the marker. */
  readonly text: string
}

/** A discussion on a dataset, as its first post. */
export interface DiscussionText extends Post {
  /** Plain text. */
  readonly title: string
}

/** The Hub takes 65,536 characters. https://huggingface.co/docs/hub/api#discussions-and-pull-requests */
const limit = { maxBytes: 60_000, note: '*Something is left out here: it would be too long.*' }

/** In characters; the longest names together have more. */
const maxTitle = 200

const signature = '*auto-retrain wrote this by itself, and keeps it up to date.*'

/** An outcome that has something to tell about: a run. */
type Told = Outcome & { [K in 'recipe' | 'revision' | 'run' | 'project']: NonNullable<Outcome[K]> }

/**
 * The first post of the one discussion about a recipe's models: what it is about, and where its runs stand.
 *
 * @returns null when there is nothing to tell
 */
export function threadText(outcome: Outcome, context: ReportContext): DiscussionText | null {
  if (!isTold(outcome)) return null
  const { inputDataset, inputModel, targetNamespace, autotrainProjectPrefix } = outcome.recipe
  const { hubUrl, workflowUrl } = context
  const marker = markerOf('thread', recipeKey(outcome.recipe))
  const models = `${targetNamespace}/${autotrainProjectPrefix}-…`
  const rows = runRows(outcome, workflowUrl)
  const runs = runTable(outcome, rows, {
    hubUrl,
    namesDataset: true,
    namesWorkflow: namesWorkflow(outcome, context),
    isOnRunPage: false,
  })
  const parts = [
    marker,
    `When the data in ${datasetLink(hubUrl, inputDataset)} changes, ${modelLink(hubUrl, inputModel)} is trained on it ` +
      `again, and a new model ${code(models)} comes of it. This is where the runs stand; each has a comment below.`,
    runs,
    signature,
  ]
  return {
    marker,
    title: `🔁 ${inputModel}, retrained as ${models}`.slice(0, maxTitle),
    text: joinWithin(parts, limit),
  }
}

/**
 * What the people who watch a dataset are told about one run, now: that it began, or how it ended.
 *
 * @returns null when there is nothing to tell
 */
export function runText(outcome: Outcome, context: ReportContext): Post | null {
  if (!isTold(outcome)) return null
  const marker = runMarker(outcome)
  return { marker, text: joinWithin([marker, ...runParts(outcome, context)], limit) }
}

/**
 * The discussion about one run, where each has its own.
 * https://huggingface.co/docs/hub/webhooks-guide-auto-retrain
 *
 * @returns null when there is nothing to tell
 */
export function discussionText(outcome: Outcome, context: ReportContext): DiscussionText | null {
  if (!isTold(outcome)) return null
  const { recipe, revision, run, project } = outcome
  const { hubUrl } = context
  const marker = runMarker(outcome)
  const parts = [
    marker,
    `Hello! ${datasetLink(hubUrl, recipe.inputDataset)} was updated. A retraining of ` +
      `${modelLink(hubUrl, recipe.inputModel)} on it ${run.nextStep === null ? 'was started' : 'was prepared'}, as the ` +
      `project ${code(`${recipe.targetNamespace}/${project}`)}.`,
    ...runParts(outcome, context),
    signature,
  ]
  const title = `✨ Retraining of ${recipe.inputModel} on ${shortRevision(revision)}`.slice(0, maxTitle)
  return { marker, title, text: joinWithin(parts, limit) }
}

function runParts(outcome: Told, context: ReportContext): string[] {
  const { recipe, revision, run, verdict, end, baseline, attempt } = outcome
  const { hubUrl } = context
  const again = attempt !== null && attempt > 1 ? `, attempt ${attempt}` : ''
  const before = baseline === null ? '' : code(shortRevision(baseline.revision))
  return [
    `### ${headline(outcome)}`,
    `On ${commitLink(hubUrl, recipe.inputDataset, revision)}${again}.`,
    end === null ? yourTurn(run) : '',
    ...(verdict === 'failed' || verdict === 'cancelled' ? whatWentWrong(outcome, context) : []),
    comparisonSentence(compareRuns(outcome), recipe.minImprovement) ?? '',
    factTable(outcome, context),
    ...metricTables(
      { metrics: end?.metrics ?? {}, before: baseline?.metrics ?? null, beforeLabel: before },
      { foldsSpeed: false },
    ),
    linkLine(outcome, context),
  ]
}

function whatWentWrong(outcome: Told, context: ReportContext): string[] {
  const { reason, end, verdict } = outcome
  const found = verdict === 'failed' ? knownFailure({ reason, logTail: end?.logTail ?? [] }) : null
  return [
    plain(withoutWorkflow(reason, outcome, context), 1000),
    ...(found === null ? [] : [`**Most likely** ${found.cause}`, `**What to do:** ${found.advice}`]),
  ]
}

function factTable(outcome: Told, { hubUrl }: ReportContext): string {
  const { recipe, project, change, plan, verdict } = outcome
  const model = `${recipe.targetNamespace}/${project}`
  const limited =
    plan === null || plan.timeoutMs === null ? '' : `, for ${formatDuration(plan.timeoutMs)} at most`
  const facts: [string, string | null][] = [
    ['Model', modelWords({ hubUrl, model, verdict })],
    ['Changed', change && changeWords(change)],
    ['Hardware', plan?.hardware ? `${code(plan.hardware)}${limited}` : null],
    ['Cost', plan && costWords(outcome)],
  ]
  return factRows(facts)
}

function linkLine(outcome: Told, context: ReportContext): string {
  const { run, recipe, project, verdict } = outcome
  const model = `${context.hubUrl}/${recipe.targetNamespace}/${project}`
  const followed = verdict === 'started' ? 'Follow the training' : 'Training'
  const links = [
    ...(verdict === 'succeeded' ? [`🤗 ${link('Model', model)}`] : []),
    ...(isWaiting(outcome) ? [] : [`📈 ${link(followed, run.url)}`]),
    ...(namesWorkflow(outcome, context) ? [`⚙️ ${link('Workflow run', context.workflowUrl)}`] : []),
  ]
  return links.join(' · ')
}

function namesWorkflow({ datasetVisibility }: Outcome, { repositoryVisibility }: ReportContext): boolean {
  return mayName({ place: datasetVisibility, thing: repositoryVisibility })
}

/** A reason may quote an address of the workflow's repository, whose name is not for everybody. */
function withoutWorkflow(text: string, outcome: Outcome, context: ReportContext): string {
  if (namesWorkflow(outcome, context)) return text
  const repository = /^https?:\/\/[^/]+\/([^/]+\/[^/]+)/.exec(context.workflowUrl)?.[1]
  const hidden = text.replaceAll(context.workflowUrl, 'the workflow run')
  return repository === undefined ? hidden : hidden.replaceAll(repository, 'the repository')
}

/** Renderers do not show it, and nothing from outside can hold it: in our texts `<` and `!` are escaped. */
function markerOf(kind: 'thread' | 'run', id: string): string {
  return `<!-- auto-retrain ${kind}: ${id} -->`
}

function runMarker({ recipe, revision, attempt }: Told): string {
  return markerOf('run', `${recipeKey(recipe)} ${revision} ${attempt ?? 1}`)
}

function isTold(outcome: Outcome): outcome is Told {
  const { recipe, revision, run, project } = outcome
  return recipe !== null && revision !== null && run !== null && project !== null
}
