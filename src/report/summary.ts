import { mayName } from './audience.ts'
import { formatDuration, formatUsd } from './format.ts'
import { headline } from './headline.ts'
import { commitLink, datasetLink, modelLink } from './links.ts'
import { code, details, link, plain, table } from './markdown.ts'
import type { Outcome, ReportContext } from './outcome.ts'
import { recipeTable } from './recipe-table.ts'

/**
 * GitHub drops a step's whole summary above 1,048,576 bytes.
 * https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#adding-a-job-summary
 */
const maxBytes = 1_000_000

const triggerWords = {
  dispatch: 'a commit to the dataset',
  manual: 'a person',
  schedule: 'the schedule',
} as const

/**
 * The job summary: for each recipe what came of it, what it was about, how it went.
 *
 * @param outcomes at least one
 * @returns GitHub-flavoured Markdown below GitHub's limit, whatever the outcomes hold
 */
export function jobSummary(outcomes: readonly Outcome[], context: ReportContext): string {
  return joinWithin(outcomes.flatMap((outcome) => sections(outcome, context)))
}

function sections(outcome: Outcome, context: ReportContext): string[] {
  const { steps, recipe } = outcome
  const shown = mayName({ place: context.repositoryVisibility, thing: outcome.datasetVisibility })
  return [
    `## ${headline(outcome)}`,
    plain(outcome.reason, 2000),
    factTable(outcome, context, shown),
    ...(steps.length === 0 ? [] : ['### Steps', stepTable(outcome)]),
    ...(recipe === null ? [] : [details('The recipe', recipeTable(recipe, { namesDataset: shown }))]),
  ]
}

function factTable(outcome: Outcome, context: ReportContext, shown: boolean): string {
  const { recipe, revision, oldRevision, plan, project, run, discussionUrl, discussionNote } = outcome
  const { hubUrl, trigger, delivery } = context
  const dataset = recipe?.inputDataset ?? ''
  const commit = (sha: string) => (shown ? commitLink(hubUrl, dataset, sha) : code(sha.slice(0, 7)))
  const before = oldRevision === null ? '' : `, before it ${commit(oldRevision)}`
  const facts: [string, string | null][] = [
    ['Dataset', recipe && (shown ? datasetLink(hubUrl, dataset) : 'a private dataset')],
    ['Revision', revision && `${commit(revision)}${before}`],
    ['Base model', recipe && modelLink(hubUrl, recipe.inputModel)],
    ['Trainer', recipe && code(recipe.trainer)],
    ['Project', recipe && project && code(`${recipe.targetNamespace}/${project}`)],
    ['What runs', plan && plain(plan.what)],
    ['Cost', plan && costWords(plan.cost?.max ?? null)],
    ['Next step', run?.nextStep ? `**${link(plain(run.nextStep), run.url)}**` : null],
    ['Training', run && !run.nextStep ? link('its page', run.url) : null],
    ['Discussion', discussionCell(discussionUrl, discussionNote, shown)],
    ['Woken by', trigger && triggerWords[trigger]],
    ['Delivery', delivery && code(delivery)],
  ]
  const rows = facts.flatMap(([name, value]) => (value ? [[`**${name}**`, value]] : []))
  return rows.length === 0 ? '' : table(['', ''], rows)
}

function costWords(maxCost: number | null): string {
  return maxCost === null ? 'not known beforehand' : `at most ${formatUsd(maxCost)}`
}

function discussionCell(url: string | null, note: string | null, shown: boolean): string | null {
  if (url !== null) return shown ? link('on the dataset', url) : 'opened on the dataset'
  return note === null ? null : plain(note)
}

function stepTable({ steps }: Outcome): string {
  const rows = steps.map(({ title, duration, ok }) => [
    ok ? '✅' : '❌',
    plain(title),
    formatDuration(duration),
  ])
  return table(['', 'Step', 'Took'], rows)
}

/** Whole sections only: a cut inside one could leave a table or a fence open. */
function joinWithin(parts: readonly string[]): string {
  const note = '*The rest is left out: it would be more than GitHub shows.*'
  const kept: string[] = []
  let bytes = Buffer.byteLength(note) + 2
  for (const part of parts.filter((text) => text !== '')) {
    bytes += Buffer.byteLength(part) + 2
    if (bytes > maxBytes) {
      kept.push(note)
      break
    }
    kept.push(part)
  }
  return `${kept.join('\n\n')}\n`
}
