import type { Outcome, ReportContext, StepRecord } from '../../domain/outcome.ts'
import type { Recipe } from '../../domain/recipe.ts'
import { formatCount } from '../../domain/text/format.ts'
import { changeList, folderTable } from '../change-list.ts'
import { curveCharts } from '../charts/curves.ts'
import { costText, likelyCause, nextStepNotice, trainingWarnings } from '../facts.ts'
import { needsReview } from '../headline.ts'
import { linkLine } from '../link-line.ts'
import { joinWithin } from '../markdown/limit.ts'
import { unnamedDataset } from '../markdown/links.ts'
import { block, code, details, plain, table } from '../markdown/markdown.ts'
import { metricTables } from '../metrics/metric-table.ts'
import { resultHeadline, resultParts } from '../metrics/result.ts'
import { publicationParts } from '../publication/publication-parts.ts'
import { withWorkflowModel } from '../publication/readers.ts'
import { runRows, runTable } from '../run-table.ts'
import { nextParts } from '../what-next.ts'
import type { SummaryAudience } from './audience.ts'
import { summaryAudience } from './audience.ts'
import { checkSection } from './check-table.ts'
import { factLine, factTable } from './fact-table.ts'
import { recipeTable } from './recipe-table.ts'
import { timeline } from './timeline.ts'

/**
 * GitHub drops a step's whole summary above 1,048,576 bytes.
 * https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#adding-a-job-summary
 */
const sizeLimit = {
  maxBytes: 1_000_000,
  note: "*Parts of this summary were left out to stay below GitHub's size limit.*",
}

/** With more recipes than this, those skipped without a warning appear in the overview only. */
const maxDetailedRecipes = 20

/**
 * Writes the job summary: for each recipe the result first, then the facts, the curves and the metrics.
 *
 * @param outcomes at least one
 * @returns GitHub-flavoured Markdown that is always below GitHub's size limit
 */
export function jobSummary(outcomes: readonly Outcome[], context: ReportContext): string {
  const hidesSkipped = outcomes.length > maxDetailedRecipes
  const detailed = hidesSkipped
    ? outcomes.filter(({ verdict, isWarning }) => verdict !== 'skipped' || isWarning)
    : outcomes
  const isOneOfMany = outcomes.length > 1
  const parts = [
    ...(isOneOfMany ? [overview(outcomes, context)] : []),
    ...detailed.flatMap((outcome) => sections(outcome, context, isOneOfMany)),
  ]
  return joinWithin(parts, sizeLimit)
}

function sections(given: Outcome, context: ReportContext, isOneOfMany: boolean): string[] {
  const audience = summaryAudience(given, context)
  const outcome = withWorkflowModel(given, { place: context.repositoryVisibility })
  const { recipe, verdict } = outcome
  const models = isOneOfMany && recipe !== null ? ` · ${modelPattern(recipe)}` : ''
  const opening = [`## ${resultHeadline(outcome)}${models}`, ...answer(outcome, context, audience)]
  if (verdict === 'skipped') {
    return [
      ...opening,
      factLine(outcome, context, audience),
      ...changeSection(outcome, audience),
      ...(outcome.isWarning ? historySection(outcome, context, audience) : []),
    ]
  }
  return [
    ...opening,
    ...trainingWarnings(outcome, audience.mask),
    factTable(outcome, context, audience),
    ...changeSection(outcome, audience),
    ...logSection(outcome, audience),
    ...checkSection(outcome, audience),
    ...plannedSteps(outcome, audience),
    ...curveSection(outcome),
    ...metricSection(outcome),
    ...historySection(outcome, context, audience),
    ...(recipe === null ? [] : [details('Recipe', recipeTable(recipe, audience))]),
    stepSection(outcome, audience),
  ]
}

