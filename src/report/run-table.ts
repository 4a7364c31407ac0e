import { formatMetric, formatTime } from '../domain/format.ts'
import type { Outcome, PastRun } from '../domain/outcome.ts'
import { shortRevision } from '../domain/revision.ts'
import { commitLink, modelLink } from './markdown/links.ts'
import { code, link, table } from './markdown/markdown.ts'
import { compare } from './metrics/compare.ts'
import { directionOf } from './metrics/direction.ts'
import { mainMetric } from './metrics/metrics.ts'

/** One run in a list of runs: a past one, or the one that the reports are about. */
export interface RunRow extends PastRun {
  readonly isThisRun: boolean
  /** Whether a person has to do something before it trains. */
  readonly waits: boolean
}

/** What the reader of the list may see. */
export interface HistoryAudience {
  readonly hubUrl: string
  readonly namesDataset: boolean
  readonly namesWorkflow: boolean
  /** Whether it is read on the page of this workflow run, which needs no link to itself. */
  readonly isOnRunPage: boolean
}

const icons = { started: '🚀', succeeded: '✅', failed: '❌', cancelled: '🛑', claimed: '⏳' } as const
const words = {
  started: 'under way',
  succeeded: 'trained',
  failed: 'failed',
  cancelled: 'cancelled',
  claimed: 'about to start',
} as const

const maxRuns = 10

/** This run and the ones before it, newest first. */
export function runRows(outcome: Outcome, workflowUrl: string): RunRow[] {
  const past = outcome.history.slice(0, maxRuns).map((run) => ({ ...run, isThisRun: false, waits: false }))
  const { revision, run, end, recipe, project, attempt, steps } = outcome
  if (revision === null || run === null) return past
  const verdict = end?.verdict ?? verdictUnseen(outcome)
  const own: RunRow = {
    revision,
    attempt: attempt ?? 1,
    verdict,
    metrics: end?.metrics ?? {},
    model: recipe && project && verdict === 'succeeded' ? `${recipe.targetNamespace}/${project}` : null,
    runUrl: run.url,
    workflowUrl,
    at: Math.max(0, ...steps.map(({ startedAt, durationMs }) => startedAt + durationMs)),
    isThisRun: true,
    waits: verdict === 'started' && run.nextStep !== null,
  }
  return [own, ...past].slice(0, maxRuns)
}

/** Of a run whose end nobody saw: that it was stopped, or given up, may be known all the same. */
function verdictUnseen({ verdict }: Outcome): 'started' | 'failed' | 'cancelled' {
  return verdict === 'failed' || verdict === 'cancelled' ? verdict : 'started'
}

/**
 * Runs as a table, newest first, with the metric that says most; the best value is marked.
 *
 * @returns empty when there is none
 */
export function runTable(outcome: Outcome, rows: readonly RunRow[], audience: HistoryAudience): string {
  if (rows.length === 0) return ''
  const compareMetric = outcome.recipe?.compareMetric ?? null
  const metric = mainMetric({ compareMetric, runs: rows.map(({ metrics }) => metrics) })
  const values = rows.map(({ metrics }) => (metric === null ? null : valueIn(metrics, metric)))
  const best = bestOf(values, directionFor(compareMetric, metric))
  const hasModels = rows.some(({ model }) => model !== null)
  const body = rows.map((row, index) => {
    const value = values[index] ?? null
    return [
      status(row),
      revisionCell(outcome, row, audience),
      ...(hasModels ? [row.model === null ? '' : modelLink(audience.hubUrl, row.model)] : []),
      ...(metric === null ? [] : [valueCell(value, value !== null && value === best)]),
      row.at > 0 ? formatTime(row.at) : '',
      links(row, audience),
    ]
  })
  const measured = metric === null ? [] : [code(metric, 60)]
  const head = ['', 'Revision', ...(hasModels ? ['Model'] : []), ...measured, 'When', 'Links']
  return table(head, body)
}

function valueIn(metrics: PastRun['metrics'], metric: string): number | null {
  return (
    compare({ compareMetric: `${metric}:max`, minImprovement: 0, metrics, baseline: null })?.value ?? null
  )
}

function directionFor(compareMetric: string | null, metric: string | null): 'min' | 'max' | null {
  const asked = /:(min|max)$/.exec(compareMetric ?? '')?.[1]
  if (asked === 'min' || asked === 'max') return asked
  return metric === null ? null : directionOf(metric)
}

/** The best is worth a mark only where there is another to be better than. */
function bestOf(values: readonly (number | null)[], direction: 'min' | 'max' | null): number | null {
  const present = values.filter((value) => value !== null)
  if (direction === null || new Set(present).size < 2) return null
  return direction === 'min' ? Math.min(...present) : Math.max(...present)
}

function valueCell(value: number | null, isBest: boolean): string {
  if (value === null) return ''
  return isBest ? `🏆 **${formatMetric(value)}**` : formatMetric(value)
}

function status({ verdict, isThisRun, waits }: RunRow): string {
  if (waits) return '👀 **waits for review**'
  const key = verdict ?? 'claimed'
  return `${icons[key]} ${isThisRun ? `**${words[key]}**` : words[key]}`
}

function revisionCell({ recipe }: Outcome, { revision, attempt }: RunRow, audience: HistoryAudience): string {
  const name =
    audience.namesDataset && recipe !== null
      ? commitLink(audience.hubUrl, recipe.inputDataset, revision)
      : code(shortRevision(revision))
  return attempt > 1 ? `${name}, attempt ${attempt}` : name
}

function links({ runUrl, workflowUrl, isThisRun }: RunRow, audience: HistoryAudience): string {
  const { namesWorkflow, isOnRunPage } = audience
  const all = [
    ...(runUrl === null ? [] : [link('training', runUrl)]),
    ...(!namesWorkflow || (isThisRun && isOnRunPage) ? [] : [link('workflow', workflowUrl)]),
  ]
  return all.join(' · ')
}
