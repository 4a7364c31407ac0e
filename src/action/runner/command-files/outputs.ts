import type { Outcome } from '../../../domain/outcome.ts'
import { expectsModel } from '../../../domain/recipe.ts'
import { isProcessed } from '../../../domain/verdict.ts'
import { compareRuns } from '../../../report/metrics/compare-runs.ts'

/** The outputs of the action for one recipe, by name; an empty string when there is no value. */
type Outputs = Readonly<Record<OutputName, string>>

/** The outputs about one recipe; `results` has those of all recipes. */
export const outputNames = [
  'verdict',
  'reason',
  'processed',
  'dataset',
  'revision',
  'project-name',
  'run-id',
  'run-url',
  'model',
  'discussion-url',
  'metrics',
  'cost-estimate',
  'improved',
  'baseline',
  'published',
  'published-model',
  'published-revision',
] as const

type OutputName = (typeof outputNames)[number]

/**
 * Formats the outputs of the action.
 *
 * @param outcomes at least one
 * @returns those of the first recipe that published a model, else of the first that was not skipped, and `results`: a JSON
 * array with those of every recipe
 */
export function toOutputs(outcomes: readonly Outcome[]): Outputs & { results: string } {
  const all = outcomes.map(outputsOf)
  const first =
    all.find(({ published }) => published === 'true') ??
    all.find(({ verdict }) => verdict !== 'skipped') ??
    all[0]
  if (first === undefined) throw new Error('at least one outcome is needed for the outputs')
  return { ...first, results: JSON.stringify(all) }
}

function outputsOf(outcome: Outcome): Outputs {
  const { verdict, reason, recipe, revision, project, run, discussionUrl, end, plan, publication } = outcome
  const comparison = comparisonOf(outcome)
  return {
    verdict,
    reason,
    processed: String(isProcessed(verdict)),
    dataset: recipe?.inputDataset ?? '',
    revision: revision ?? '',
    'project-name': project ?? '',
    'run-id': run?.id ?? '',
    'run-url': run?.url ?? '',
    model: modelOf(outcome),
    'discussion-url': discussionUrl ?? '',
    metrics: JSON.stringify(end?.metrics ?? {}),
    'cost-estimate': text(end?.cost ?? plan?.cost?.max),
    improved: text(comparison?.improved),
    baseline: text(comparison?.baseline),
    published: publishedText(outcome),
    'published-model': publication?.model ?? recipe?.publishTo ?? '',
    'published-revision': publication?.now?.commit ?? '',
  }
}

/**
 * The model of a run, also of a planned one, and of one that failed or was stopped and may have left a model; empty where
 * none is expected.
 */
function modelOf({ verdict, recipe, project, run }: Outcome): string {
  const isMade = verdict === 'planned' || (run !== null && isProcessed(verdict))
  const isNamed = isMade && recipe !== null && project !== null && expectsModel(recipe)
  return isNamed ? `${recipe.targetNamespace}/${project}` : ''
}

/** With `publish-to`, the comparison is with what is published, which is made only before a publication. */
function comparisonOf(outcome: Outcome): ReturnType<typeof compareRuns> {
  const isDue = outcome.recipe?.publishTo != null && outcome.publication?.gate == null
  return isDue ? null : compareRuns(outcome)
}

/** Empty while it is not decided: a training that is running or planned, or a publication that the next check makes. */
function publishedText({ verdict, recipe, publication }: Outcome): string {
  if (publication === null && recipe?.publishTo == null) return ''
  if (publication !== null && publication.alsoPublished !== null) return 'true'
  switch (publication?.end) {
    case 'published':
      return 'true'
    case 'held':
    case 'superseded':
      return 'false'
    case 'due':
      return ''
    default:
      return verdict === 'started' || verdict === 'planned' ? '' : 'false'
  }
}

function text(value: number | boolean | null | undefined): string {
  return value === null || value === undefined ? '' : String(value)
}
