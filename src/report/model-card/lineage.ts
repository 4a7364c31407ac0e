import { ownMetrics } from '../../domain/metrics/published-metrics.ts'
import type { Outcome, ReportContext } from '../../domain/outcome.ts'
import { shortRevision } from '../../domain/revision.ts'
import { mayName, type Visibility } from '../../domain/visibility.ts'
import { datasetLink, modelLink, unnamedDataset, unnamedModel } from '../markdown/links.ts'
import { code, link } from '../markdown/markdown.ts'
import { type CardFacts, cardMetadata } from './card-metadata.ts'
import { splitCard, withFrontMatter, withSection } from './card-text.ts'

/**
 * Writes into a model card where the model comes from: the dataset's revision and the metrics into the metadata, and a
 * short section with links. Everything else is kept, and writing twice changes nothing.
 *
 * @param readme the text of README.md; empty when the model has none
 * @param options.outcome of a successful run
 * @param options.modelVisibility who can read the card
 * @returns the new text; the same text when there is nothing to write
 */
export function withLineage(
  readme: string,
  options: { outcome: Outcome; context: ReportContext; modelVisibility: Visibility },
): string {
  const { outcome, context, modelVisibility } = options
  const { recipe, revision, project, end: ended, datasetVisibility } = outcome
  if (recipe === null || revision === null || project === null) return readme
  const namesDataset = mayName({ place: modelVisibility, thing: datasetVisibility })
  const facts: CardFacts = {
    model: `${recipe.targetNamespace}/${project}`,
    dataset: namesDataset ? recipe.inputDataset : null,
    revision,
    task: recipe.task,
    metrics: ownMetrics({ metrics: ended?.metrics ?? {} }, { publishes: recipe.publishTo !== null }).metrics,
  }
  const namesWorkflow = mayName({ place: modelVisibility, thing: context.repositoryVisibility })
  const namesBase = mayName({ place: modelVisibility, thing: outcome.baseVisibility })
  const section = lineageSection({ outcome, context, namesDataset, namesBase, namesWorkflow })
  const metadata = cardMetadata(splitCard(readme).yaml, facts)
  return withSection(withFrontMatter(readme, metadata), section)
}

function lineageSection(options: {
  outcome: Outcome
  context: ReportContext
  namesDataset: boolean
  namesBase: boolean
  namesWorkflow: boolean
}): string[] {
  const { outcome, context, namesDataset, namesBase, namesWorkflow } = options
  const { recipe, revision, discussionUrl, datasetVisibility, baseVisibility } = outcome
  const { hubUrl, workflowUrl } = context
  const dataset = recipe?.inputDataset ?? ''
  const at = link(code(shortRevision(revision ?? '')), `${hubUrl}/datasets/${dataset}/tree/${revision}`)
  const data = namesDataset ? `${datasetLink(hubUrl, dataset)} at ${at}` : unnamedDataset(datasetVisibility)
  const base = namesBase ? modelLink(hubUrl, recipe?.inputModel ?? '') : unnamedModel(baseVisibility)
  const links = [
    ...(namesWorkflow ? [link('Workflow run', workflowUrl)] : []),
    ...(namesDataset && discussionUrl !== null ? [link('Discussion', discussionUrl)] : []),
  ]
  return [
    '## Where this model comes from',
    `auto-retrain fine-tuned ${base} on ${data}.`,
    ...(links.length === 0 ? [] : [links.join(' · ')]),
  ]
}
