import type { Outcome } from '../domain/outcome.ts'
import { expectsModel } from '../domain/recipe.ts'
import { needsReview } from './headline.ts'
import { link } from './markdown/markdown.ts'

/**
 * Puts the links to everything a run left behind on one line: the model, the training and what the options add.
 *
 * @param options.namesModel whether the model is linked
 * @param options.trainingLabel the words of the link to the training
 * @param options.workflowUrl null: the workflow run is not linked
 * @param options.linksDataset whether the discussion and the dataset's commit are linked
 * @returns Markdown; empty when there is nothing to link
 */
export function linkLine(
  outcome: Outcome,
  options: {
    hubUrl: string
    namesModel: boolean
    trainingLabel: string
    workflowUrl: string | null
    linksDataset: boolean
  },
): string {
  const { recipe, project, run, verdict, discussionUrl, revision } = outcome
  const { hubUrl, namesModel, trainingLabel, workflowUrl, linksDataset } = options
  const links: string[] = []
  if (namesModel && verdict === 'succeeded' && recipe && project && expectsModel(recipe)) {
    links.push(`🤗 ${link('Model', `${hubUrl}/${recipe.targetNamespace}/${project}`)}`)
  }
  if (run !== null && run.url !== '' && !needsReview(outcome))
    links.push(`📈 ${link(trainingLabel, run.url)}`)
  if (linksDataset && discussionUrl !== null) links.push(`💬 ${link('Discussion', discussionUrl)}`)
  if (linksDataset && run !== null && recipe && revision) {
    const commitUrl = `${hubUrl}/datasets/${recipe.inputDataset}/commit/${revision}`
    links.push(`📦 ${link('Dataset commit', commitUrl)}`)
  }
  if (workflowUrl !== null) links.push(`⚙️ ${link('Workflow run', workflowUrl)}`)
  return links.join(' · ')
}
