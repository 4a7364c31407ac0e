import type { PublishedRun } from '../../../domain/publication.ts'
import type { Visibility } from '../../../domain/visibility.ts'
import { findModel } from '../../../hub/models/models.ts'
import type { Begun } from '../../../ledger/publications/publication-record.ts'
import { publishedCard } from '../../../report/model-card/published-card.ts'
import type { Work } from '../../work.ts'
import type { Situation } from '../judge.ts'
import { publishedTag } from '../names.ts'

/**
 * Prepares the card of the stable model: who may know what the model is made of is asked before.
 *
 * @param options.made what the model is made of, as it was judged
 * @param options.visibility who can read the stable model
 * @param options.startedFrom the earlier run's model that the training started from; null: the base model
 * @returns writes the card from the one that is published and the run's own
 */
export async function cardWriter(
  work: Work,
  options: {
    begun: Begun
    made: Pick<Situation, 'dataset' | 'base'>
    visibility: Visibility
    replaced: PublishedRun | null
    discussionUrl: string | null
    startedFrom: { readonly model: string } | null
  },
): Promise<(texts: { published: string; run: string }) => string> {
  const { begun, made, visibility, replaced, discussionUrl, startedFrom } = options
  const { recipe, tools } = work
  const { from, to, byHand, workflow, at } = begun
  const { hub, signal, report } = tools
  // Asked anew: the plan asked before there was such a model.
  const run = await findModel(hub, { model: from.model, signal })
  return (texts) =>
    publishedCard(texts, {
      model: to,
      ...{ visibility, recipe, replaced, discussionUrl, startedFrom },
      revision: from.revision,
      attempt: from.attempt,
      runModel: from.model,
      runModelVisibility: run?.visibility ?? 'unknown',
      datasetVisibility: made.dataset.visibility,
      baseVisibility: made.base.visibility,
      repositoryVisibility: report.repositoryVisibility,
      workflowUrl: workflow.url,
      hubUrl: report.hubUrl,
      at: Date.parse(at),
      metrics: from.metrics,
      tag: byHand ? null : publishedTag(from),
    })
}
