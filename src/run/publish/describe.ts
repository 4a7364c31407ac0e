import type { Publication, PublishedRun } from '../../domain/publication.ts'
import type { Visibility } from '../../domain/visibility.ts'
import type { RecipeLedger } from '../../ledger/ledger.ts'
import {
  newestPublished,
  newestPublishedIn,
  type PublicationLog,
  publicationOf,
  publishedBefore,
  publishedBy,
} from '../../ledger/publications/publication-log.ts'
import type { Begun, PublicationEntry } from '../../ledger/publications/publication-record.ts'
import type { LedgerRecord } from '../../ledger/record.ts'
import type { Work } from '../work.ts'

/** What is published now, without a word about a run. */
export function standing(to: string, log: PublicationLog | null): Publication {
  return {
    model: to,
    visibility: 'unknown',
    end: null,
    reason: '',
    byHand: false,
    run: null,
    gate: null,
    now: log === null ? null : runOf(newestPublished(log, to)),
    replaced: null,
    alsoPublished: null,
    warnings: [],
  }
}

/** How the publication of a run ended. */
export function ended(
  { n, begun, done }: PublicationEntry & { done: NonNullable<PublicationEntry['done']> },
  options: { log: PublicationLog; visibility: Visibility; warnings?: readonly string[] },
): Publication {
  const { log, visibility, warnings = [] } = options
  return {
    ...standing(begun.to, log),
    visibility,
    end: done.end,
    reason: done.reason,
    byHand: begun.byHand,
    run: { revision: begun.from.revision, attempt: begun.from.attempt },
    gate: done.gate,
    replaced: publishedBefore(log, begun.to, n),
    warnings,
  }
}

/** A publication that a later check carries out. */
export function due(
  run: Pick<Begun['from'], 'revision' | 'attempt'>,
  options: { to: string; log: PublicationLog | null; byHand?: boolean; reason: string },
): Publication {
  const { to, log, byHand = false, reason } = options
  const { revision, attempt } = run
  return { ...standing(to, log), end: 'due', reason, byHand, run: { revision, attempt } }
}

/** Notes how the publication of an attempt ended that an earlier run of this workflow run trained. */
export async function noteEnded(
  { facts }: Pick<Work, 'facts'>,
  ledger: RecipeLedger,
  record: LedgerRecord,
): Promise<void> {
  const log = await ledger.publications.read()
  const entry = publicationOf(log, record.nonce)
  if (entry === null || entry.done === null) return
  facts.publication = ended({ ...entry, done: entry.done }, { log, visibility: 'unknown' })
}

/**
 * Notes what this workflow run published all the same, where it did not publish the run that its outcome is about: jobs
 * that deploy what was published have something to do. The ledger says it, so a job that is run again says it too.
 */
export async function noteAlsoPublished(
  { facts, tools }: Pick<Work, 'facts' | 'tools'>,
  ledger: RecipeLedger,
): Promise<void> {
  const { publication } = facts
  if (publication === null || publication.end === 'published') return
  // What cannot be read is not said: the outcome stays what it is.
  const log = await ledger.publications.read().catch(() => null)
  const alsoPublished = log && newestPublishedIn(log, publication.model, tools.workflow)
  facts.publication = { ...publication, alsoPublished }
}

function runOf(entry: PublicationEntry | null): PublishedRun | null {
  return entry === null ? null : publishedBy(entry)
}

/** Notes what is published before this check does anything about it. */
export async function noteStanding(work: Pick<Work, 'recipe' | 'facts' | 'known'>): Promise<void> {
  const { recipe, facts, known } = work
  const { publishTo } = recipe
  if (publishTo === null || known.ledger === null) return
  facts.publication = standing(publishTo, await known.ledger.publications.read())
  known.published = facts.publication.now
}
