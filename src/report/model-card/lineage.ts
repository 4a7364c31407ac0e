import type { Outcome, ReportContext } from '../../domain/outcome.ts'
import { shortRevision } from '../../domain/revision.ts'
import { mayName, type Visibility } from '../../domain/visibility.ts'
import { datasetLink, modelLink } from '../markdown/links.ts'
import { code, link } from '../markdown/markdown.ts'
import { type CardFacts, cardMetadata } from './card-metadata.ts'

const begin = '<!-- auto-retrain: begin -->'
const end = '<!-- auto-retrain: end -->'

/** As the Hub looks for it: AutoTrain's cards have an empty line before. */
const frontMatter = /^(\s*---[ \t]*\r?\n)([\s\S]*?)(^---[ \t]*(?:\r?\n|$))/m

/**
 * A model card that says where its model comes from: the dataset at its revision and the metrics in the metadata,
 * and a short section with links. What was in it stays; done twice, it is the same.
 *
 * @param readme the text of README.md; empty when the model has none
 * @param outcome of a run that succeeded
 * @param options.modelVisibility who reads the card
 * @returns the new text; the same text when there is nothing to say
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
    metrics: ended?.metrics ?? {},
  }
  const namesWorkflow = mayName({ place: modelVisibility, thing: context.repositoryVisibility })
  const section = lineageSection({ outcome, context, namesDataset, namesWorkflow })
  return withSection(withMetadata(readme, facts), section)
}

function withMetadata(readme: string, facts: CardFacts): string {
  const found = frontMatter.exec(readme)
  // A rule of dashes in the middle of a text begins no front matter.
  const isThere = found?.index === 0
  const metadata = cardMetadata(isThere ? (found[2] ?? '') : '', facts)
  if (metadata === null) return readme
  if (!isThere)
    return metadata.trim() === '{}' || metadata === '' ? readme : `---\n${metadata}\n---\n\n${readme}`
  const [whole, open = '', yaml = '', close = ''] = found
  if (metadata === yaml) return readme
  return `${open}${metadata}\n${close}${readme.slice(whole.length)}`
}

function withSection(readme: string, section: string): string {
  const from = readme.indexOf(begin)
  const to = readme.indexOf(end, from)
  if (from !== -1 && to !== -1) return readme.slice(0, from) + section + readme.slice(to + end.length)
  return `${readme.trimEnd()}${readme.trim() === '' ? '' : '\n\n'}${section}\n`
}

function lineageSection(options: {
  outcome: Outcome
  context: ReportContext
  namesDataset: boolean
  namesWorkflow: boolean
}): string {
  const { outcome, context, namesDataset, namesWorkflow } = options
  const { recipe, revision, discussionUrl } = outcome
  const { hubUrl, workflowUrl } = context
  const dataset = recipe?.inputDataset ?? ''
  const at = link(code(shortRevision(revision ?? '')), `${hubUrl}/datasets/${dataset}/tree/${revision}`)
  const data = namesDataset ? `${datasetLink(hubUrl, dataset)} at ${at}` : 'a private dataset'
  const links = [
    ...(namesWorkflow ? [link('The workflow run', workflowUrl)] : []),
    ...(namesDataset && discussionUrl !== null ? [link('the discussion', discussionUrl)] : []),
  ]
  return [
    begin,
    '## Where this model comes from',
    `${modelLink(hubUrl, recipe?.inputModel ?? '')}, trained by auto-retrain on ${data}.`,
    ...(links.length === 0 ? [] : [`${capital(links.join(' · '))}`]),
    end,
  ].join('\n\n')
}

function capital(text: string): string {
  return text.replace(/^\[t/, '[T')
}