/** What the reader came for: what happened, what it cost, what happens next, and the links to all of it. */
function answer(outcome: Outcome, context: ReportContext, audience: SummaryAudience): string[] {
  const { mask, namesDataset } = audience
  const [judgement = '', ...remarks] = resultParts(outcome)
  const links = linkLine(outcome, {
    hubUrl: context.hubUrl,
    namesModel: true,
    trainingLabel: 'Training and log',
    workflowUrl: null,
    linksDataset: namesDataset,
  })
  return [
    [judgement, plain(mask(outcome.reason), 2000)].filter(Boolean).join(' '),
    ...remarks,
    ...publicationParts(outcome, { hubUrl: context.hubUrl, mask }),
    likelyCause(outcome),
    needsReview(outcome) ? nextStepNotice(outcome.run, mask) : '',
    [costText(outcome), links].filter(Boolean).join(' · '),
    ...nextParts(outcome),
  ]
}

function overview(outcomes: readonly Outcome[], context: ReportContext): string {
  const rows = outcomes.slice(0, 200).map((outcome) => {
    const { recipe, reason, datasetVisibility } = outcome
    const { mask, namesDataset } = summaryAudience(outcome, context)
    const models = recipe === null ? '' : modelPattern(recipe)
    const dataset =
      recipe === null ? '' : namesDataset ? code(recipe.inputDataset) : unnamedDataset(datasetVisibility)
    const shown = withWorkflowModel(outcome, { place: context.repositoryVisibility })
    return [resultHeadline(shown), dataset, models, plain(mask(reason), 200)]
  })
  return [
    `# ${formatCount(outcomes.length, 'recipe')}`,
    table(['', 'Dataset', 'Models', 'Reason'], rows),
  ].join('\n\n')
}

function modelPattern({ targetNamespace, autotrainProjectPrefix }: Recipe): string {
  return code(`${targetNamespace}/${autotrainProjectPrefix}`)
}

function changeSection({ change }: Outcome, { namesDataset }: SummaryAudience): string[] {
  return change !== null && namesDataset ? [folderTable(change), changeList(change)] : []
}

function plannedSteps({ verdict, plan }: Outcome, { mask }: SummaryAudience): string[] {
  if (verdict !== 'planned' || plan === null || plan.steps.length === 0) return []
  const list = plan.steps.slice(0, 50).map((step, index) => `${index + 1}. ${plain(mask(step))}`)
  return ['### What would happen', list.join('\n')]
}

function stepSection(outcome: Outcome, { mask }: SummaryAudience): string {
  if (outcome.verdict === 'refused') return ''
  return timeline(withFailedTraining(outcome).map((step) => ({ ...step, title: mask(step.title) })))
}

/** The last step, following the training, is ok even when the training failed. Readers expect to see the failure there. */
function withFailedTraining({ steps, end }: Outcome): readonly StepRecord[] {
  if (end === null || end.verdict === 'succeeded' || steps.some(({ ok }) => !ok)) return steps
  return steps.map((step, index) => (index === steps.length - 1 ? { ...step, ok: false } : step))
}

function curveSection({ end, recipe }: Outcome): string[] {
  const charts = end === null ? [] : curveCharts(end.curve, { publishes: recipe?.publishTo != null })
  return charts.length === 0 ? [] : ['### Training curves', ...charts]
}

function metricSection(outcome: Outcome): string[] {
  const tables = metricTables(outcome, { foldsSpeed: true })
  return tables.length === 0 ? [] : ['### Metrics', ...tables]
}

function logSection({ verdict, end }: Outcome, { quotesLog }: SummaryAudience): string[] {
  const lines = end?.logTail ?? []
  if (lines.length === 0 || verdict === 'succeeded') return []
  if (!quotesLog) {
    return ['*The log is hidden: it may show a dataset or a base model that is private, or may be.*']
  }
  return [details('Last lines of the log', block(lines))]
}

function historySection(outcome: Outcome, context: ReportContext, audience: SummaryAudience): string[] {
  if (outcome.history.length === 0) return []
  const { hubUrl, workflowUrl } = context
  const { namesDataset } = audience
  const rows = runRows(outcome, { workflowUrl, namesModel: true })
  return [
    '### Recent runs',
    runTable(outcome, rows, { hubUrl, namesDataset, namesWorkflow: true, isOnRunPage: true }),
  ]
}
