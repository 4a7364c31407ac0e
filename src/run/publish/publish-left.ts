import type { Publication } from '../../domain/publication.ts'
import type { Entry } from '../../ledger/entry.ts'
import type { RecipeLedger } from '../../ledger/ledger.ts'
import type { Begun } from '../../ledger/publications/publication-record.ts'
import { recordedEnd } from '../attempt/record-order.ts'
import { mayQuote } from '../log/quoting.ts'
import { notifyDataset, outcomeOf } from '../notify.ts'
import type { Work } from '../work.ts'
import { finishLeft } from './obtain.ts'
import { finishOther, publishDue } from './publish-due.ts'

/**
 * Publishes what earlier runs left: the models of attempts whose publication is due, and a publication that was begun
 * and has no end.
 *
 * @param recent the recipe's attempts, newest first: what is older than a published one is superseded, and not copied
 */
export async function publishLeft(work: Work, ledger: RecipeLedger, recent: readonly Entry[]): Promise<void> {
  const { facts, known } = work
  const finish = (begun: Begun) => finishOther(work, { ledger, begun })
  const finished = await finishLeft(work, { ledger, finish })
  if (finished !== null) facts.publication = finished
  let isOpen = finished?.end === 'due'
  for (const entry of recent.filter(({ record }) => record.publish === 'due')) {
    // One after the other: what waits behind one that did not work is left with it.
    if (isOpen) break
    const { publication } = await publishDue(work, ledger, entry)
    isOpen = publication.end === 'due'
    // What was published now is what the outputs are about, whatever became of the others.
    if (publication.end === 'published' || facts.publication?.end !== 'published')
      facts.publication = publication
    if (!isOpen) await reportPublished(work, { entry, publication })
  }
  if (facts.publication !== null) known.published = facts.publication.now
}

/** Says on the dataset what became of the model of an earlier run. */
export async function reportPublished(
  work: Work,
  { entry, publication }: { entry: Entry; publication: Publication },
): Promise<void> {
  const { record } = entry
  const reason = (mayQuote(work) ? record.reason : null) ?? ''
  const ending = { verdict: 'succeeded', reason, end: recordedEnd(record), publication } as const
  await notifyDataset(work, outcomeOf(work, record, ending))
}
