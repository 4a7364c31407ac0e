import type { Entry } from '../../ledger/entry.ts'
import type { RecipeLedger } from '../../ledger/ledger.ts'
import type { PublicationLog } from '../../ledger/publications/publication-log.ts'
import type { LedgerRecord } from '../../ledger/record.ts'
import type { WantedRun } from '../../recipe/run-name.ts'
import { publishedTag } from './names.ts'

/** A run that `publish-revision` may mean. */
export interface FoundRun {
  readonly entry: Entry
  /** The commit that was published under that tag; null: the run's model as it is now. */
  readonly commit: string | null
  /** What means this run and no other of its recipe, as the input takes it. */
  readonly name: string
}

/** What `publish-revision` found in one recipe. */
export interface FoundRuns {
  /** One for each revision that it may mean. */
  readonly runs: readonly FoundRun[]
  /** What can be published, newest first, as the input takes it. */
  readonly available: readonly string[]
}

/** How many runs a refusal lists. */
const maxListed = 5

/**
 * Finds the runs of a recipe that `publish-revision` may mean: digits of a revision mean its newest success, and
 * `1d55c3a-2` its second attempt; a tag means what was published under it.
 *
 * @param wanted null: the input can name no run
 * @throws UnreadableRecord, HttpError or NoAnswerError when the ledger cannot be read
 */
export async function findRuns(wanted: WantedRun | null, ledger: RecipeLedger): Promise<FoundRuns> {
  const [recent, log] = await Promise.all([ledger.recent(), ledger.publications.read()])
  const available = namesOf(recent.filter(isGood)).slice(0, maxListed)
  if (wanted === null) return { runs: [], available }
  const alike = (await ledger.attemptsLike(wanted.digits)).filter(isGood)
  const names = namesOf(alike)
  const found = alike.map((entry, index): FoundRun => {
    return { entry, commit: commitOf(entry, log), name: names[index] ?? '' }
  })
  return { runs: underTag(found, { wanted, log }) ?? found.filter(isMeant(wanted, alike)), available }
}

function isGood({ record }: Entry): boolean {
  return record.state === 'succeeded' && record.model !== null
}

/** The run that was published under a tag, with the commit that was published then; null: the name is no such tag. */
function underTag(
  found: readonly FoundRun[],
  { wanted, log }: { wanted: WantedRun; log: PublicationLog },
): FoundRun[] | null {
  const { name } = wanted
  const tagged = log.entries.find(
    ({ done }) => name !== null && done?.end === 'published' && done.tag === name,
  )
  if (tagged === undefined) return null
  const { nonce, commit } = tagged.begun.from
  const run = found.find(({ entry }) => entry.record.nonce === nonce)
  return run === undefined ? null : [{ ...run, commit }]
}

function isMeant({ name, attempt }: WantedRun, alike: readonly Entry[]): (run: FoundRun) => boolean {
  return ({ entry: { record } }) => {
    if (name !== null) {
      const { project, model } = record
      return [publishedTag(record), project, model].some((known) => known?.toLowerCase() === name)
    }
    return attempt === null ? !hasNewer(record, alike) : record.attempt === attempt
  }
}

function hasNewer({ revision, attempt }: LedgerRecord, among: readonly Entry[]): boolean {
  return among.some(({ record }) => record.revision === revision && record.attempt > attempt)
}

/** What was published of a run before is published again: its repository may have other commits by now. */
function commitOf({ record }: Entry, { entries }: PublicationLog): string | null {
  const before = entries.findLast(
    ({ begun, done }) => begun.from.nonce === record.nonce && done?.end === 'published',
  )
  return before?.begun.from.commit ?? null
}

/** Names successes so that each name means one of them: with as many digits as tell them apart, and the attempt. */
function namesOf(entries: readonly Entry[]): string[] {
  const revisions = new Set(entries.map(({ record }) => record.revision))
  const digits = [7, 12, 20, 40].find(
    (count) => new Set([...revisions].map((revision) => revision.slice(0, count))).size === revisions.size,
  )
  return entries.map(({ record }) => {
    const { revision, attempt } = record
    // A revision alone means its newest success.
    const which = attempt > 1 || hasNewer(record, entries) ? `-${attempt}` : ''
    return `${revision.slice(0, digits ?? 40)}${which}`
  })
}
