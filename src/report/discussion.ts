import { mayName } from './audience.ts'
import { shortRevision } from './format.ts'
import { commitLink, datasetLink, modelLink } from './links.ts'
import { code, link } from './markdown.ts'
import type { Outcome, ReportContext } from './outcome.ts'

/** A discussion as it will be opened. */
export interface DiscussionText {
  /** Plain text. */
  readonly title: string
  /** Markdown. */
  readonly description: string
}

/**
 * What the people who watch a dataset are told once a training was started on it: what happened, and what is left
 * for a person to do.
 * https://huggingface.co/docs/hub/webhooks-guide-auto-retrain
 *
 * @param outcome one that has a recipe, a revision and a run
 * @returns null when there is nothing to tell
 */
export function discussionText(outcome: Outcome, context: ReportContext): DiscussionText | null {
  const { recipe, revision, run, project } = outcome
  if (recipe === null || revision === null || run === null || project === null) return null
  const { inputDataset, inputModel, targetNamespace } = recipe
  const { hubUrl, workflowUrl } = context
  const showsWorkflow = mayName({ place: outcome.datasetVisibility, thing: context.repositoryVisibility })
  const paragraphs = [
    'Hello!',
    `${datasetLink(hubUrl, inputDataset)} was updated to ${commitLink(hubUrl, inputDataset, revision)}. ` +
      `A retraining of ${modelLink(hubUrl, inputModel)} on it ` +
      `${run.nextStep === null ? 'was started' : 'was prepared'}, as the project ${code(`${targetNamespace}/${project}`)}.`,
    run.nextStep === null
      ? link('Follow the training', run.url)
      : `**Your turn:** ${link(run.nextStep, run.url)}. Nothing is trained and nothing is charged before that.`,
    ...(showsWorkflow ? [`${link('The workflow run', workflowUrl)} has the details.`] : []),
    '*auto-retrain wrote this message by itself.*',
  ]
  return {
    title: `✨ Retraining of ${inputModel} on ${shortRevision(revision)}`,
    description: paragraphs.join('\n\n'),
  }
}
