import { count } from '../../domain/format.ts'
import type { Outcome, ReportContext, StepRecord } from '../../domain/outcome.ts'
import type { Recipe } from '../../domain/recipe.ts'
import { shortRevision } from '../../domain/revision.ts'
import { changeList } from '../change-list.ts'
import { curveCharts } from '../charts/curves.ts'
import { factLine, factTable, linkLine, yourTurn } from '../facts.ts'
import { headline, isWaiting } from '../headline.ts'
import { knownFailure } from '../known-failures.ts'
import { joinWithin } from '../markdown/limit.ts'
import { block, code, details, plain, table } from '../markdown/markdown.ts'
import { compareRuns } from '../metrics/compare-runs.ts'
import { comparisonSentence, metricTables } from '../metrics/metric-table.ts'
import { runRows, runTable } from '../run-table.ts'
import type { SummaryAudience } from './audience.ts'
import { summaryAudience } from './audience.ts'
import { recipeTable } from './recipe-table.ts'
import { stepTable, timeline } from './timeline.ts'

/**
 * GitHub drops a step's whole summary above 1,048,576 bytes.
 * https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#adding-a-job-summary
 */
const limit = {
  maxBytes: 1_000_000,
  note: '*Something is left out here: it would be more than GitHub shows.*',
}

/** With more recipes than this, those with nothing to train are only in the overview. */
const maxFull = 20

/**
 * The job summary: for each recipe what came of it, what it was about, how it went.
 *
 * @param outcomes at least one
 * @returns GitHub-flavoured Markdown below GitHub's limit, whatever the outcomes hold
 */
export function jobSummary(outcomes: readonly Outcome[], context: ReportContext): string {
  const isQuiet = ({ verdict }: Outcome) => verdict === 'skipped'
  const shown = outcomes.length > maxFull ? outcomes.filter((outcome) => !isQuiet(outcome)) : outcomes
  const overviewed = outcomes.length > 1 ? [overview(outcomes, context)] : []
  return joinWithin(
    [...overviewed, ...shown.flatMap((outcome) => sections(outcome, context, outcomes.length > 1))],
    limit,
  )
}

function sections(outcome: Outcome, context: ReportContext, isOneOfMany: boolean): string[] {
  const audience = summaryAudience(outcome, context)
  const { verdict, recipe } = outcome
  const which = isOneOfMany && recipe !== null ? `: ${modelsOf(recipe)}` : ''
  const opening = [`## ${headline(outcome)}${which}`, plain(audience.say(outcome.reason), 2000)]
  if (verdict === 'skipped')
    return [...opening, factLine(outcome, context, audience), changesOf(outcome, audience)]
  return [
    ...opening,
    ...likelyCause(outcome),
    isWaiting(outcome) ? yourTurn(outcome.run, audience.say) : '',
    comparisonSentence(compareRuns(outcome), recipe?.minImprovement ?? 0) ?? '',
    factTable(outcome, context, audience),
    linkLine(outcome, context, audience),
    changesOf(outcome, audience),
    ...plannedSteps(outcome, audience),
    ...stepSection(outcome, audience),
    ...measured(outcome),
    ...logSection(outcome, audience),
    ...historySection(outcome, context, audience),
    ...(recipe === null
      ? []
      : [details('The recipe', recipeTable(recipe, { namesDataset: audience.namesDataset }))]),
  ]
}

function overview(outcomes: readonly Outcome[], context: ReportContext): string {
  const rows = outcomes.slice(0, 200).map((outcome) => {
    const { recipe, reason } = outcome
    const { say, namesDataset } = summaryAudience(outcome, context)
    const name = recipe === null ? '' : modelsOf(recipe)
    const dataset = recipe === null ? '' : namesDataset ? code(recipe.inputDataset) : 'a private dataset'
    return [headline(outcome), dataset, name, plain(say(reason), 200)]
  })
  return [`# ${count(outcomes.length, 'recipe')}`, table(['', 'Dataset', 'Models', 'Why'], rows)].join('\n\n')
}

function modelsOf({ targetNamespace, autotrainProjectPrefix }: Recipe): string {
  return code(`${targetNamespace}/${autotrainProjectPrefix}`)
}

function changesOf({ change }: Outcome, { namesDataset }: SummaryAudience): string {
  return change !== null && namesDataset ? changeList(change) : ''
}

function likelyCause({ verdict, reason, end }: Outcome): string[] {
  if (verdict !== 'failed') return []
  const found = knownFailure({ reason, logTail: end?.logTail ?? [] })
  return found === null ? [] : [`**Most likely** ${found.cause}`, `**What to do:** ${found.advice}`]
}

function plannedSteps({ verdict, plan }: Outcome, { say }: SummaryAudience): string[] {
  if (verdict !== 'planned' || plan === null || plan.steps.length === 0) return []
  const list = plan.steps.slice(0, 50).map((step, index) => `${index + 1}. ${plain(say(step))}`)
  return ['### What would be done', list.join('\n')]
}

function stepSection(outcome: Outcome, { say }: SummaryAudience): string[] {
  if (outcome.verdict === 'refused' || outcome.steps.length === 0) return []
  const named = markedSteps(outcome).map((step) => ({ ...step, title: say(step.title) }))
  const chart = timeline(named)
  const listed = stepTable(named)
  return ['### Timeline', ...(chart === null ? [listed] : [chart, details('The steps as a table', listed)])]
}

/** To follow a training to its end has been done well however it ended; who reads the steps asks about the training. */
function markedSteps({ steps, end }: Outcome): readonly StepRecord[] {
  if (end === null || end.verdict === 'succeeded' || steps.some(({ ok }) => !ok)) return steps
  return steps.map((step, index) => (index === steps.length - 1 ? { ...step, ok: false } : step))
}

function measured(outcome: Outcome): string[] {
  const { end, baseline } = outcome
  if (end === null) return []
  const charts = curveCharts(end.curve)
  const beforeLabel = baseline === null ? '' : code(shortRevision(baseline.revision))
  const tables = metricTables(
    { metrics: end.metrics, before: baseline?.metrics ?? null, beforeLabel },
    { foldsSpeed: true },
  )
  return [
    ...(tables.length === 0 ? [] : ['### Metrics', ...tables]),
    ...(charts.length === 0 ? [] : ['### Training curves', ...charts]),
  ]
}

function logSection({ verdict, end }: Outcome, { namesDataset }: SummaryAudience): string[] {
  const lines = end?.logTail ?? []
  if (lines.length === 0 || verdict === 'succeeded') return []
  if (!namesDataset) return ['*The log is not shown here: it may name what is in a private dataset.*']
  return [details('The last lines of the log', block(lines))]
}

function historySection(outcome: Outcome, context: ReportContext, audience: SummaryAudience): string[] {
  if (outcome.history.length === 0) return []
  const { hubUrl, workflowUrl } = context
  const { namesDataset } = audience
  const rows = runRows(outcome, workflowUrl)
  return [
    '### The last runs',
    runTable(outcome, rows, { hubUrl, namesDataset, namesWorkflow: true, isOnRunPage: true }),
  ]
}
