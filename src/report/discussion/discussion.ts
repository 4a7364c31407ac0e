import type { Outcome, ReportContext } from '../../domain/outcome.ts'
import { shortRevision } from '../../domain/revision.ts'
import { mayName } from '../../domain/visibility.ts'
import { recipeKey } from '../../recipe/recipe-key.ts'
import { changeSummary } from '../change-list.ts'
import { costText, hardwareText, likelyCause, modelText, nextStepNotice } from '../facts.ts'
import { headline } from '../headline.ts'
import { linkLine } from '../link-line.ts'
import { joinWithin } from '../markdown/limit.ts'
import { commitLink, datasetLink, modelLink } from '../markdown/links.ts'
import { code, keyValueTable, plain } from '../markdown/markdown.ts'
import { compareRuns } from '../metrics/compare-runs.ts'
import { comparisonSentence, metricTables } from '../metrics/metric-table.ts'
import { runRows, runTable } from '../run-table.ts'

/** A post on a dataset. It is found again by its author and its marker. */
export interface Post {
  /** The first line of the text, an HTML comment that readers do not see. */
  readonly marker: string
  /** Markdown, including the marker. */
  readonly text: string
}

/** A new discussion on a dataset: its title and its first post. */
interface DiscussionText extends Post {
  /** Plain text. */
  readonly title: string
}

/** The Hub takes 65,536 characters. https://huggingface.co/docs/hub/api#discussions-and-pull-requests */
const sizeLimit = {
  maxBytes: 60_000,
  note: "*Parts of this post were left out to stay below the Hub's size limit.*",
}

/** In characters. The longest possible names together exceed it. */
const maxTitle = 200

const signature = '*Posted and kept up to date by auto-retrain.*'

/** An outcome with a training to report. */
type OutcomeWithRun = Outcome & { [K in 'recipe' | 'revision' | 'run' | 'project']: NonNullable<Outcome[K]> }

/**
 * Writes the first post of a recipe's thread: what is trained, and a table of its recent runs.
 *
 * @returns null when the outcome has no training
 */
export function threadText(outcome: Outcome, context: ReportContext): DiscussionText | null {
  if (!hasRun(outcome)) return null
  const { inputDataset, inputModel, targetNamespace, autotrainProjectPrefix } = outcome.recipe
  const { hubUrl, workflowUrl } = context
  const marker = markerOf('thread', recipeKey(outcome.recipe))
  const models = `${targetNamespace}/${autotrainProjectPrefix}-…`
  const rows = runRows(outcome, workflowUrl)
  const runs = runTable(outcome, rows, {
    hubUrl,
    namesDataset: true,
    namesWorkflow: mayNameWorkflow(outcome, context),
    isOnRunPage: false,
  })
  const parts = [
    marker,
    `auto-retrain fine-tunes ${modelLink(hubUrl, inputModel)} each time ${datasetLink(hubUrl, inputDataset)} ` +
      `changes, as ${code(models)}. These are the recent runs; each has a comment below.`,
    runs,
    signature,
  ]
  return {
    marker,
    title: `🔁 ${inputModel}, retrained as ${models}`.slice(0, maxTitle),
    text: joinWithin(parts, sizeLimit),
  }
}

/**
 * Writes the comment about one run: that it started, or how it ended.
 *
 * @returns null when the outcome has no training
 */
export function runText(outcome: Outcome, context: ReportContext): Post | null {
  if (!hasRun(outcome)) return null
  const marker = runMarker(outcome)
  return { marker, text: joinWithin([marker, ...runParts(outcome, context)], sizeLimit) }
}

/**
 * Writes the discussion about one run, for recipes that open one per run.
 * https://huggingface.co/docs/hub/webhooks-guide-auto-retrain
 *
 * @returns null when the outcome has no training
 */
export function discussionText(outcome: Outcome, context: ReportContext): DiscussionText | null {
  if (!hasRun(outcome)) return null
  const { recipe, revision, run, project } = outcome
  const { hubUrl } = context
  const marker = runMarker(outcome)
  const parts = [
    marker,
    `${datasetLink(hubUrl, recipe.inputDataset)} was updated, so a retraining of ` +
      `${modelLink(hubUrl, recipe.inputModel)} was ${run.nextStep === null ? 'started' : 'prepared'} as the project ` +
      `${code(`${recipe.targetNamespace}/${project}`)}.`,
    ...runParts(outcome, context),
    signature,
  ]
  const title = `✨ Retraining of ${recipe.inputModel} on ${shortRevision(revision)}`.slice(0, maxTitle)
  return { marker, title, text: joinWithin(parts, sizeLimit) }
}

function runParts(outcome: OutcomeWithRun, context: ReportContext): string[] {
  const { recipe, revision, run, verdict, end, attempt } = outcome
  const { hubUrl, workflowUrl } = context
  const attemptNote = attempt !== null && attempt > 1 ? `, attempt ${attempt}` : ''
  return [
    `### ${headline(outcome)}`,
    `Dataset commit ${commitLink(hubUrl, recipe.inputDataset, revision)}${attemptNote}.`,
    end === null ? nextStepNotice(run) : '',
    ...(verdict === 'failed' || verdict === 'cancelled' ? failureParts(outcome, context) : []),
    comparisonSentence(compareRuns(outcome), recipe.minImprovement) ?? '',
    factTable(outcome, context),
    ...metricTables(outcome, { foldsSpeed: false }),
    linkLine(outcome, {
      hubUrl,
      trainingLabel: verdict === 'started' ? 'Follow the training' : 'Training',
      workflowUrl: mayNameWorkflow(outcome, context) ? workflowUrl : null,
      linksDataset: false,
    }),
  ]
}

function failureParts(outcome: OutcomeWithRun, context: ReportContext): string[] {
  return [plain(maskRepository(outcome.reason, outcome, context), 1000), ...likelyCause(outcome)]
}

function factTable(outcome: OutcomeWithRun, { hubUrl }: ReportContext): string {
  const { recipe, project, change, plan, verdict } = outcome
  const model = `${recipe.targetNamespace}/${project}`
  return keyValueTable([
    ['Model', modelText({ hubUrl, model, verdict })],
    ['Changes', change && changeSummary(change)],
    ['Hardware', hardwareText(outcome)],
    ['Cost', plan && costText(outcome)],
  ])
}

function mayNameWorkflow({ datasetVisibility }: Outcome, { repositoryVisibility }: ReportContext): boolean {
  return mayName({ place: datasetVisibility, thing: repositoryVisibility })
}

/** A reason may quote a URL in the workflow's repository, whose name the dataset's readers may not know. */
function maskRepository(text: string, outcome: Outcome, context: ReportContext): string {
  if (mayNameWorkflow(outcome, context)) return text
  const repository = /^https?:\/\/[^/]+\/([^/]+\/[^/]+)/.exec(context.workflowUrl)?.[1]
  const masked = text.replaceAll(context.workflowUrl, 'the workflow run')
  return repository === undefined ? masked : masked.replaceAll(repository, 'the repository')
}

/** Untrusted text cannot contain a marker: our posts escape `<` and `!`. Renderers do not show it. */
function markerOf(kind: 'thread' | 'run', id: string): string {
  return `<!-- auto-retrain ${kind}: ${id} -->`
}

function runMarker({ recipe, revision, attempt }: OutcomeWithRun): string {
  return markerOf('run', `${recipeKey(recipe)} ${revision} ${attempt ?? 1}`)
}

function hasRun(outcome: Outcome): outcome is OutcomeWithRun {
  const { recipe, revision, run, project } = outcome
  return recipe !== null && revision !== null && run !== null && project !== null
}
