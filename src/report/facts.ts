import { formatDuration, formatUsd } from '../domain/format.ts'
import type { Outcome, ReportContext } from '../domain/outcome.ts'
import { changeWords } from './change-list.ts'
import { isWaiting } from './headline.ts'
import { commitLink, datasetLink, modelLink } from './markdown/links.ts'
import { code, factRows, link, plain } from './markdown/markdown.ts'
import type { SummaryAudience } from './summary/audience.ts'

const triggerWords = {
  dispatch: 'a commit to the dataset',
  manual: 'a person',
  schedule: 'the schedule',
} as const

type Fact = readonly [name: string, value: string | null]

/** What a run was about, as a small table; empty when nothing is known. */
export function factTable(outcome: Outcome, context: ReportContext, audience: SummaryAudience): string {
  const { recipe, change, plan, project } = outcome
  const { say } = audience
  const facts: Fact[] = [
    ['Dataset', datasetFact(outcome, context, audience)],
    ['Changed', change && changeWords(change)],
    [project === null ? 'Base model' : 'Model', modelFact(outcome, context)],
    ['Trained by', plan && plain(say(plan.what))],
    ['Hardware', hardwareFact(outcome)],
    ['Cost', recipe && plan && costWords(outcome)],
    ['Woken by', wokenBy(context)],
    ['Discussion', outcome.discussionNote === null ? null : plain(say(outcome.discussionNote))],
  ]
  return factRows(facts)
}

/** The same for an event that came to nothing, on one line. */
export function factLine(outcome: Outcome, context: ReportContext, audience: SummaryAudience): string {
  const dataset = datasetFact(outcome, context, audience)
  const woken = wokenBy(context)
  return [dataset && `Dataset: ${dataset}`, woken && `woken by ${woken}`].filter(Boolean).join(' · ')
}

/** Where to go from here, on one line; empty when there is nowhere. */
export function linkLine(outcome: Outcome, context: ReportContext, audience: SummaryAudience): string {
  const { recipe, project, run, verdict, discussionUrl, revision } = outcome
  const { hubUrl } = context
  const model = recipe && project && `${hubUrl}/${recipe.targetNamespace}/${project}`
  const commit = recipe && revision && `${hubUrl}/datasets/${recipe.inputDataset}/commit/${revision}`
  const links = [
    ...(verdict === 'succeeded' && model ? [`🤗 ${link('Model', model)}`] : []),
    ...(run === null || isWaiting(outcome) ? [] : [`📈 ${link('Training and its log', run.url)}`]),
    ...(discussionUrl !== null && audience.namesDataset ? [`💬 ${link('Discussion', discussionUrl)}`] : []),
    ...(run !== null && commit && audience.namesDataset
      ? [`📦 ${link('Commit of the dataset', commit)}`]
      : []),
  ]
  return links.join(' · ')
}

/** What a run costs, or did: Markdown. */
export function costWords({ plan, end, recipe }: Outcome): string {
  const spent = end?.cost ?? null
  const ceiling = plan?.cost?.max ?? null
  const parts = [
    ...(spent === null ? [] : [`**${dollars(spent)}** spent`]),
    ...(ceiling === null ? [] : [`at most ${dollars(ceiling)}`]),
    ...(recipe === null || ceiling === null ? [] : [`budget ${dollars(recipe.maxCost)} a run`]),
  ]
  return parts.length === 0 ? 'not known beforehand' : parts.join(' · ')
}

/** Two bare dollars in one line are the beginning and the end of a formula. */
function dollars(amount: number): string {
  return plain(formatUsd(amount))
}

function datasetFact(outcome: Outcome, context: ReportContext, audience: SummaryAudience): string | null {
  const { recipe, revision, oldRevision } = outcome
  if (recipe === null) return null
  const { hubUrl } = context
  const { inputDataset } = recipe
  if (!audience.namesDataset) {
    return revision === null ? 'a private dataset' : `a private dataset at ${code(revision.slice(0, 7))}`
  }
  const at = revision === null ? '' : ` at ${commitLink(hubUrl, inputDataset, revision)}`
  const before =
    revision === null || oldRevision === null
      ? ''
      : `, before it ${commitLink(hubUrl, inputDataset, oldRevision)}`
  return `${datasetLink(hubUrl, inputDataset)}${at}${before}`
}

function modelFact({ recipe, project, verdict }: Outcome, { hubUrl }: ReportContext): string | null {
  if (recipe === null) return null
  const base = modelLink(hubUrl, recipe.inputModel)
  if (project === null) return base
  const model = `${recipe.targetNamespace}/${project}`
  return `${modelWords({ hubUrl, model, verdict })}, from ${base}`
}

/** A run's model by its name; a link once it is there. */
export function modelWords(options: {
  hubUrl: string
  /** `namespace/name` */
  model: string
  verdict: Outcome['verdict']
}): string {
  const { hubUrl, model, verdict } = options
  if (verdict === 'succeeded') return modelLink(hubUrl, model)
  return verdict === 'failed' || verdict === 'cancelled' ? `${code(model)} (not finished)` : code(model)
}

/** What a person has to do before anything trains, as a link; empty when that is nothing. */
export function yourTurn(run: Outcome['run'], say: (text: string) => string = (text) => text): string {
  if (run === null || run.nextStep === null) return ''
  const step = link(plain(say(run.nextStep)), run.url)
  return `**Your turn:** ${step}. Nothing is trained and nothing is charged before that.`
}

function hardwareFact({ plan }: Outcome): string | null {
  if (plan === null || plan.hardware === null) return null
  const limit = plan.timeoutMs === null ? '' : `, for ${formatDuration(plan.timeoutMs)} at most`
  return `${code(plan.hardware)}${limit}`
}

function wokenBy({ trigger, delivery }: ReportContext): string | null {
  if (trigger === null) return null
  return delivery === null ? triggerWords[trigger] : `${triggerWords[trigger]}, delivery ${code(delivery)}`
}
