import type { PastRun } from '../../domain/outcome.ts'
import type { Entry } from '../../ledger/entry.ts'
import type { RecipeLedger } from '../../ledger/ledger.ts'
import type { Begun } from '../../ledger/publications/publication-record.ts'
import { recordedEnd, runOf } from '../attempt/record-order.ts'
import { mayQuote } from '../log/quoting.ts'
import { notifyDataset } from '../notify.ts'
import { emptyOutcome, type Work } from '../work.ts'
import { finishLeft } from './obtain.ts'
import { finishOther, publishDue } from './publish-due.ts'

/**
 * Publishes what earlier runs left: the models of attempts whose publication is due, and a publication that was begun
 * and has no end.
 *
 * @param recent the recipe's attempts, newest first: what is older than a published one is superseded, and not copied
 */
export async function publishLeft(work: Work, ledger: RecipeLedger, recent: readonly Entry[]): Promise<void> {
  const finish = (begun: Begun) => finishOther(work, { ledger, begun })
  const finished = await finishLeft(work, { ledger, finish })
  if (finished !== null) work.facts.publication = finished
  for (const entry of recent.filter(({ record }) => record.publish === 'due')) {
    const { publication } = await publishDue(work, ledger, entry)
    // What was published now is what the outputs are about, whatever became of the others.
    if (publication.end === 'published' || work.facts.publication?.end !== 'published') {
      work.facts.publication = publication
    }
    if (publication.end !== 'due') await reportPublished(work, entry)
  }
}

/** Says on the dataset what became of the model of an earlier run. */
export async function reportPublished(work: Work, { record }: Entry): Promise<void> {
  const { facts, recipe } = work
  const { revision, attempt, project, discussionUrl } = record
  const isOther = (run: PastRun) => run.revision !== revision || run.attempt !== attempt
  await notifyDataset(work, {
    ...emptyOutcome,
    ...{ recipe, revision, attempt, project, discussionUrl },
    verdict: 'succeeded',
    reason: (mayQuote(work) ? record.reason : null) ?? '',
    datasetVisibility: facts.datasetVisibility,
    baseVisibility: facts.baseVisibility,
    run: runOf(record),
    end: recordedEnd(record),
    publication: facts.publication,
    history: facts.history.filter(isOther),
  })
}
