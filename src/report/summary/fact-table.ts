import type { Outcome, ReportContext } from '../../domain/outcome.ts'
import { expectsModel } from '../../domain/recipe.ts'
import { changeSummary, dataTotals } from '../change-list.ts'
import { budgetText, hardwareText, modelText } from '../facts.ts'
import { commitLink, datasetLink, modelLink, unnamedDataset, unnamedModel } from '../markdown/links.ts'
import { code, keyValueTable, plain } from '../markdown/markdown.ts'
import type { SummaryAudience } from './audience.ts'

const triggerNames = {
  dispatch: 'a commit to the dataset',
  reconcile: "the relay's own check of the dataset",
  manual: 'a person',
  schedule: 'the schedule',
} as const

/** @returns the facts of a run as a Markdown table; empty when nothing is known */
export function factTable(outcome: Outcome, context: ReportContext, audience: SummaryAudience): string {
  const { change, plan, project, discussionNote } = outcome
  const { mask } = audience
  return keyValueTable([
    ['Dataset', datasetText(outcome, context, audience)],
    ['Changes', change && changeSummary(change)],
    ['Data', change && dataTotals(change)],
    [project === null ? 'Base model' : 'Model', modelFact(outcome, context, audience)],
    ['Training', plan && plain(mask(plan.summary))],
    ['Parameters', parametersText(outcome, audience)],
    ['Hardware', hardwareText(outcome)],
    ['Budget', budgetText(outcome)],
    ['Triggered by', triggerText(context)],
    ['Discussion', discussionNote === null ? null : plain(mask(discussionNote))],
  ])
}

/** @returns the dataset and the trigger on one line, for an event that started nothing */
export function factLine(outcome: Outcome, context: ReportContext, audience: SummaryAudience): string {
  const dataset = datasetText(outcome, context, audience)
  const trigger = triggerText(context)
  return [dataset && `Dataset: ${dataset}`, trigger && `triggered by ${trigger}`].filter(Boolean).join(' · ')
}

function datasetText(outcome: Outcome, context: ReportContext, audience: SummaryAudience): string | null {
  const { recipe, revision, oldRevision, datasetVisibility } = outcome
  if (recipe === null) return null
  const { hubUrl } = context
  const { inputDataset } = recipe
  if (!audience.namesDataset) {
    const dataset = unnamedDataset(datasetVisibility)
    return revision === null ? dataset : `${dataset} at ${code(revision.slice(0, 7))}`
  }
  const dataset = datasetLink(hubUrl, inputDataset)
  if (revision === null) return dataset
  const previous =
    oldRevision === null ? '' : ` (previous commit: ${commitLink(hubUrl, inputDataset, oldRevision)})`
  return `${dataset} at ${commitLink(hubUrl, inputDataset, revision)}${previous}`
}

function modelFact(
  { recipe, project, plan, verdict, baseVisibility }: Outcome,
  { hubUrl }: ReportContext,
  { namesBase }: SummaryAudience,
): string | null {
  if (recipe === null) return null
  const given = namesBase ? modelLink(hubUrl, recipe.inputModel) : unnamedModel(baseVisibility)
  const { startFrom = null } = plan ?? {}
  const base = startFrom === null ? given : `${modelLink(hubUrl, startFrom.model)} (originally from ${given})`
  if (project === null || !expectsModel(recipe)) return base
  const model = `${recipe.targetNamespace}/${project}`
  return `${modelText({ hubUrl, model, verdict })}, from ${base}`
}

/** A recipe may give an image of its own any number. */
const maxParameters = 40

/** The parameters of the recipe, then the trainer's own. A value may name the dataset. */
function parametersText({ plan }: Outcome, { mask }: SummaryAudience): string | null {
  const { parameters = [] } = plan ?? {}
  if (parameters.length === 0) return null
  const list = (wanted: boolean) =>
    parameters
      .filter(({ isGiven }) => isGiven === wanted)
      .slice(0, maxParameters)
      .map(({ name, value }) => code(mask(`${name}: ${JSON.stringify(value) ?? 'nothing'}`), 100))
      .join(' ')
  const [given, defaults] = [list(true), list(false)]
  return [given, defaults === '' ? '' : `by default ${defaults}`].filter(Boolean).join(', ')
}

function triggerText({ trigger, delivery }: ReportContext): string | null {
  if (trigger === null) return null
  return delivery === null ? triggerNames[trigger] : `${triggerNames[trigger]}, delivery ${code(delivery)}`
}
