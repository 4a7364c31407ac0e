import type { Outcome } from '../domain/outcome.ts'
import type { Entry } from '../ledger/entry.ts'
import type { RecipeLedger } from '../ledger/ledger.ts'
import { type LedgerRecord, linkOf } from '../ledger/record.ts'
import { recordedEnd, runOf, trainerOf } from './attempt/record-order.ts'
import { comesBackBy, decideAfter } from './check/comes-back.ts'
import { mayQuote } from './log/quoting.ts'
import { noteAlsoPublished, noteEnded } from './publish/describe.ts'
import { publishDue } from './publish/publish-due.ts'
import { endWork, type Work } from './work.ts'

/** "Re-run jobs" of a run that succeeded: the same success with all outputs, so that the jobs after it run. */
export async function endFromRecord(work: Work, ledger: RecipeLedger, entry: Entry): Promise<Outcome> {
  const { record } = entry
  const { facts } = work
  const end = recordedEnd(record)
  if (record.publish === 'due') facts.publication = (await publishDue(work, ledger, entry)).publication
  else await noteEnded(work, ledger, record)
  await noteAlsoPublished(work, ledger)
  Object.assign(facts, {
    run: runOf(record, trainerOf(work, entry)),
    project: record.project,
    attempt: record.attempt,
    discussionUrl: record.discussionUrl,
    end,
  })
  return endWork(work, {
    verdict: end.verdict,
    comesBack: comesBackBy(await decideAfter(work, { ledger, entry, end })),
    reason: (mayQuote(work) ? record.reason : null) ?? reportedEnd(record),
  })
}

/** Instead of a reason that the ledger does not have, or that must not be quoted. */
function reportedEnd(record: LedgerRecord): string {
  const ends = {
    succeeded: 'trained this revision',
    cancelled: 'was cancelled while it trained this revision',
  }
  const { state } = record
  const end = state === 'succeeded' || state === 'cancelled' ? ends[state] : 'failed to train this revision'
  return `An earlier attempt of this workflow run ${end}: ${linkOf(record)}.`
}
