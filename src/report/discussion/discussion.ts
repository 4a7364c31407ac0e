import type { Outcome, ReportContext } from '../../domain/outcome.ts'
import { expectsModel } from '../../domain/recipe.ts'
import { shortRevision } from '../../domain/revision.ts'
import { cutText } from '../../domain/text/cut.ts'
import { recipeDigest } from '../../recipe/recipe-key.ts'
import { changeSummary, dataTotals, folderTable } from '../change-list.ts'
import { costText, hardwareText, likelyCause, modelText, nextStepNotice } from '../facts.ts'
import { linkLine } from '../link-line.ts'
import { joinWithin } from '../markdown/limit.ts'
import { commitLink, datasetLink, modelLink, unnamedModel } from '../markdown/links.ts'
import { code, keyValueTable, plain } from '../markdown/markdown.ts'
import { metricTables } from '../metrics/metric-table.ts'
import { resultHeadline, resultParts } from '../metrics/result.ts'
import { publicationParts, publishedNow } from '../publication/publication-parts.ts'
import { runRows, runTable } from '../run-table.ts'
import { nextParts } from '../what-next.ts'
import { type DatasetReaders, datasetReaders } from './readers.ts'

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
export function threadText(given: Outcome, context: ReportContext): DiscussionText | null {
  if (!hasRun(given)) return null
  const readers = datasetReaders(given, context)
  const { inputDataset, inputModel, targetNamespace, autotrainProjectPrefix } = given.recipe
  const { hubUrl, workflowUrl } = context
  const marker = markerOf('thread', recipeDigest(given.recipe))
  const models = `${targetNamespace}/${autotrainProjectPrefix}-…`
  const runs = runTable(readers.outcome, runRows(readers.outcome, { workflowUrl, ...readers }), {
    hubUrl,
    namesDataset: true,
    namesWorkflow: readers.namesWorkflow,
    isOnRunPage: false,
  })
  const parts = [
    marker,
    `**Latest run:** ${resultHeadline(readers.outcome)}`,
    publishedNow(readers.outcome, { hubUrl }),
    `auto-retrain fine-tunes ${baseText(given, readers, hubUrl)} each time ${datasetLink(hubUrl, inputDataset)} ` +
      `changes${readers.namesModel ? `, as ${code(models)}` : ''}. These are the recent runs; each has a comment below.`,
    runs,
    signature,
  ]
  const base = readers.namesBase ? inputModel : 'A model'
  const title = readers.namesModel
    ? `🔁 ${base}, retrained as ${models}`
    : `🔁 ${base}, retrained on this dataset`
  return { marker, title: cutText(title, maxTitle), text: joinWithin(parts, sizeLimit) }
}

/**
 * Writes the comment about one run: that it started, or how it ended.
 *
 * @returns null when the outcome has no training
 */
export function runText(given: Outcome, context: ReportContext): Post | null {
  if (!hasRun(given)) return null
  const marker = runMarker(given)
  return { marker, text: joinWithin([marker, ...runParts(given, context)], sizeLimit) }
}

/**
 * Writes the discussion about one run, for recipes that open one per run.
 * https://huggingface.co/docs/hub/webhooks-guide-auto-retrain
 *
 * @returns null when the outcome has no training
 */
export function discussionText(given: Outcome, context: ReportContext): DiscussionText | null {
  if (!hasRun(given)) return null
  const { recipe, revision, run, project } = given
  const { hubUrl } = context
  const readers = datasetReaders(given, context)
  const marker = runMarker(given)
  const model = readers.namesModel ? ` as the project ${code(`${recipe.targetNamespace}/${project}`)}` : ''
  const about =
    `${datasetLink(hubUrl, recipe.inputDataset)} was updated, so a retraining of ` +
    `${baseText(given, readers, hubUrl)} was ${run.nextStep === null ? 'started' : 'prepared'}${model}.`
  const parts = [marker, ...runParts(given, context, { about }), signature]
  const base = readers.namesBase ? recipe.inputModel : 'a model'
  const title = cutText(`✨ Retraining of ${base} on ${shortRevision(revision)}`, maxTitle)
  return { marker, title, text: joinWithin(parts, sizeLimit) }
}

function baseText({ recipe, baseVisibility }: OutcomeWithRun, { namesBase }: DatasetReaders, hubUrl: string) {
  return namesBase ? modelLink(hubUrl, recipe.inputModel) : unnamedModel(baseVisibility)
}

/** @param options.about a sentence on what was done, where no thread says it */
function runParts(
  given: OutcomeWithRun,
  context: ReportContext,
  { about = '' }: { about?: string } = {},
): string[] {
  const { recipe, revision, attempt } = given
  const readers = datasetReaders(given, context)
  const { outcome, namesModel, namesWorkflow } = readers
  const { verdict, end, run } = outcome
  const { hubUrl, workflowUrl } = context
  const attemptNote = attempt !== null && attempt > 1 ? `, attempt ${attempt}` : ''
  const links = linkLine(outcome, {
    hubUrl,
    namesModel,
    trainingLabel: verdict === 'started' ? 'Follow the training' : 'Training',
    workflowUrl: namesWorkflow ? workflowUrl : null,
    linksDataset: false,
  })
  const isLost = verdict === 'failed' || verdict === 'cancelled'
  return [
    `### ${resultHeadline(outcome)}`,
    end === null ? nextStepNotice(run) : '',
    ...(isLost ? [plain(outcome.reason, 1000), likelyCause(given)] : []),
    ...(namesModel ? resultParts(outcome) : []),
    // What its readers may not know was taken out of the outcome.
    ...publicationParts(outcome, { hubUrl, mask: (text) => text }),
    [costText(outcome), links].filter(Boolean).join(' · '),
    ...(isLost || verdict === 'succeeded' ? nextParts(given) : []),
    verdict === 'succeeded' && !namesModel
      ? `The result is ${unnamedModel(given.modelVisibility)}: its name, metrics and cost are not shown here.`
      : '',
    about,
    `Dataset commit ${commitLink(hubUrl, recipe.inputDataset, revision)}${attemptNote}.`,
    factTable(given, readers, hubUrl),
    given.change === null ? '' : folderTable(given.change),
    ...metricTables(outcome, { foldsSpeed: false }),
  ]
}

function factTable(
  { recipe, project, change, verdict }: OutcomeWithRun,
  { outcome, namesModel }: DatasetReaders,
  hubUrl: string,
): string {
  const model = `${recipe.targetNamespace}/${project}`
  return keyValueTable([
    ['Model', namesModel && expectsModel(recipe) ? modelText({ hubUrl, model, verdict }) : null],
    ['Changes', change && changeSummary(change)],
    ['Data', change && dataTotals(change)],
    ['Hardware', hardwareText(outcome)],
  ])
}

/** Untrusted text cannot contain a marker: our posts escape `<` and `!`. Renderers do not show it, but it can be read. */
function markerOf(kind: 'thread' | 'run', id: string): string {
  return `<!-- auto-retrain ${kind}: ${id} -->`
}

function runMarker({ recipe, revision, attempt }: OutcomeWithRun): string {
  return markerOf('run', `${recipeDigest(recipe)} ${revision} ${attempt ?? 1}`)
}

function hasRun(outcome: Outcome): outcome is OutcomeWithRun {
  const { recipe, revision, run, project } = outcome
  return recipe !== null && revision !== null && run !== null && project !== null
}
