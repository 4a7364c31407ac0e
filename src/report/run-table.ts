import { compareByName, directionIn } from '../domain/metrics/compare.ts'
import type { UnmeasuredMetric } from '../domain/metrics/measured.ts'
import { ownMetrics } from '../domain/metrics/published-metrics.ts'
import type { Outcome, PastRun } from '../domain/outcome.ts'
import { expectsModel } from '../domain/recipe.ts'
import { shortRevision } from '../domain/revision.ts'
import { formatMetric, formatTime } from '../domain/text/format.ts'
import { needsReview } from './headline.ts'
import { commitLink } from './markdown/links.ts'
import { code, link, table } from './markdown/markdown.ts'
import { mainMetric } from './metrics/metrics.ts'

/** One row of the table: a previous run, or the run that the report is about. */
interface RunRow extends PastRun {
  readonly isThisRun: boolean
  /** Whether the training waits for a person. */
  readonly needsReview: boolean
}

/** What the table's readers may see. */
interface RunTableOptions {
  readonly hubUrl: string
  readonly namesDataset: boolean
  readonly namesWorkflow: boolean
  /** Whether the table stands on the page of this workflow run, which then needs no link to itself. */
  readonly isOnRunPage: boolean
}

const icons = { started: '🚀', succeeded: '✅', failed: '❌', cancelled: '🛑', claimed: '⏳' } as const
const statusLabels = {
  started: 'running',
  succeeded: 'trained',
  failed: 'failed',
  cancelled: 'cancelled',
  claimed: 'starting',
} as const

const maxRuns = 10

/**
 * The rows of the table.
 *
 * @param options.namesModel whether the row of this run names its model
 * @returns this run and the previous ones, newest first
 */
export function runRows(
  outcome: Outcome,
  { workflowUrl, namesModel }: { workflowUrl: string; namesModel: boolean },
): RunRow[] {
  const past = outcome.history
    .slice(0, maxRuns)
    .map((run): RunRow => ({ ...run, isThisRun: false, needsReview: false }))
  const { revision, run, end, recipe, project, attempt, steps } = outcome
  if (revision === null || run === null) return past
  const verdict = end?.verdict ?? verdictWithoutEnd(outcome)
  const own: RunRow = {
    revision,
    attempt: attempt ?? 1,
    verdict,
    metrics: end?.metrics ?? {},
    unmeasured: end?.unmeasured ?? [],
    model:
      namesModel && recipe && project && verdict === 'succeeded' && expectsModel(recipe)
        ? `${recipe.targetNamespace}/${project}`
        : null,
    modelVisibility: outcome.modelVisibility,
    runUrl: run.url === '' ? null : run.url,
    workflowUrl,
    cost: end?.cost ?? null,
    at: Math.max(0, ...steps.map(({ startedAt, durationMs }) => startedAt + durationMs)),
    isThisRun: true,
    needsReview: needsReview({ verdict, run }),
  }
  return [own, ...past].slice(0, maxRuns)
}

/** A run that was not followed to its end may still be known to be stopped or given up. */
function verdictWithoutEnd({ verdict }: Outcome): 'started' | 'failed' | 'cancelled' {
  return verdict === 'failed' || verdict === 'cancelled' ? verdict : 'started'
}

/**
 * Shows runs as a Markdown table with their most important metric; the best value is marked.
 *
 * @param rows newest first
 * @returns empty when there are no rows
 */
export function runTable(outcome: Outcome, rows: readonly RunRow[], options: RunTableOptions): string {
  if (rows.length === 0) return ''
  const compareMetric = outcome.recipe?.compareMetric ?? null
  const publishes = outcome.recipe?.publishTo != null
  const metric = mainMetric({ compareMetric, runs: rows.map((row) => ownMetrics(row, { publishes })) })
  const found = rows.map((row) =>
    metric === null ? null : compareByName({ name: metric, run: row, baseline: null }),
  )
  const values = found.map((each) => each?.value ?? null)
  const best = bestOf(values, metric === null ? null : directionIn(compareMetric, metric))
  const body = rows.map((row, index) => {
    const value = values[index] ?? null
    return [
      `${statusCell(row)}${publishedMark(outcome, row)} ${revisionCell(outcome, row, options)}`,
      ...(metric === null
        ? []
        : [valueCell(value, { isBest: value === best, lost: found[index]?.unmeasured ?? null })]),
      row.at > 0 ? formatTime(row.at).replace(' UTC', '') : '',
      linkCell(row, options),
    ]
  })
  const metricHead = metric === null ? [] : [code(metric, 60)]
  return table(['Run', ...metricHead, 'When (UTC)', 'Links'], body)
}

/** No value is best when all are equal. */
function bestOf(values: readonly (number | null)[], direction: 'min' | 'max' | null): number | null {
  const present = values.filter((value) => value !== null)
  if (direction === null || new Set(present).size < 2) return null
  return direction === 'min' ? Math.min(...present) : Math.max(...present)
}

function valueCell(
  value: number | null,
  { isBest, lost }: { isBest: boolean; lost: UnmeasuredMetric | null },
): string {
  if (value === null) return lost === null ? '' : `not measured (${lost.value})`
  return isBest ? `🏆 **${formatMetric(value)}**` : formatMetric(value)
}

function statusCell(row: RunRow): string {
  if (row.needsReview) return '👀 **waiting for review**'
  const status = row.verdict ?? 'claimed'
  return `${icons[status]} ${row.isThisRun ? `**${statusLabels[status]}**` : statusLabels[status]}`
}

/** Marks the run whose model people load now. */
function publishedMark({ publication }: Outcome, { revision, attempt }: RunRow): string {
  const now = publication?.now ?? null
  return now?.revision === revision && now.attempt === attempt ? ' 📌 published' : ''
}

function revisionCell({ recipe }: Outcome, { revision, attempt }: RunRow, options: RunTableOptions): string {
  const name =
    options.namesDataset && recipe !== null
      ? commitLink(options.hubUrl, recipe.inputDataset, revision)
      : code(shortRevision(revision))
  return attempt > 1 ? `${name}, attempt ${attempt}` : name
}

function linkCell({ model, runUrl, workflowUrl, isThisRun }: RunRow, options: RunTableOptions): string {
  const linksWorkflow = options.namesWorkflow && !(isThisRun && options.isOnRunPage)
  const links = [
    ...(model === null ? [] : [link('model', `${options.hubUrl}/${model}`)]),
    ...(runUrl === null ? [] : [link('training', runUrl)]),
    ...(linksWorkflow ? [link('workflow', workflowUrl)] : []),
  ]
  return links.join(' · ')
}
