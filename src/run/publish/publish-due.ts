import { messageOf } from '../../domain/error-message.ts'
import type { Publication } from '../../domain/publication.ts'
import { shortRevision } from '../../domain/revision.ts'
import { findModel } from '../../hub/models/models.ts'
import { isHidden } from '../../hub/refusals.ts'
import type { Entry } from '../../ledger/entry.ts'
import type { RecipeLedger } from '../../ledger/ledger.ts'
import { publicationOf } from '../../ledger/publications/publication-log.ts'
import type { Begun } from '../../ledger/publications/publication-record.ts'
import type { LedgerRecord } from '../../ledger/record.ts'
import { mayQuote } from '../log/quoting.ts'
import type { Work } from '../work.ts'
import { type Carried, carryOut } from './carry-out/carry-out.ts'
import { due, ended } from './describe.ts'
import { byUs } from './names.ts'
import { obtain, type Wish } from './obtain.ts'

/** A publication, and the record that says whether it is still due. */
export interface PublishedEntry {
  readonly entry: Entry
  readonly publication: Publication
}

/**
 * Publishes the model of an attempt whose publication is due. It never throws but for a cancelled workflow: what cannot
 * be done now is left to the next check.
 */
export async function publishDue(work: Work, ledger: RecipeLedger, entry: Entry): Promise<PublishedEntry> {
  const { record } = entry
  const to = record.publishTo ?? ''
  const later = (reason: string): PublishedEntry => ({
    entry,
    publication: due(record, { to, log: null, reason }),
  })
  return work.steps.time(
    `Publish the model of ${shortRevision(record.revision)}`,
    async () => {
      try {
        const publication = await publishNow(work, { ledger, entry, to })
        if (publication === null) return later('Another publication of this recipe is under way.')
        if (publication.end === 'due') return { entry, publication }
        for (const warning of publication.warnings) work.log.warning(warning)
        return { entry: await settle(work, { ledger, entry }), publication }
      } catch (error) {
        work.tools.signal.throwIfAborted()
        work.log.warning(`The publication is left to the next check: ${messageOf(error)}`)
        return later(mayQuote(work) ? messageOf(error) : 'The workflow run has the reason.')
      }
    },
    ({ publication }) => publication.end !== 'due',
  )
}

async function publishNow(
  work: Work,
  { ledger, entry, to }: { ledger: RecipeLedger; entry: Entry; to: string },
): Promise<Publication | null> {
  const { record } = entry
  const wish = await wishOf(work, { record, to, byHand: false })
  const obtained = await obtain(work, {
    ledger,
    wish: { ...wish, find: (log) => publicationOf(log, record.nonce) },
    finish: (begun) => finishOther(work, { ledger, begun }),
  })
  if (obtained.is === 'busy') return null
  if (obtained.is === 'ended') {
    const { done } = obtained.entry
    const log = await ledger.publications.read()
    return done === null ? null : ended({ ...obtained.entry, done }, { log, visibility: 'unknown' })
  }
  const carried = await carryOut(work, { ledger, begun: obtained.begun, entry })
  return describeCarried(work, { ledger, begun: obtained.begun, carried })
}

/** What a try led to, for the reports. */
export async function describeCarried(
  { log }: Pick<Work, 'log'>,
  { ledger, begun, carried }: { ledger: RecipeLedger; begun: Begun; carried: Carried },
): Promise<Publication> {
  const all = await ledger.publications.read()
  const { n, to, byHand, from } = begun
  const { done, reason, visibility, warnings } = carried
  if (done === null) return due(from, { to, log: all, byHand, reason })
  log.info(`Publication ${n} of ${to}: ${done.end}. ${done.reason}`)
  return ended({ n, begun, done }, { log: all, visibility, warnings })
}

/** Finishes a publication that another workflow run left, and the record that it belongs to. */
export async function finishOther(
  work: Work,
  { ledger, begun }: { ledger: RecipeLedger; begun: Begun },
): Promise<Publication> {
  work.log.info(`Publication ${begun.n} was left without an end, and is finished first.`)
  const entry = await entryOf(ledger, begun)
  const carried = await carryOut(work, { ledger, begun, entry })
  if (carried.done !== null && entry !== null && !begun.byHand) await settle(work, { ledger, entry })
  return describeCarried(work, { ledger, begun, carried })
}

async function entryOf(ledger: RecipeLedger, { from }: Begun): Promise<Entry | null> {
  const attempts = await ledger.attempts(from.revision)
  return attempts.find(({ record }) => record.nonce === from.nonce) ?? null
}

/** Notes in the record that nothing is due any more. The end of the publication says so as well. */
async function settle(work: Work, { ledger, entry }: { ledger: RecipeLedger; entry: Entry }): Promise<Entry> {
  if (entry.record.publish === null) return entry
  try {
    return await ledger.save(entry, entry.record.state, { publish: null })
  } catch (error) {
    work.log.warning(`The ledger could not be updated (${messageOf(error)}): the next check does it.`)
    return entry
  }
}

/**
 * What is to be published: the run's model as it is now.
 *
 * @param options.commit the commit to publish; left out: its newest
 */
export async function wishOf(
  { tools }: Pick<Work, 'tools'>,
  options: { record: LedgerRecord; to: string; byHand: boolean; commit?: string | undefined },
): Promise<Pick<Wish, 'begin'>> {
  const { record, to, byHand } = options
  const { hub, signal } = tools
  const model = record.model ?? ''
  const { revision, attempt, nonce, times, metrics, unmeasured, publishedThen, recipe } = record
  const commit = options.commit ?? (await findModel(hub, { model, signal }).catch(nullIfHidden))?.head ?? null
  const measured = {
    metrics: metrics ?? {},
    ...(unmeasured !== undefined && { unmeasured }),
    publishedThen: publishedThen?.commit ?? null,
  }
  return {
    begin: (n) => ({
      version: 1,
      recipe,
      n,
      tries: 1,
      to,
      from: { model, commit, revision, attempt, nonce, claimed: times.claimed, ...measured },
      byHand,
      ...byUs({ tools }),
    }),
  }
}

/** What is gone or refused is held. */
function nullIfHidden(error: unknown): null {
  if (isHidden(error)) return null
  throw error
}
